package checks.overrides_test

import data.checks.overrides

_now := 1800000000

_override := {
	"id": "OVR-2026-0001", "file": "x.yaml", "policies": ["FAIR-001"], "opened": _now - 3600, "expires": _now + 3600,
	"subject": {"name": "m", "digest": "sha256:aa", "to_stage": "production"}, "claimed_at": _now - 60,
}

_standing := {"status": "in_force", "needed": 2, "matched": 2, "tiers": ["low"], "forbidden": [], "barred": [], "review_by": _now}

_keys(list, standing) := {finding.key |
	some finding in overrides.findings with input as {
		"now": _now, "catalog": ["FAIR-001", "APR-001"], "overrides": list,
		"standings": {one.id: object.union(_standing, standing) | some one in list},
	}
}

test_allow_sound if _keys([_override], {}) == set()

test_deny_missing_parts if {
	found := {finding.key | some finding in overrides.findings with input as {}}
	found == {"input:catalog", "input:now", "input:overrides", "input:standings"}
}

test_deny_unjudged if "OVR-2026-0001:standing" in _keys([_override], {"status": null})

test_deny_too_long if _keys([_override], {"tiers": []}) == {"OVR-2026-0001:expires"}

test_deny_without_quorum if _keys([_override], {"matched": 1}) == {"OVR-2026-0001:quorum"}

test_deny_barred if _keys([_override], {"barred": ["ann"]}) == {"OVR-2026-0001:barred=ann"}

test_deny_forbidden_or_unknown_policy if {
	_keys([_override], {"forbidden": ["APR-001"]}) == {"OVR-2026-0001:policy=APR-001"}
	_keys([object.union(_override, {"policies": ["GONE-001"]})], {"forbidden": ["GONE-001"]}) == {"OVR-2026-0001:policy=GONE-001"}
}

test_deny_overdue_review if _keys([_override], {"status": "overdue"}) == {"OVR-2026-0001:review"}

test_allow_what_is_over if _keys([_override], {"status": "reviewed", "matched": 0, "tiers": []}) == set()

test_deny_the_third_emergency if {
	others := [object.union(_override, {"id": sprintf("OVR-2026-000%d", [n]), "opened": _now - 9000}) | some n in [2, 3]]
	count(_keys(array.concat([_override], others), {})) == 3
	_keys([_override, others[0]], {}) == set()
}
