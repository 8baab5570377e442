package promotion.rules.explainability.reasons_move_the_score_test

import data.promotion.rules.explainability.reasons_move_the_score as policy

_limits := {"low": 8000, "medium": 9000, "high": 9500}

_rows := {"low": 50, "medium": 100, "high": 200}

_says(tier, moved, rows, denied, thin) := _of(tier, {"model_digest": "sha256:aa", "moved": moved, "rows": rows}, denied, thin)

_of(tier, test, denied, thin) if {
	document := {
		"request": {"declared_tier": tier, "model": {"digest": "sha256:aa"}, "use": {"domain": "research", "effect": "none", "autonomy": "advisory", "data": ["public"]}},
		"evidence": {"explanation_test": [{"result": test}]},
	}
	policy.deny == denied with input as document
	policy.insufficient == thin with input as document
}

_finding(key, words, observed, limit) := {{"key": key, "message": words, "observed": observed, "limit": limit}}

test_allow_above_and_on_each_limit if {
	every tier, limit in _limits {
		_says(tier, limit + 1, 10000, set(), set())
		_says(tier, limit, 10000, set(), set())
	}
}

test_deny_below_each_limit if {
	every tier, limit in _limits {
		words := sprintf("the first reason moves the score in %d of 10000 rows, limit %d basis points", [limit - 1, limit])
		_says(tier, limit - 1, 10000, _finding("moved", words, limit - 1, limit), set())
	}
}

test_deny_too_few_rows if {
	every tier, least in _rows {
		_says(tier, least, least, set(), set())
		_says(tier, least + 1, least + 1, set(), set())
		_says(tier, least - 1, least - 1, set(), _finding("rows", sprintf("%d rows were tested, limit %d", [least - 1, least]), least - 1, least))
	}
}

test_deny_no_row if _says("high", 0, 0, set(), _finding("rows", "0 rows were tested, limit 200", 0, 200))

test_deny_more_moved_than_tested if {
	_says("high", 301, 300, set(), _finding("counts", "301 of 300 rows cannot have moved", 301, 300))
}

test_deny_other_model if {
	test := {"model_digest": "sha256:bb", "moved": 300, "rows": 300}
	_of("high", test, _finding("model", "the explanations are of another model", "sha256:bb", null), set())
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
