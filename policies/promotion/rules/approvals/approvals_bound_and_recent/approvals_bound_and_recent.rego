# METADATA
# scope: package
# title: Approvals are about this model and stage, and recent
# description: >-
#   A word given before a retraining, or for another stage, says nothing about
#   this promotion, and circumstances change under an old one. Every approval and
#   rejection handed in must name this digest and stage and be young enough. Age
#   counts from the signature, rounded up to whole days.
# custom:
#   id: APR-003
#   severity: critical
#   evidence: [approval]
#   limit: {unit: days, sense: maximum}
#   waivable: []
#   why_not: Asking the approver again is quicker than any waiver.
#   controls: ["nist-800-53:au-10", "nist-800-53:si-7"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Have the approver sign again for this digest and stage, and take statements
#     about other ones out of the evidence.
package promotion.rules.approvals.approvals_bound_and_recent

import data.promotion.lib.evidence
import data.promotion.lib.numbers
import data.promotion.lib.tiers

limits := {"low": 30, "medium": 14, "high": 7}

deny contains finding if {
	some statement in input.evidence.approval
	statement.result.model_digest != input.request.model.digest
	finding := _finding("digest", statement, statement.result.model_digest, input.request.model.digest)
}

deny contains finding if {
	some statement in input.evidence.approval
	statement.result.to_stage != input.request.to_stage
	finding := _finding("stage", statement, statement.result.to_stage, input.request.to_stage)
}

deny contains finding if {
	some statement in input.evidence.approval
	age := numbers.days_between(statement.collected_at, evidence.now)
	age > limits[tiers.effective]
	finding := {
		"key": concat("=", ["age", statement.signer.identity]),
		"message": sprintf("approval by %s is %d days old, limit %d", [statement.signer.identity, age, limits[tiers.effective]]),
		"observed": age,
		"limit": limits[tiers.effective],
	}
}

_finding(what, statement, said, asked) := {
	"key": concat("=", [what, statement.signer.identity]),
	"message": sprintf("approval by %s is for %s %s, the request for %s", [statement.signer.identity, what, said, asked]),
	"observed": said,
	"limit": null,
}
