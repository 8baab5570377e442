package promotion.rules.fairness.selection_ratio_within_limit_test

import data.promotion.rules.fairness.selection_ratio_within_limit as policy

_request := {"declared_tier": "low", "use": {"domain": "credit", "effect": "legal", "autonomy": "human_review", "data": ["personal"]}}

_with(ratio) := {"request": _request, "evidence": {"fairness_report": [{"result": {"attributes": [{
	"name": "age",
	"comparisons": [{"group": "under 26", "selection_ratio": ratio}],
}]}}]}}

_finding(words, lower, upper) := {
	"key": "age=under 26",
	"message": sprintf("selection ratio of age=under 26 is 7900 (interval %d to %d) basis points, limit 8000: %s", [lower, upper, words]),
	"observed": 7900,
	"limit": 8000,
}

test_allow_interval_on_the_limit if {
	document := _with({"estimate_bp": 8800, "lower_bp": 8000, "upper_bp": 9600})
	policy.deny == set() with input as document
	policy.insufficient == set() with input as document
}

test_deny_interval_wholly_below if {
	document := _with({"estimate_bp": 7900, "lower_bp": 7000, "upper_bp": 7999})
	policy.deny == {_finding("is beyond the limit as a whole", 7000, 7999)} with input as document
	policy.insufficient == set() with input as document
}

test_deny_interval_across_the_limit if {
	document := _with({"estimate_bp": 7900, "lower_bp": 7999, "upper_bp": 8000})
	policy.deny == set() with input as document
	policy.insufficient == {_finding("lies on both sides of the limit", 7999, 8000)} with input as document
}

test_deny_ratio_not_computed if {
	document := _with(null)
	policy.insufficient == {{
		"key": "age=under 26",
		"message": "no selection ratio could be computed for age=under 26",
		"observed": null,
		"limit": 8000,
	}} with input as document
}

_at_tier(tier, upper) := count(found) if {
	request := {"declared_tier": tier, "use": {"domain": "research", "effect": "none", "autonomy": "advisory", "data": ["public"]}}
	document := object.union(_with({"estimate_bp": upper, "lower_bp": 1, "upper_bp": upper}), {"request": request})
	found := policy.deny with input as object.union(object.remove(document, ["request"]), {"request": request})
}

test_deny_below_and_allow_on_the_limit_of_each_tier if {
	every tier, limit in {"low": 7000, "medium": 8000, "high": 8000} {
		_at_tier(tier, limit - 1) == 1
		_at_tier(tier, limit) == 0
	}
}
