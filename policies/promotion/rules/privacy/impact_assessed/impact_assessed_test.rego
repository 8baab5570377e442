package promotion.rules.privacy.impact_assessed_test

import data.promotion.rules.privacy.impact_assessed as policy

_now := 1800000000

_days := {"low": 731, "medium": 550, "high": 366}

_good := {"model_digest": "sha256:aa", "purpose": "testing", "assessed_at": _now, "residual_risk": "medium", "authority_consulted": false}

_says(tier, change, denied, thin) if {
	document := {
		"request": {
			"declared_tier": tier, "model": {"digest": "sha256:aa"},
			"use": {"purpose": "testing", "domain": "research", "effect": "none", "autonomy": "advisory", "data": ["public"]},
		},
		"evidence": {"impact_assessment": [{"result": object.union(_good, change)}]},
	}
	policy.deny == denied with input as document with time.now_ns as _now * 1000000000
	policy.insufficient == thin with input as document with time.now_ns as _now * 1000000000
}

_finding(key, words, observed, limit) := {{"key": key, "message": concat(" ", ["the impact assessment", words]), "observed": observed, "limit": limit}}

test_allow_a_second_below_and_on_each_limit if {
	every tier, days in _days {
		_says(tier, {"assessed_at": (_now - (days * 86400)) + 1}, set(), set())
		_says(tier, {"assessed_at": _now - (days * 86400)}, set(), set())
	}
}

test_deny_a_second_above_each_limit if {
	every tier, days in _days {
		words := sprintf("is %d days old, limit %d", [days + 1, days])
		_says(tier, {"assessed_at": (_now - (days * 86400)) - 1}, _finding("age", words, days + 1, days), set())
	}
}

test_deny_assessed_tomorrow if {
	_says("high", {"assessed_at": _now + 1}, set(), _finding("age", "is dated in the future", null, 366))
}

test_deny_other_model if {
	_says("high", {"model_digest": "sha256:bb"}, _finding("model", "is of another model", "sha256:bb", null), set())
}

test_deny_other_purpose if {
	_says("high", {"purpose": "marketing"}, _finding("purpose", "is for marketing, the request for testing", "marketing", null), set())
}

test_deny_high_risk_without_consultation if {
	words := "leaves a high risk, and no authority was consulted"
	_says("high", {"residual_risk": "high"}, _finding("residual", words, "high", null), set())
}

test_allow_high_risk_with_consultation if {
	_says("high", {"residual_risk": "high", "authority_consulted": true}, set(), set())
}

_applies(effect, classes) := count(reasons) == 0 if {
	reasons := policy.not_applicable with input as {"request": {"use": {"effect": effect, "data": classes}}}
}

test_allow_not_applicable_without_people if {
	_applies("none", ["public", "internal"]) == false
	policy.not_applicable == {"no personal data, and no effect on a person"} with input as {"request": {"use": {"effect": "none", "data": ["public"]}}}
}

test_deny_applicable_with_people if {
	_applies("limited", ["public"])
	every class in ["health", "payment_card", "personal", "special_category"] {
		_applies("none", ["public", class])
	}
}
