package promotion.rules.approvals.waivers_worked_off_test

import data.promotion.rules.approvals.waivers_worked_off as policy

_now := 1800000000

_waiver := {
	"id": "EXC-2026-0001", "policy": "FAIR-001", "owner": "olga", "requester": "rae", "findings": null,
	"subject": {"name": "m", "digests": ["sha256:aa"], "to_stage": "production"},
	"risk": {"residual": {"likelihood": 1, "impact": 1}}, "opened": _now - 864000, "expires": _now + 864000,
	"remediation": {"plan": "Measure more.", "due": _now + 1}, "touched_by": ["rae"],
	"approvals": [{
		"identity": "ann", "role": "model-risk", "decision": "approve", "approved_at": _now - 5,
		"valid_until": _now + 5, "published_at": null, "rule_digest": "sha256:11",
	}],
}

_denied(change) := found if {
	found := policy.deny with input as {"request": {"model": {"name": "m", "digest": "sha256:aa"}, "to_stage": "production", "declared_tier": "high"}}
		with data.waivers.by_digest as {"sha256:aa": [object.union(_waiver, change)]}
		with data.promotion.generated.catalog.policies as {"FAIR-001": {"severity": "high", "rule_digest": "sha256:11"}}
		with time.now_ns as _now * 1000000000
}

_overdue(days) := {{
	"key": "EXC-2026-0001",
	"message": sprintf("EXC-2026-0001 of FAIR-001, owner olga, was to be mended %d days ago", [days]),
	"observed": days,
	"limit": 0,
}}

test_allow_no_waiver if policy.deny == set() with input as {"request": {"model": {"name": "m", "digest": "sha256:aa"}, "to_stage": "production"}}

test_allow_until_the_day if {
	_denied({}) == set()
	_denied({"remediation": {"due": _now}}) == set()
}

test_deny_a_second_after_the_day if {
	_denied({"remediation": {"due": _now - 1}}) == _overdue(1)
	_denied({"remediation": {"due": _now - 86401}}) == _overdue(2)
}

test_deny_day_that_cannot_be_read if {
	_denied({"remediation": {"due": "2026-01-01"}}) == {{
		"key": "EXC-2026-0001", "message": "EXC-2026-0001 of FAIR-001, owner olga, names no day by which it is mended",
		"observed": null, "limit": null,
	}}
}

test_allow_waiver_that_does_not_hold if {
	late := {"remediation": {"due": _now - 1}}
	_denied(object.union(late, {"expires": _now})) == set()
	_denied(object.union(late, {"approvals": []})) == set()
	_denied(object.union(late, {"policy": "FAIR-002"})) == set()
	_denied(object.union(late, {"subject": {"to_stage": "staging"}})) == set()
}
