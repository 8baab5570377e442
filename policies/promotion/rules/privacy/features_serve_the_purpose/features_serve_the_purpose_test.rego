package promotion.rules.privacy.features_serve_the_purpose_test

import data.promotion.rules.privacy.features_serve_the_purpose as policy

_limits := {"low": 2, "medium": 0, "high": 0}

_good := {"dataset": "book", "purposes": ["marketing", "testing"], "why": "It matters."}

_named(number, change) := [object.union(object.union(_good, {"name": sprintf("f%d", [at])}), change) | some at in numbers.range(1, number)]

_none := []

_says(tier, features, denied, thin) if {
	document := {
		"request": {"declared_tier": tier, "use": {"purpose": "testing", "domain": "research", "effect": "none", "autonomy": "advisory", "data": ["public"]}},
		"evidence": {
			"model_card": [{"result": {"features": features}}],
			"dataset_card": [{"result": {"datasets": [{"name": "book"}]}}],
		},
	}
	policy.deny == denied with input as document
	policy.insufficient == thin with input as document
}

_over(number, limit, names) := {{
	"key": "features",
	"message": sprintf("%d features are not needed for testing, limit %d: %s", [number, limit, names]),
	"observed": number,
	"limit": limit,
}}

test_allow_needed_features if {
	every tier, _ in _limits {
		_says(tier, _named(12, {}), set(), set())
	}
}

test_allow_below_and_on_the_limit if {
	_says("low", array.concat(_named(1, {"purposes": _none}), [object.union(_good, {"name": "g"})]), set(), set())
	_says("low", _named(2, {"purposes": _none}), set(), set())
}

test_deny_above_each_limit if {
	_says("low", _named(3, {"purposes": ["marketing"]}), _over(3, 2, "f1, f2, f3"), set())
	_says("medium", _named(1, {"purposes": ["marketing"]}), _over(1, 0, "f1"), set())
	_says("high", _named(1, {"purposes": ["marketing"]}), _over(1, 0, "f1"), set())
}

test_deny_need_that_nobody_explained if {
	_says("high", _named(1, {"why": null}), _over(1, 0, "f1"), set())
	_says("high", _named(1, {"why": " \t"}), _over(1, 0, "f1"), set())
}

test_deny_names_at_most_ten if {
	_says("high", _named(11, {"why": null}), _over(11, 0, "f1, f10, f11, f2, f3, f4, f5, f6, f7, f8"), set())
}

test_deny_data_set_that_no_card_describes if {
	thin := {{
		"key": "dataset=f1",
		"message": "f1 comes from bought list, which no dataset card describes",
		"observed": "bought list",
		"limit": null,
	}}
	_says("high", _named(1, {"dataset": "bought list"}), set(), thin)
}
