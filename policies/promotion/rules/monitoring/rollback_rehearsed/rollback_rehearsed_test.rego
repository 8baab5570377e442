package promotion.rules.monitoring.rollback_rehearsed_test

import data.promotion.rules.monitoring.rollback_rehearsed as policy

_now := 1800000000

_days := {"low": 180, "medium": 90, "high": 30}

_good := {"previous": {"version": "2", "digest": "sha256:bb"}, "record_digest": "sha256:cc", "drilled_at": _now, "succeeded": true}

_document(tier, change) := {
	"request": {
		"first_promotion": false, "declared_tier": tier, "model": {"digest": "sha256:aa"},
		"use": {"domain": "research", "effect": "none", "autonomy": "advisory", "data": ["public"]},
	},
	"evidence": {"rollback_drill": [{"result": object.union(_good, change)}]},
}

_denied(tier, change) := found if {
	found := policy.deny with input as _document(tier, change) with time.now_ns as _now * 1000000000
}

_insufficient(tier, change) := found if {
	found := policy.insufficient with input as _document(tier, change) with time.now_ns as _now * 1000000000
}

_finding(key, words, observed, limit) := {"key": key, "message": words, "observed": observed, "limit": limit}

test_allow_a_second_below_and_on_each_limit if {
	every tier, days in _days {
		_denied(tier, {"drilled_at": (_now - (days * 86400)) + 1}) == set()
		_denied(tier, {"drilled_at": _now - (days * 86400)}) == set()
	}
	_insufficient("high", {}) == set()
}

test_deny_a_second_above_each_limit if {
	every tier, days in _days {
		words := sprintf("the drill is %d days old, limit %d", [days + 1, days])
		_denied(tier, {"drilled_at": (_now - (days * 86400)) - 1}) == {_finding("age", words, days + 1, days)}
	}
}

test_deny_never_drilled if {
	_denied("high", {"drilled_at": null}) == {_finding("age", "the way back was never walked", null, 30)}
	_insufficient("high", {"drilled_at": null}) == set()
}

test_deny_drill_in_the_future if {
	_denied("high", {"drilled_at": _now + 1}) == set()
	_insufficient("high", {"drilled_at": _now + 1}) == {_finding("age", "the drill is dated in the future", null, 30)}
}

test_deny_drill_failed if {
	_denied("high", {"succeeded": false}) == {_finding("succeeded", "the drill did not succeed", false, null)}
}

test_deny_predecessor_without_a_record if {
	_denied("high", {"record_digest": null}) == {_finding("record", "the previous version has no decision record", null, null)}
}

test_deny_predecessor_is_the_promoted_model if {
	_denied("high", {"previous": {"digest": "sha256:aa"}}) == {_finding("previous", "the previous version is the promoted one", "sha256:aa", null)}
}

test_allow_first_promotion_is_not_applicable if {
	reason := "first promotion to this stage: there is no version to go back to"
	policy.not_applicable == {reason} with input as {"request": {"first_promotion": true}}
	policy.not_applicable == set() with input as {"request": {"first_promotion": false}}
	policy.not_applicable == set() with input as {"request": {}}
}
