package promotion.rules.data.groups_represented_test

import data.promotion.rules.data.groups_represented as policy

_limits := {"low": 5000, "medium": 3000, "high": 2000}

_attribute(name, rows, targets) := {"name": name, "source": "census", "groups": [
	{"name": "one", "rows": rows[0], "target_bp": targets[0]},
	{"name": "two", "rows": rows[1], "target_bp": targets[1]},
]}

_even := _attribute("sex", [5000, 5000], [5000, 5000])

_request(tier) := {"declared_tier": tier, "use": {
	"domain": "marketing", "effect": _effect[tier], "autonomy": "advisory", "data": ["internal"],
	"purpose": "offers", "jurisdictions": ["us"],
}}

# A significant effect asks for age and sex; in the low tier only a race model of somebody would.
_effect := {"low": "none", "medium": "significant", "high": "legal"}

_found(tier, listed) := {"deny": deny, "insufficient": insufficient} if {
	document := {"request": _request(tier), "evidence": {"data_profile": [{"result": {"rows": 10000, "representation": listed}}]}}
	deny := policy.deny with input as document
	insufficient := policy.insufficient with input as document
}

_denied(tier, rows, targets) := found if {
	found := _found(tier, [_even, _attribute("age", rows, targets)]).deny
}

_insufficient(age) := found if found := _found("high", [_even, age]).insufficient

_finding(key, words, observed, limit) := {"key": key, "message": words, "observed": observed, "limit": limit}

# With a target of half the people, 5000 rows are due of 10000.
test_allow_one_row_above_and_on_each_limit if {
	every tier, limit in _limits {
		least := 5000 - (limit / 2)
		_denied(tier, [least + 1, 10000 - (least + 1)], [5000, 5000]) == set()
		_denied(tier, [least, 10000 - least], [5000, 5000]) == set()
	}
	_found("high", [_even, _attribute("age", [5000, 5000], [5000, 5000])]).insufficient == set()
}

test_deny_one_row_below_each_limit if {
	every tier, limit in _limits {
		rows := 4999 - (limit / 2)
		words := sprintf("age=one has %d of 10000 rows, and 5000 basis points of the people the model is meant for", [rows])
		_denied(tier, [rows, 10000 - rows], [5000, 5000]) == {_finding("age=one", words, rows, limit)}
	}
}

test_deny_nobody_of_a_group if {
	words := "age=one has 0 of 10000 rows, and 1 basis points of the people the model is meant for"
	_denied("low", [0, 10000], [1, 9999]) == {_finding("age=one", words, 0, 5000)}
}

test_allow_a_surplus_that_harms_nobody if _denied("high", [1000, 9000], [200, 9800]) == set()

test_deny_attribute_left_out if {
	_found("high", [_even]).insufficient == {_finding("age", "nobody compared age with the target population", null, null)}
	count(_found("high", []).insufficient) == 2
}

test_deny_one_group if {
	alone := {"name": "age", "groups": [{"name": "one", "rows": 10000, "target_bp": 10000}]}
	_insufficient(alone) == {_finding("age", "attribute age has no second group", null, null)}
}

test_deny_rows_of_no_group if {
	_insufficient(_attribute("age", [5000, 4999], [5000, 5000])) == {_finding("age", "groups of age hold 9999 of 10000 rows", 9999, 10000)}
}

test_allow_targets_off_by_their_rounding if {
	every second in [4998, 5002] {
		_insufficient(_attribute("age", [5000, 5000], [5000, second])) == set()
	}
}

test_deny_targets_that_are_not_everybody if {
	every second in [4997, 5003] {
		words := sprintf("target shares of age add up to %d basis points", [5000 + second])
		_insufficient(_attribute("age", [5000, 5000], [5000, second])) == {_finding("age", words, 5000 + second, 10000)}
	}
}

test_allow_no_people_is_not_applicable if {
	policy.not_applicable == {"no attribute of people is required for this use"} with input as {"request": _request("low")}
	policy.not_applicable == set() with input as {"request": _request("high")}
}
