# METADATA
# scope: package
# title: Nobody approves or promotes their own work
# description: >-
#   Whoever built the model, asks for the promotion or carries it out has an
#   interest in its success. An approver may be none of these, and an author may
#   not carry out the promotion. An author may ask for it.
# custom:
#   id: APR-002
#   severity: critical
#   evidence: [approval]
#   waivable: []
#   why_not: Without separate people no approval, and so no waiver, can be believed.
#   controls: ["nist-800-53:ac-5", "soc2:CC8.1", "sr-26-2:effective-challenge"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Have somebody else approve, or let the release pipeline carry the promotion
#     out; take the approval of the person with both duties out of the evidence.
package promotion.rules.approvals.duties_separate

_apart := {
	{"author", "approver"},
	{"author", "promoter"},
	{"promoter", "approver"},
	{"requester", "approver"},
}

deny contains finding if {
	some identity, held in _duties
	some pair in _apart
	count(pair - held) == 0
	both := concat("+", sort(pair))
	finding := {
		"key": concat("=", [identity, both]),
		"message": sprintf("%s is %s", [identity, concat(" and ", sort(pair))]),
		"observed": both,
		"limit": null,
	}
}

_duties[identity] contains "author" if some identity in input.request.people.authors

_duties[input.request.people.requester] contains "requester"

_duties[input.request.people.promoter] contains "promoter"

_duties[statement.signer.identity] contains "approver" if {
	some statement in input.evidence.approval
	statement.result.decision == "approve"
}
