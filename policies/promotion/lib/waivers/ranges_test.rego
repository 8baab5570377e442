package promotion.lib.waivers_test

import data.promotion.lib.versions
import data.promotion.lib.waivers

# A waiver for a range of versions; the waiver and helpers are those of waivers_test.rego.

_range(change) := object.union(
	object.remove(_waiver, ["subject"]),
	{"subject": object.union({"name": "m", "versions": {"from": "1.2.0", "to": "1.2.9"}, "to_stage": "production"}, change)},
)

_held(index, version, asked) := count(found) if {
	found := waivers.in_force("FAIR-001") with input as {"request": object.union(_request, asked)}
		with data.waivers as index
		with versions.signed as version
		with data.promotion.generated.catalog.policies as _catalog
		with time.now_ns as _now * 1000000000
}

_ranged(change, version) := _held({"by_digest": {}, "by_model": {"m": [_range(change)]}}, version, {})

test_range_reaches_a_signed_version_in_it if {
	_ranged({}, "1.2.0") == 1
	_ranged({}, "1.2.9") == 1
	_ranged({}, "1.2.10") == 0
	_ranged({}, "1.1.9") == 0
	_ranged({}, "1.2.5-rc.1") == 0
	_ranged({"versions": {"from": "1.2.5"}}, "1.2.4") == 0
}

test_range_without_a_signed_version_reaches_nothing if {
	_ranged({}, null) == 0
	found := waivers.in_force("FAIR-001") with input as {"request": object.union(_request, {"model": {"version": "1.2.5"}})}
		with data.waivers as {"by_digest": {}, "by_model": {"m": [_range({})]}}
		with data.promotion.generated.catalog.policies as _catalog
		with time.now_ns as _now * 1000000000
	found == set()
}

test_range_is_about_one_model_and_stage if {
	_ranged({"name": "n"}, "1.2.5") == 0
	_ranged({"to_stage": "staging"}, "1.2.5") == 0
	_held({"by_digest": {}, "by_model": {"m": [_range({})]}}, "1.2.5", {"model": {"name": "n"}}) == 0
	_held({"by_digest": {}, "by_model": {"n": [_range({})]}}, "1.2.5", {}) == 0
	_held({"by_digest": {}, "by_model": {"m": [_range({})]}}, "1.2.5", {"to_stage": "staging"}) == 0
}

# Without ranges a bundle has no index of them, and without digests an empty one.
test_either_index_alone if {
	_held({"by_digest": {"sha256:aa": [_waiver]}}, "1.2.5", {}) == 1
	_held({"by_model": {"m": [_range({})]}}, "1.2.5", {}) == 1
	_held({"by_digest": {"sha256:aa": [_waiver]}, "by_model": {"m": [_range({})]}}, "1.2.5", {}) == 2
}

test_scope_that_says_both_or_neither_reaches_nothing if {
	both := _range({"digests": ["sha256:aa"]})
	_held({"by_digest": {"sha256:aa": [both]}, "by_model": {"m": [both]}}, "1.2.5", {}) == 0
	nulls := _range({"digests": null})
	_held({"by_digest": {"sha256:aa": [nulls]}, "by_model": {"m": [nulls]}}, "1.2.5", {}) == 0
	neither := object.union(object.remove(_waiver, ["subject"]), {"subject": {"name": "m", "to_stage": "production"}})
	_held({"by_digest": {"sha256:aa": [neither]}, "by_model": {"m": [neither]}}, "1.2.5", {}) == 0
}

test_digests_do_not_reach_by_model_or_version if {
	other := object.union(_waiver, {"subject": {"digests": ["sha256:bb"]}})
	_held({"by_model": {"m": [other]}}, "1.2.5", {}) == 0
}

_narrow(severity, to) := found if {
	found := count([1 | waivers.narrow_enough(_range({"versions": {"to": to}}))]) with data.promotion.generated.catalog.policies as {"FAIR-001": {"severity": severity}}
}

test_most_versions_by_severity if {
	every severity, most in {"critical": 5, "high": 10, "medium": 20} {
		_narrow(severity, sprintf("1.2.%d", [most - 1])) == 1
		_narrow(severity, sprintf("1.2.%d", [most])) == 0
	}
	_narrow("low", "1.2.0") == 0
}

test_range_too_wide_or_not_bounded_is_not_in_force if {
	_ranged({"versions": {"to": "1.2.10"}}, "1.2.5") == 0
	_ranged({"versions": {"to": "1.3.0"}}, "1.2.5") == 0
	_ranged({"versions": {"to": "2.0.0"}}, "1.2.5") == 0
	_ranged({"versions": {"to": "1.2.*"}}, "1.2.5") == 0
	_ranged({"versions": {"to": "*"}}, "1.2.5") == 0
	_ranged({"versions": null}, "1.2.5") == 0
	_ranged({"versions": "1.2.0..1.2.9"}, "1.2.5") == 0
}

test_range_waits_for_approval_like_any_other if {
	bare := object.union(_range({}), {"approvals": []})
	_held({"by_model": {"m": [bare]}}, "1.2.5", {}) == 0
}

_stands(waiver) := found["EXC-2026-0001"] if {
	found := waivers.standings([waiver]) with data.promotion.generated.catalog.policies as _catalog
		with time.now_ns as _now * 1000000000
}

test_standing_counts_versions if {
	_stands(_range({})).versions == {"named": 10, "most": 10}
	_stands(_range({})).status == "expiring"
	_stands(_range({"versions": {"to": "1.2.10"}})).versions == {"named": 11, "most": 10}
	_stands(_range({"versions": {"to": "1.2.10"}})).status == "approved"
	_stands(_range({"versions": {"to": "1.3.0"}})).versions == {"named": null, "most": 10}
	_stands(_range({"versions": {"to": "1.3.0"}})).status == "approved"
	_stands(_waiver).versions == null
}

test_standing_of_a_policy_that_is_gone if _stands(object.union(_range({}), {"policy": "GONE-001"})).versions == null

test_overdue_range if {
	late := object.union(_range({}), {"remediation": {"due": _now - 86400}})
	found := waivers.overdue with input as {"request": _request}
		with data.waivers as {"by_model": {"m": [late]}}
		with versions.signed as "1.2.5"
		with data.promotion.generated.catalog.policies as _catalog
		with time.now_ns as _now * 1000000000
	{finding.key | some finding in found} == {"EXC-2026-0001"}
}

# Late and out of force, beside one of the same policy that is in force and in time.
test_overdue_is_said_of_what_is_in_force_alone if {
	late := object.union(_waiver, {"id": "EXC-2026-0002", "remediation": {"due": _now - 86400}, "approvals": []})
	timely := object.union(_waiver, {"remediation": {"due": _now + 86400}})
	found := waivers.overdue with input as {"request": _request}
		with data.waivers.by_digest as {"sha256:aa": [late, timely]}
		with data.promotion.generated.catalog.policies as _catalog
		with time.now_ns as _now * 1000000000
	found == set()
}

test_a_waiver_without_a_day_is_overdue if {
	every due in [null, "2026-11-20T00:00:00Z"] {
		vague := object.union(_waiver, {"remediation": {"due": due}})
		found := waivers.overdue with input as {"request": _request}
			with data.waivers.by_digest as {"sha256:aa": [vague]}
			with data.promotion.generated.catalog.policies as _catalog
			with time.now_ns as _now * 1000000000
		[[finding.key, finding.observed, finding.limit] | some finding in found] == [["EXC-2026-0001", null, null]]
	}
}
