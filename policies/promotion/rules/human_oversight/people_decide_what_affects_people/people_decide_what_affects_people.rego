# METADATA
# scope: package
# title: A person decides where people's rights are at stake
# description: >-
#   Decisions with legal or similarly significant effect are not left to a machine.
#   Somebody must see the case before it takes effect, in a queue that exists, in a
#   role that is named, and be able to decide otherwise; a reviewer who cannot is
#   decoration. Request and plan must both say so.
# custom:
#   id: HUM-001
#   severity: critical
#   evidence: [oversight_plan]
#   waivable: []
#   why_not: A person's right to be heard by a person cannot be excepted in-house.
#   controls: ["gdpr:22", "eu-ai-act:14", "omb-m-25-21:human-oversight"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Send the cases that the model would decide to a queue staffed by a named role,
#     let that role overturn them before they take effect, and state it in the plan.
package promotion.rules.human_oversight.people_decide_what_affects_people

import data.promotion.lib.tiers

not_applicable contains "no legal or significant effect, and not of the high tier" if tiers.minor

deny contains _finding("request", "the request leaves the decision to the machine", input.request.use.autonomy) if {
	input.request.use.autonomy == "automated"
}

deny contains _finding("automation", "the plan leaves the decision to the machine", plan.automation) if {
	some plan in _plans
	plan.automation == "automated"
}

deny contains _finding("queue", "the plan names no queue that receives cases", null) if {
	some plan in _plans
	is_null(plan.review_queue)
}

deny contains _finding("role", "the plan names no role that reviews", null) if {
	some plan in _plans
	is_null(plan.reviewer_role)
}

deny contains _finding("overturn", "the reviewer cannot decide otherwise", false) if {
	some plan in _plans
	plan.reviewer_can_overturn == false
}

deny contains _finding("before", "review comes after the decision has taken effect", false) if {
	some plan in _plans
	plan.review_before_effect == false
}

_plans := {statement.result | some statement in input.evidence.oversight_plan}

_finding(key, words, observed) := {"key": key, "message": words, "observed": observed, "limit": null}
