package promotion.rules.fairness.groups_large_enough_test

import data.promotion.rules.fairness.groups_large_enough as policy

_rows := {"low": 30, "medium": 100, "high": 200}

_positives := {"low": 10, "medium": 34, "high": 67}

_group(rows, positives) := {
	"name": "under 26", "rows": rows, "positives": positives,
	"selected": positives, "true_positives": positives, "false_positives": 0,
}

_thin(tier, group) := _thin_at(tier, group, 9500)

_thin_at(tier, group, confidence) := found if {
	found := policy.insufficient with input as {
		"request": {"declared_tier": tier, "use": {"domain": "research", "effect": "none", "autonomy": "advisory", "data": ["public"]}},
		"evidence": {"fairness_report": [{"result": {
			"confidence_bp": confidence,
			"attributes": [{"name": "age", "reference": "under 26", "groups": [object.union(_group(900, 400), {"name": "26 and over"}), group], "comparisons": [{"group": "26 and over"}]}],
		}}]},
	}
}

_few(quantity, observed, limit) := {
	"key": sprintf("%s:age=under 26", [quantity]),
	"message": sprintf("age=under 26 has %d %s, limit %d", [observed, quantity, limit]),
	"observed": observed,
	"limit": limit,
}

_contradiction := {{"key": "counts:age=under 26", "message": "the counts of age=under 26 contradict each other", "observed": null, "limit": null}}

test_allow_on_and_above_each_limit if {
	every tier, rows in _rows {
		_thin(tier, _group(rows, _positives[tier])) == set()
		_thin(tier, _group(rows + 1, _positives[tier] + 1)) == set()
	}
}

test_deny_below_each_limit if {
	every tier, rows in _rows {
		_thin(tier, _group(rows - 1, _positives[tier])) == {_few("rows", rows - 1, rows)}
		_thin(tier, _group(rows, _positives[tier] - 1)) == {_few("positives", _positives[tier] - 1, _positives[tier])}
	}
}

test_deny_both_too_few if _thin("high", _group(17, 5)) == {_few("rows", 17, 200), _few("positives", 5, 67)}

test_deny_contradicting_counts if {
	every wrong in [
		{"true_positives": 101, "selected": 101},
		{"false_positives": 201, "selected": 301},
		{"selected": 99},
	] {
		_thin("high", object.union(_group(300, 100), wrong)) == _contradiction
	}
}

test_allow_counts_on_their_bounds if _thin("high", object.union(_group(300, 100), {"false_positives": 200, "selected": 300})) == set()

test_allow_confidence_on_and_above_the_limit if {
	_thin_at("high", _group(300, 100), 9500) == set()
	_thin_at("high", _group(300, 100), 9900) == set()
}

test_deny_confidence_below_the_limit if {
	_thin_at("high", _group(300, 100), 9499) == {{
		"key": "confidence",
		"message": "intervals hold with 9499 basis points of confidence, limit 9500",
		"observed": 9499,
		"limit": 9500,
	}}
}

# Rates of 1/2 and 1/3 selected, 2/5 and 3/10 true, 3/5 and 7/20 false positives.
_old := {"name": "old", "rows": 2000, "positives": 1000, "selected": 1000, "true_positives": 400, "false_positives": 600}

_young := {"name": "young", "rows": 1200, "positives": 200, "selected": 400, "true_positives": 60, "false_positives": 340}

_compared := {
	"group": "young",
	"selection_ratio": {"estimate_bp": 6667, "lower_bp": 6000, "upper_bp": 7000},
	"tpr_gap": {"estimate_bp": 1000, "lower_bp": 800, "upper_bp": 1200},
	"fpr_gap": {"estimate_bp": 2600, "lower_bp": 2500, "upper_bp": 2700},
}

_reported(change) := found if {
	found := policy.insufficient with input as {
		"request": {"declared_tier": "low", "use": {"domain": "research", "effect": "none", "autonomy": "advisory", "data": ["public"]}},
		"evidence": {"fairness_report": [{"result": {
			"confidence_bp": 9500,
			"attributes": [object.union({"name": "age", "reference": "old", "groups": [_old, _young], "comparisons": [_compared]}, change)],
		}}]},
	}
}

_said(quantity, figures) := _reported({"comparisons": [object.union(_compared, {quantity: figures})]})

_interval(lower, estimate, upper) := {"lower_bp": lower, "estimate_bp": estimate, "upper_bp": upper}

_given := {
	"selection_ratio": {"estimate": 6667, "counts": "800000 of 1200000"},
	"tpr_gap": {"estimate": 1000, "counts": "20000 of 200000"},
	"fpr_gap": {"estimate": 2600, "counts": "260000 of 1000000"},
}

_disagrees(quantity, figures) := {{
	"key": sprintf("%s:age=young", [quantity]),
	"message": sprintf(
		"%s of age=young is said to be %d (interval %d to %d) basis points, the counts give %s",
		[quantity, figures.estimate_bp, figures.lower_bp, figures.upper_bp, _given[quantity].counts],
	),
	"observed": figures.estimate_bp,
	"limit": null,
}}

_doubt(key, words) := {{"key": key, "message": words, "observed": null, "limit": null}}

test_allow_figures_that_the_counts_give if _reported({}) == set()

test_allow_a_basis_point_of_rounding if {
	_said("selection_ratio", _interval(6000, 6666, 7000)) == set()
	every quantity in ["tpr_gap", "fpr_gap"] {
		every off in [-1, 0, 1] {
			_said(quantity, _interval(0, _given[quantity].estimate + off, 9000)) == set()
		}
	}
}

test_deny_estimate_that_the_counts_do_not_give if {
	every quantity, given in _given {
		every off in [-3, -2, 2, 3000] {
			wrong := _interval(0, given.estimate + off, 10000)
			_said(quantity, wrong) == _disagrees(quantity, wrong)
		}
	}
}

test_deny_interval_beside_its_estimate if {
	every quantity, given in _given {
		every wrong in [_interval(given.estimate + 1, given.estimate, 9000), _interval(0, given.estimate, given.estimate - 1)] {
			_said(quantity, wrong) == _disagrees(quantity, wrong)
		}
		_said(quantity, _interval(given.estimate, given.estimate, given.estimate)) == set()
	}
}

test_allow_figure_that_was_not_computed if {
	every quantity, _ in _given {
		_said(quantity, null) == set()
	}
}

test_deny_figure_where_the_reference_has_nothing if {
	nobody := object.union(_old, {"selected": 0, "true_positives": 0, "false_positives": 0})
	found := _reported({"groups": [nobody, _young], "comparisons": [object.union(_compared, {"tpr_gap": null, "fpr_gap": null})]})
	found == {{
		"key": "selection_ratio:age=young",
		"message": "selection_ratio of age=young is said to be 6667 (interval 6000 to 7000) basis points, the counts give 800000 of 0",
		"observed": 6667,
		"limit": null,
	}}
}

test_allow_ratio_at_the_end_of_the_schema if {
	rare := object.union(_old, {"selected": 1, "true_positives": 1, "false_positives": 0})
	_reported({"groups": [rare, _young], "comparisons": [object.union(_compared, {
		"selection_ratio": _interval(900000, 1000000, 1000000),
		"tpr_gap": null,
		"fpr_gap": null,
	})]}) == set()
}

test_deny_reference_that_is_no_group if {
	_reported({"reference": "none", "comparisons": [_compared, object.union(_compared, {"group": "old"})]}) == _doubt("reference:age", "age is compared with none, which is no group of it")
}

test_deny_group_not_compared if {
	_reported({"comparisons": []}) == _doubt("compared:age=young", "age=young is not compared with the reference")
}

test_deny_comparison_without_counts if {
	_reported({"comparisons": [_compared, object.union(_compared, {"group": "middle"})]}) == _doubt("compared:age=middle", "age=middle is compared and has no counts")
}

test_deny_two_groups_of_one_name if {
	twice := {"name": "young", "rows": 2400, "positives": 400, "selected": 800, "true_positives": 120, "false_positives": 680}
	_reported({"groups": [_old, _young, twice]}) == _doubt("groups:age", "two groups of age have the same name")
}
