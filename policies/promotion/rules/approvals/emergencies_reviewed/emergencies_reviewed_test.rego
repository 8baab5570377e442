package promotion.rules.approvals.emergencies_reviewed_test

import data.promotion.rules.approvals.emergencies_reviewed as policy

_now := 1800000000

_day := 86400

_override(claimed_at) := {
	"id": "OVR-2026-0001", "requester": "rae", "touched_by": ["rae"], "approvals": [],
	"opened": claimed_at, "expires": claimed_at + 3600, "claimed_at": claimed_at,
}

_denied(overrides) := found if {
	found := policy.deny with input as {"request": {"model": {"name": "m"}}}
		with data.waivers.overrides as overrides
		with time.now_ns as _now * 1000000000
}

test_allow_without_overrides if {
	_denied({}) == set()
	_denied({"m": []}) == set()
}

test_allow_while_there_is_time if _denied({"m": [_override((_now - (7 * _day)) + 1)]}) == set()

test_allow_debt_of_another_model if _denied({"n": [_override(_now - (9 * _day))]}) == set()

test_deny_overdue_review if _denied({"m": [_override(_now - (9 * _day))]}) == {{
	"key": "review=OVR-2026-0001",
	"message": "the review of the emergency override OVR-2026-0001 is overdue",
	"observed": null,
	"limit": _now - (2 * _day),
}}

test_insufficient_where_nobody_has_told if policy.insufficient == {{
	"key": "untold",
	"message": "there is no waiver bundle, so nobody can say which emergencies still owe their review",
	"observed": null,
	"limit": null,
}}

test_sufficient_with_an_empty_bundle if {
	found := policy.insufficient with data.waivers.overrides as {}
	found == set()
}
