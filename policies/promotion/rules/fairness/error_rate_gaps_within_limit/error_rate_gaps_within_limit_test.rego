package promotion.rules.fairness.error_rate_gaps_within_limit_test

import data.promotion.rules.fairness.error_rate_gaps_within_limit as policy

_limits := {"low": 1500, "medium": 1000, "high": 500}

_names := {"tpr_gap": "true positive rates", "fpr_gap": "false positive rates"}

_none := {"estimate_bp": 0, "lower_bp": 0, "upper_bp": 0}

_interval(lower, upper) := {"estimate_bp": lower + 1, "lower_bp": lower, "upper_bp": upper}

_says(tier, quantity, gap, denied, thin) if {
	comparison := object.union({"group": "under 26", "tpr_gap": _none, "fpr_gap": _none}, {quantity: gap})
	document := {
		"request": {"declared_tier": tier, "use": {"domain": "research", "effect": "none", "autonomy": "advisory", "data": ["public"]}},
		"evidence": {"fairness_report": [{"result": {"attributes": [{"name": "age", "comparisons": [comparison]}]}}]},
	}
	policy.deny == denied with input as document
	policy.insufficient == thin with input as document
}

_finding(tier, quantity, gap, words) := {
	"key": sprintf("%s:age=under 26", [quantity]),
	"message": sprintf(
		"gap of %s for age=under 26 is %d (interval %d to %d) basis points, limit %d: %s",
		[_names[quantity], gap.estimate_bp, gap.lower_bp, gap.upper_bp, _limits[tier], words],
	),
	"observed": gap.estimate_bp,
	"limit": _limits[tier],
}

test_allow_interval_below_and_on_the_limit if {
	every tier, limit in _limits {
		every quantity, _ in _names {
			_says(tier, quantity, _interval(0, limit - 1), set(), set())
			_says(tier, quantity, _interval(0, limit), set(), set())
		}
	}
}

test_deny_interval_wholly_above if {
	every tier, limit in _limits {
		every quantity, _ in _names {
			gap := _interval(limit + 1, limit + 300)
			_says(tier, quantity, gap, {_finding(tier, quantity, gap, "is beyond the limit as a whole")}, set())
		}
	}
}

test_deny_interval_across_the_limit if {
	every tier, limit in _limits {
		every quantity, _ in _names {
			wide := _interval(0, limit + 1)
			_says(tier, quantity, wide, set(), {_finding(tier, quantity, wide, "lies on both sides of the limit")})
			touching := _interval(limit, limit + 1)
			_says(tier, quantity, touching, set(), {_finding(tier, quantity, touching, "lies on both sides of the limit")})
		}
	}
}

test_deny_gap_not_computed if {
	every quantity, name in _names {
		_says("high", quantity, null, set(), {{
			"key": sprintf("%s:age=under 26", [quantity]),
			"message": sprintf("no gap of %s could be computed for age=under 26", [name]),
			"observed": null,
			"limit": 500,
		}})
	}
}
