# METADATA
# scope: package
# title: Every suppressed vulnerability has an author, a product and a justification
# description: >-
#   A finding can be made to vanish by one line in an ignore file. It may be put aside only by a
#   VEX statement: who says so, of which product, and, where it is not affected, why, in a word
#   that the VEX formats define. A rule of the scanner, a statement that does not clear the
#   finding, and suppressions that are counted and not listed do not do.
# custom:
#   id: SUP-003
#   severity: high
#   evidence: [vulnerability_report]
#   waivable: [fail]
#   controls: ["nist-800-53:ra-5", "nist-800-53:si-2"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Write an OpenVEX or CycloneDX VEX statement with author, product, status and
#     justification, and wrap the report again with --vex; or take the suppression out, and let
#     the finding be judged.
package promotion.rules.supply_chain.suppressions_justified

# OpenVEX and CISA, then CycloneDX's impact analysis justifications.
_justifications := {
	"component_not_present", "inline_mitigations_already_exist", "vulnerable_code_cannot_be_controlled_by_adversary",
	"vulnerable_code_not_in_execute_path", "vulnerable_code_not_present",
	"code_not_present", "code_not_reachable", "protected_at_perimeter", "protected_at_runtime", "protected_by_compiler",
	"protected_by_mitigating_control", "requires_configuration", "requires_dependency", "requires_environment",
}

deny contains _finding(one, field, sprintf("names no %s", [field])) if {
	some one in _suppressions
	some field in ["author", "product"]
	is_null(one[field])
}

deny contains _finding(one, "status", sprintf("is suppressed and %s", [one.status])) if {
	some one in _suppressions
	not _clears(one)
}

deny contains _finding(one, "justification", sprintf("is said to be not affected for no reason that VEX knows: %v", [one.justification])) if {
	some one in _suppressions
	one.status == "not_affected"
	not _justified(one)
}

insufficient contains {"key": "suppressions", "message": message, "observed": unlisted, "limit": 0} if {
	some report in input.evidence.vulnerability_report
	unlisted := report.result.suppressed - count(report.result.suppressions)
	unlisted > 0
	message := sprintf("%d findings are suppressed and not listed", [unlisted])
}

_clears(one) if one.status in {"fixed", "not_affected"}

_justified(one) if one.justification in _justifications

_suppressions contains one if {
	some report in input.evidence.vulnerability_report
	some one in report.result.suppressions
}

_finding(one, field, words) := {"key": key, "message": message, "observed": one[field], "limit": null} if {
	key := sprintf("%s:%s=%s", [field, one.id, one.component])
	message := sprintf("%s in %s %s", [one.id, one.component, words])
}
