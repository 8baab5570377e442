package promotion.rules.fairness.calibration_alike_test

import data.promotion.rules.fairness.calibration_alike as policy

_limits := {"low": 1000, "medium": 500, "high": 300}

_rows := {"low": 30, "medium": 100, "high": 200}

# 10,000 rows of which half came true, so that a gap in basis points is also one in rows.
_group(gap, change) := object.union({"name": "under 26", "rows": 10000, "positives": 5000, "expected_bp": (5000 + gap.estimate_bp) * 10000, "gap": gap}, change)

_interval(estimate, lower, upper) := {"estimate_bp": estimate, "lower_bp": lower, "upper_bp": upper}

_report(tier, groups) := {
	"request": {"declared_tier": tier, "use": {"domain": "research", "effect": "none", "autonomy": "advisory", "data": ["public"]}},
	"evidence": {
		"calibration_report": [{"result": {"confidence_bp": 9500, "rows": sum([group.rows | some group in groups]), "attributes": [{"name": "age", "groups": groups}]}}],
		"fairness_report": [{"result": {"attributes": [{"name": "age", "groups": [{"name": "under 26"}]}]}}],
	},
}

_denied(tier, group) := found if {
	found := policy.deny with input as _report(tier, [group])
}

_thin(tier, group) := found if {
	found := policy.insufficient with input as _report(tier, [group])
}

_finding(key, words, observed, limit) := {"key": key, "message": words, "observed": observed, "limit": limit}

_judged(tier, gap, words) := {_finding(
	"age=under 26",
	sprintf(
		"calibration of age=under 26 is off by %d (interval %d to %d) basis points, limit %d: %s",
		[gap.estimate_bp, gap.lower_bp, gap.upper_bp, _limits[tier], words],
	),
	gap.estimate_bp, _limits[tier],
)}

test_allow_below_and_on_each_limit if {
	every tier, limit in _limits {
		every upper in [limit - 1, limit] {
			_denied(tier, _group(_interval(10, 0, upper), {})) == set()
			_thin(tier, _group(_interval(10, 0, upper), {})) == set()
		}
	}
}

test_deny_wholly_above_each_limit if {
	every tier, limit in _limits {
		gap := _interval(limit + 20, limit + 1, limit + 40)
		_denied(tier, _group(gap, {})) == _judged(tier, gap, "is beyond the limit as a whole")
		_thin(tier, _group(gap, {})) == set()
	}
}

test_deny_across_each_limit if {
	every tier, limit in _limits {
		every lower in [0, limit] {
			gap := _interval(limit, lower, limit + 1)
			_denied(tier, _group(gap, {})) == set()
			_thin(tier, _group(gap, {})) == _judged(tier, gap, "lies on both sides of the limit")
		}
	}
}

test_deny_underestimated_alike if {
	gap := _interval(400, 350, 450)
	_denied("high", _group(gap, {"expected_bp": 4600 * 10000})) == _judged("high", gap, "is beyond the limit as a whole")
}

test_deny_nothing_computed if {
	found := _thin("high", _group(_interval(0, 0, 0), {"gap": null}))
	found == {_finding("age=under 26", "no calibration could be computed for age=under 26", null, 300)}
}

test_deny_too_few_rows if {
	every tier, least in _rows {
		few := {"rows": least - 1, "positives": 0, "expected_bp": 0}
		words := sprintf("age=under 26 has %d rows, limit %d", [least - 1, least])
		_thin(tier, _group(_interval(0, 0, 1), few)) == {_finding("rows:age=under 26", words, least - 1, least)}
		_thin(tier, _group(_interval(0, 0, 1), {"rows": least, "positives": 0, "expected_bp": 0})) == set()
		_thin(tier, _group(_interval(0, 0, 1), {"rows": least + 1, "positives": 0, "expected_bp": 0})) == set()
	}
}

test_deny_group_left_out if {
	found := policy.insufficient with input as _report("high", [_group(_interval(0, 0, 1), {"name": "26 and over"})])
	found == {_finding("left out:age=under 26", "calibration of age=under 26 was not measured", null, null)}
}

test_deny_gap_that_does_not_follow if {
	words := "calibration of age=under 26 is said to be off by 10 (interval 0 to 20) basis points, the counts give 5000000 of 10000 rows"
	found := _thin("high", _group(_interval(10, 0, 20), {"expected_bp": 45000000}))
	found == {_finding("counts:age=under 26", words, 10, null)}
}

test_allow_not_applicable_to_minor_uses if {
	reasons := policy.not_applicable with input as {"request": {"declared_tier": "medium", "use": {
		"domain": "marketing", "effect": "limited",
		"autonomy": "advisory", "data": ["personal"],
	}}}
	reasons == {"no legal or significant effect, and not of the high tier"}
}

test_deny_applicable_to_credit if {
	reasons := policy.not_applicable with input as {"request": {"declared_tier": "low", "use": {
		"domain": "credit", "effect": "none",
		"autonomy": "advisory", "data": ["personal"],
	}}}
	reasons == set()
}
