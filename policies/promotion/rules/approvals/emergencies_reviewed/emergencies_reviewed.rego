# METADATA
# scope: package
# title: No emergency override of this model still owes its review
# description: >-
#   An override lets a promotion pass for hours although a policy does not hold. What it let
#   through must be looked at afterwards, by somebody who had no part in it; as long as that
#   has not happened, the next emergency is one nobody has learnt from.
# custom:
#   id: APR-007
#   severity: critical
#   evidence: []
#   waivable: []
#   why_not: A review that could be excused would never be written.
#   controls: ["nist-800-53:cm-3", "soc2:CC8.1"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Hold the review of the emergency that is named, have somebody who neither asked for it
#     nor approved it sign with `hallgate override review`, and merge that. Where nobody has
#     told which overrides there were, load the waiver bundle beside the policies.
package promotion.rules.approvals.emergencies_reviewed

import data.promotion.lib.overrides

deny contains finding if {
	some id, due in overrides.overdue(input.request.model.name)
	finding := {
		"key": concat("=", ["review", id]),
		"message": sprintf("the review of the emergency override %s is overdue", [id]),
		"observed": null,
		"limit": due,
	}
}

insufficient contains finding if {
	overrides.told == false
	finding := {
		"key": "untold",
		"message": "there is no waiver bundle, so nobody can say which emergencies still owe their review",
		"observed": null,
		"limit": null,
	}
}
