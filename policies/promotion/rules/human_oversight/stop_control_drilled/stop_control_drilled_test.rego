package promotion.rules.human_oversight.stop_control_drilled_test

import data.promotion.rules.human_oversight.stop_control_drilled as policy

_now := 1800000000

_days := {"low": 180, "medium": 90, "high": 30}

_good := {"stop_drilled_at": _now, "stop_role": "duty-officer", "stop_succeeded": true}

_says(tier, change, denied, thin) if {
	document := {
		"request": {"declared_tier": tier, "use": {"domain": "research", "effect": "none", "autonomy": "advisory", "data": ["public"]}},
		"evidence": {"oversight_exercise": [{"result": object.union(_good, change)}]},
	}
	policy.deny == denied with input as document with time.now_ns as _now * 1000000000
	policy.insufficient == thin with input as document with time.now_ns as _now * 1000000000
}

_finding(key, words, observed, limit) := {{"key": key, "message": words, "observed": observed, "limit": limit}}

test_allow_a_second_below_and_on_each_limit if {
	every tier, days in _days {
		_says(tier, {"stop_drilled_at": (_now - (days * 86400)) + 1}, set(), set())
		_says(tier, {"stop_drilled_at": _now - (days * 86400)}, set(), set())
	}
}

test_deny_a_second_above_each_limit if {
	every tier, days in _days {
		words := sprintf("the stop control was pulled %d days ago, limit %d", [days + 1, days])
		_says(tier, {"stop_drilled_at": (_now - (days * 86400)) - 1}, _finding("age", words, days + 1, days), set())
	}
}

test_deny_never_pulled if _says("high", {"stop_drilled_at": null}, _finding("age", "the stop control was never pulled", null, 30), set())

test_deny_pulled_tomorrow if {
	_says("high", {"stop_drilled_at": _now + 1}, set(), _finding("age", "the drill is dated in the future", null, 30))
}

test_deny_drill_failed if _says("high", {"stop_succeeded": false}, _finding("succeeded", "the drill did not stop the model", false, null), set())

test_deny_nobody_may if _says("high", {"stop_role": null}, _finding("role", "nobody is named who may stop the model", null, null), set())
