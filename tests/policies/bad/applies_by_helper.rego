# METADATA
# scope: package
# title: A bad policy
# description: For the test of policies/checks.
# custom:
#   id: BAD-003
#   severity: high
#   evidence: [pii_scan]
#   waivable: [fail]
#   controls: ["gdpr:6"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: None; it is meant to be bad.
package promotion.rules.bad.applies_by_helper

deny contains {"key": "a", "message": "b"} if {
	some scan in input.evidence.pii_scan
	scan.result.rows == 0
}

not_applicable contains "no rows" if _empty # expect applicability

_empty if {
	some scan in input.evidence.pii_scan
	scan.result.rows == 0
}
