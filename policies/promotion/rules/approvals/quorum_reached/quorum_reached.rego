# METADATA
# scope: package
# title: Enough people in different roles approve
# description: >-
#   One person cannot judge a model from every side, and one person with several
#   roles is still one person. As many different people, each in a role of their
#   own, must approve as the tier asks for; a role counts only when the signer
#   holds it. A single rejection stops the promotion until it is withdrawn.
# custom:
#   id: APR-001
#   severity: critical
#   evidence: [approval]
#   limit: {unit: people in different roles, sense: minimum}
#   waivable: []
#   why_not: A waiver is itself an act of approval; fewer people cannot allow fewer people.
#   controls: ["nist-800-53:cm-3", "soc2:CC8.1", "sr-26-2:effective-challenge"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Ask further people, in roles that have not spoken yet, to sign an approval of
#     this digest and stage; settle a rejection with the person who signed it.
package promotion.rules.approvals.quorum_reached

import data.promotion.lib.approvals
import data.promotion.lib.tiers

limits := {"low": 1, "medium": 2, "high": 3}

deny contains finding if {
	reached := approvals.matched(_approving)
	reached < limits[tiers.effective]
	finding := {
		"key": "quorum",
		"message": sprintf(
			"%d people in different roles approve, limit %d (roles heard: %s)",
			[reached, limits[tiers.effective], concat(", ", sort({word.role | some word in _approving}))],
		),
		"observed": reached,
		"limit": limits[tiers.effective],
	}
}

deny contains finding if {
	some statement in input.evidence.approval
	statement.result.decision == "reject"
	finding := {
		"key": concat("=", ["rejected", statement.signer.identity]),
		"message": sprintf("%s rejects as %s: %s", [statement.signer.identity, statement.result.role, statement.result.reason]),
		"observed": null,
		"limit": null,
	}
}

_approving := {{"identity": statement.signer.identity, "role": statement.result.role} |
	some statement in input.evidence.approval
	statement.result.decision == "approve"
	statement.signer.kind == "person"
	statement.result.role in statement.signer.roles
}
