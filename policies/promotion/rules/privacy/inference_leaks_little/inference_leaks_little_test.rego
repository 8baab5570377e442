package promotion.rules.privacy.inference_leaks_little_test

import data.promotion.rules.privacy.inference_leaks_little as policy

_limits := {"low": 6000, "medium": 5500, "high": 5200}

_records := {"low": 100, "medium": 300, "high": 1000}

_attack(tier, lower, upper, change) := object.union(
	{
		"name": "loss threshold", "kind": "membership", "members": _records[tier], "strangers": _records[tier],
		"auc": {"estimate_bp": lower, "lower_bp": lower, "upper_bp": upper},
	},
	change,
)

_says(tier, attacks, denied, thin) := _sure(tier, attacks, 9500, denied, thin)

_sure(tier, attacks, confidence, denied, thin) if {
	document := {
		"request": {"declared_tier": tier, "use": {"domain": "research", "effect": "none", "autonomy": "advisory", "data": ["public"]}},
		"evidence": {"leakage_test": [{"result": {"confidence_bp": confidence, "attacks": attacks}}]},
	}
	policy.deny == denied with input as document
	policy.insufficient == thin with input as document
}

_finding(key, words, observed, limit) := {{"key": key, "message": words, "observed": observed, "limit": limit}}

_judged(tier, lower, upper, words) := _finding(
	"loss threshold",
	sprintf(
		"area under the curve of loss threshold is %d (interval %d to %d) basis points, limit %d: %s",
		[lower, lower, upper, _limits[tier], words],
	),
	lower, _limits[tier],
)

test_allow_below_and_on_each_limit if {
	every tier, limit in _limits {
		_says(tier, [_attack(tier, 5000, limit - 1, {})], set(), set())
		_says(tier, [_attack(tier, 5000, limit, {})], set(), set())
		_says(tier, [_attack(tier, 10000 - limit, 5000, {})], set(), set())
	}
}

test_deny_across_each_limit if {
	every tier, limit in _limits {
		_says(tier, [_attack(tier, 5000, limit + 1, {})], set(), _judged(tier, 5000, limit + 1, "reaches beyond the limit"))
		_says(tier, [_attack(tier, limit, limit + 1, {})], set(), _judged(tier, limit, limit + 1, "reaches beyond the limit"))
	}
}

test_deny_above_each_limit_as_a_whole if {
	every tier, limit in _limits {
		_says(tier, [_attack(tier, limit + 1, limit + 9, {})], _judged(tier, limit + 1, limit + 9, "is beyond the limit as a whole"), set())
	}
}

test_deny_attack_that_is_always_wrong if {
	_says("high", [_attack("high", 2000, 2900, {})], _judged("high", 2000, 2900, "is beyond the limit as a whole"), set())
}

test_deny_below_each_limit_turned_round if {
	every tier, limit in _limits {
		on := 10000 - limit
		_says(tier, [_attack(tier, on - 1, on, {})], set(), _judged(tier, on - 1, on, "reaches beyond the limit"))
		_says(tier, [_attack(tier, on - 9, on - 1, {})], _judged(tier, on - 9, on - 1, "is beyond the limit as a whole"), set())
	}
}

test_deny_too_few_records if {
	every tier, least in _records {
		every kind in ["members", "strangers"] {
			words := sprintf("loss threshold was tried on %d %s, limit %d", [least - 1, kind, least])
			_says(tier, [_attack(tier, 5000, 5100, {kind: least - 1})], set(), _finding(sprintf("%s:loss threshold", [kind]), words, least - 1, least))
			_says(tier, [_attack(tier, 5000, 5100, {kind: least + 1})], set(), set())
		}
	}
}

test_deny_no_attack_on_membership if {
	thin := _finding("kinds", "membership in the training data was not attacked", null, null)
	_says("high", [_attack("high", 5000, 5100, {"kind": "attribute"})], set(), thin)
	_says("high", [], set(), thin)
}

test_deny_weak_confidence if {
	thin := _finding("confidence", "intervals hold with 9499 basis points of confidence, limit 9500", 9499, 9500)
	_sure("high", [_attack("high", 5000, 5100, {})], 9499, set(), thin)
}

_reasons(classes) := found if {
	found := policy.not_applicable with input as {"request": {"use": {"data": classes}}}
}

test_allow_not_applicable_without_personal_data if _reasons(["public", "internal"]) == {"no personal data is used"}

test_deny_applicable_to_personal_data if {
	every class in ["health", "payment_card", "personal", "special_category"] {
		_reasons(["public", class]) == set()
	}
}

test_deny_applicable_to_unknown_data if _reasons([]) == set()
