package promotion.rules.human_oversight.people_decide_what_affects_people_test

import data.promotion.rules.human_oversight.people_decide_what_affects_people as policy

_plan := {
	"automation": "human_review", "review_queue": "credit-review", "reviewer_role": "credit-officer",
	"reviewer_can_overturn": true, "review_before_effect": true,
}

_use := {"domain": "credit", "effect": "legal", "autonomy": "human_review", "data": ["personal"]}

_document(use, plan) := {
	"request": {"declared_tier": "low", "use": object.union(_use, use)},
	"evidence": {"oversight_plan": [{"result": object.union(_plan, plan)}]},
}

_denied(use, plan) := found if {
	found := policy.deny with input as _document(use, plan)
}

_finding(key, words, observed) := {{"key": key, "message": words, "observed": observed, "limit": null}}

test_allow_reviewed_or_advised if {
	_denied({}, {}) == set()
	_denied({"autonomy": "advisory"}, {"automation": "advisory"}) == set()
}

test_deny_automated_by_request if {
	_denied({"autonomy": "automated"}, {}) == _finding("request", "the request leaves the decision to the machine", "automated")
}

test_deny_automated_by_plan if {
	_denied({}, {"automation": "automated"}) == _finding("automation", "the plan leaves the decision to the machine", "automated")
}

test_deny_no_queue if _denied({}, {"review_queue": null}) == _finding("queue", "the plan names no queue that receives cases", null)

test_deny_no_role if _denied({}, {"reviewer_role": null}) == _finding("role", "the plan names no role that reviews", null)

test_deny_no_power if _denied({}, {"reviewer_can_overturn": false}) == _finding("overturn", "the reviewer cannot decide otherwise", false)

test_deny_too_late if {
	_denied({}, {"review_before_effect": false}) == _finding("before", "review comes after the decision has taken effect", false)
}

_reasons(use, tier) := found if {
	document := object.union(_document(use, {}), {"request": {"declared_tier": tier}})
	found := policy.not_applicable with input as document
}

_no_effect := {"no legal or significant effect, and not of the high tier"}

test_allow_not_applicable_without_effect if {
	_reasons({"domain": "marketing", "effect": "limited"}, "low") == _no_effect
	_reasons({"domain": "research", "effect": "none", "data": ["public"]}, "low") == _no_effect
}

test_deny_applicable_by_effect if {
	_reasons({"domain": "marketing", "effect": "significant"}, "low") == set()
	_reasons({"domain": "marketing", "effect": "legal"}, "low") == set()
}

test_deny_applicable_by_domain_and_declared_tier if {
	_reasons({"domain": "credit", "effect": "none"}, "low") == set()
	_reasons({"domain": "marketing", "effect": "limited"}, "high") == set()
}
