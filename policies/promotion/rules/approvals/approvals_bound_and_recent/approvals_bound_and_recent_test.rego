package promotion.rules.approvals.approvals_bound_and_recent_test

import data.promotion.rules.approvals.approvals_bound_and_recent as policy

_now := 1800000000

_days := {"low": 30, "medium": 14, "high": 7}

_approval(age) := {
	"collected_at": _now - age,
	"signer": {"identity": "ann"},
	"result": {"decision": "approve", "model_digest": "sha256:aa", "to_stage": "production"},
}

_denied(tier, approvals) := found if {
	document := {
		"request": {
			"declared_tier": tier, "to_stage": "production", "model": {"digest": "sha256:aa"},
			"use": {"domain": "research", "effect": "none", "autonomy": "advisory", "data": ["public"]},
		},
		"evidence": {"approval": approvals},
	}
	found := policy.deny with input as document with time.now_ns as _now * 1000000000
}

_old(age, limit) := {
	"key": "age=ann",
	"message": sprintf("approval by ann is %d days old, limit %d", [age, limit]),
	"observed": age,
	"limit": limit,
}

test_allow_a_second_below_and_on_each_limit if {
	every tier, days in _days {
		_denied(tier, [_approval((days * 86400) - 1)]) == set()
		_denied(tier, [_approval(days * 86400)]) == set()
	}
}

test_deny_a_second_above_each_limit if {
	every tier, days in _days {
		_denied(tier, [_approval((days * 86400) + 1)]) == {_old(days + 1, days)}
	}
}

test_deny_one_old_among_fresh if {
	fresh := object.union(_approval(0), {"signer": {"identity": "ben"}})
	_denied("high", [fresh, _approval(8 * 86400)]) == {_old(8, 7)}
}

test_deny_other_digest if {
	_denied("high", [object.union(_approval(0), {"result": {"model_digest": "sha256:bb"}})]) == {{
		"key": "digest=ann",
		"message": "approval by ann is for digest sha256:bb, the request for sha256:aa",
		"observed": "sha256:bb",
		"limit": null,
	}}
}

_stage := {
	"key": "stage=ann",
	"message": "approval by ann is for stage staging, the request for production",
	"observed": "staging",
	"limit": null,
}

test_deny_other_stage if {
	_denied("high", [object.union(_approval(0), {"result": {"to_stage": "staging"}})]) == {_stage}
}

test_deny_rejection_for_another_stage if {
	_denied("high", [object.union(_approval(0), {"result": {"to_stage": "staging", "decision": "reject"}})]) == {_stage}
}
