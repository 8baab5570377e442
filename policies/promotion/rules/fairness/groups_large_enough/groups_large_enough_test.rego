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
			"attributes": [{"name": "age", "groups": [object.union(_group(900, 400), {"name": "26 and over"}), group]}],
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
