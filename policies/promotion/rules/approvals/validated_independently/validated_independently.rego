# METADATA
# scope: package
# title: The model was validated by people who did not develop it
# description: >-
#   Who built a model does not see what is wrong with it. Validators may be neither
#   authors nor requester nor promoter, nor members of the team that developed it; they
#   must have validated this very model, and found it fit. SR 26-2 asks it as guidance of
#   large banks and not of generative models; house policy asks it of every model above
#   the low tier.
# custom:
#   id: APR-004
#   severity: high
#   evidence: [validation_report]
#   waivable: [fail, insufficient]
#   controls: ["nist-800-53:ca-2", "sr-26-2:independent-validation"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Have another team validate this model; meet the conditions it set, and have it
#     conclude again.
package promotion.rules.approvals.validated_independently

import data.promotion.lib.evidence
import data.promotion.lib.tiers

not_applicable contains "of the low tier" if tiers.effective == "low"

deny contains _finding(concat("=", ["validator", who]), words, who) if {
	some report in _reports
	some who in report.validators
	some duty, people in _developing
	who in people
	words := sprintf("%s validates and is %s", [who, duty])
}

deny contains _finding("team", sprintf("the validators are of the team that developed it: %s", [report.team]), report.team) if {
	some report in _reports
	_plain(report.team) == _plain(report.development_team)
}

deny contains _finding("model", "another model was validated", report.model_digest) if {
	some report in _reports
	report.model_digest != input.request.model.digest
}

deny contains _finding("conclusion", "the validators found it unfit", report.conclusion) if {
	some report in _reports
	report.conclusion == "unfit"
}

deny contains _finding("conditions", sprintf("%d conditions of the validators are not met", [report.open_conditions]), report.open_conditions) if {
	some report in _reports
	report.open_conditions > 0
}

insufficient contains _finding("concluded", "the validation is dated in the future", null) if {
	some report in _reports
	report.concluded_at > evidence.now
}

_developing := {
	"author": input.request.people.authors,
	"promoter": [input.request.people.promoter],
	"requester": [input.request.people.requester],
}

_reports := {statement.result | some statement in input.evidence.validation_report}

# One team, however it is written.
_plain(team) := regex.replace(lower(team), `[^\pL\pN]+`, "")

_finding(key, words, observed) := {"key": key, "message": words, "observed": observed, "limit": null}
