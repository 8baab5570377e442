package promotion.rules.human_oversight.reviewers_do_overrule_test

import data.promotion.rules.human_oversight.reviewers_do_overrule as policy

_cases := {"low": 50, "medium": 100, "high": 200}

_good := {"model_digest": "sha256:aa", "cases": 10000, "overridden": 800, "reviewers": 2}

_says(tier, change, denied, thin) if {
	document := {
		"request": {"declared_tier": tier, "model": {"digest": "sha256:aa"}, "use": {"domain": "research", "effect": "none", "autonomy": "advisory", "data": ["public"]}},
		"evidence": {"oversight_exercise": [{"result": object.union(_good, change)}]},
	}
	policy.deny == denied with input as document
	policy.insufficient == thin with input as document
}

_finding(key, words, observed, limit) := {{"key": key, "message": words, "observed": observed, "limit": limit}}

test_allow_on_and_within_the_limits if {
	every tier, _ in _cases {
		every overridden in [100, 101, 800, 5999, 6000] {
			_says(tier, {"overridden": overridden}, set(), set())
		}
	}
}

test_deny_outside_of_the_limits if {
	every tier, _ in _cases {
		_says(tier, {"overridden": 99}, _finding("least", "99 of 10000 cases were overruled, limit at least 100 basis points", 99, 100), set())
		_says(tier, {"overridden": 6001}, _finding("most", "6001 of 10000 cases were overruled, limit at most 6000 basis points", 6001, 6000), set())
	}
}

test_deny_nothing_overruled if {
	_says("high", {"overridden": 0}, _finding("least", "0 of 10000 cases were overruled, limit at least 100 basis points", 0, 100), set())
}

test_deny_too_few_cases if {
	every tier, least in _cases {
		_says(tier, {"cases": least, "overridden": 10}, set(), set())
		_says(tier, {"cases": least + 1, "overridden": 10}, set(), set())
		thin := _finding("cases", sprintf("%d cases were reviewed, limit %d", [least - 1, least]), least - 1, least)
		_says(tier, {"cases": least - 1, "overridden": 10}, set(), thin)
	}
}

test_deny_no_case if {
	_says("high", {"cases": 0, "overridden": 0}, set(), _finding("cases", "0 cases were reviewed, limit 200", 0, 200))
}

test_deny_impossible_counts if {
	denied := _finding("most", "201 of 200 cases were overruled, limit at most 6000 basis points", 201, 6000)
	_says("high", {"cases": 200, "overridden": 201}, denied, _finding("counts", "201 of 200 cases cannot have been overruled", 201, 200))
}

test_deny_a_single_reviewer if {
	_says("high", {"reviewers": 1}, set(), _finding("reviewers", "one person shows that person's habit", 1, 2))
	_says("high", {"reviewers": 0}, set(), _finding("reviewers", "one person shows that person's habit", 0, 2))
}

test_deny_other_model if {
	_says("high", {"model_digest": "sha256:bb"}, _finding("model", "the exercise was with another model", "sha256:bb", null), set())
}

_reasons(effect, domain) := found if {
	found := policy.not_applicable with input as {"request": {"declared_tier": "low", "use": {
		"domain": domain, "effect": effect,
		"autonomy": "advisory", "data": ["personal"],
	}}}
}

test_allow_not_applicable_to_minor_uses if {
	_reasons("limited", "marketing") == {"no legal or significant effect, and not of the high tier"}
}

test_deny_applicable_to_grave_uses if {
	_reasons("significant", "marketing") == set()
	_reasons("none", "credit") == set()
}
