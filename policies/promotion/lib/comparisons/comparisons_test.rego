package promotion.lib.comparisons_test

import data.promotion.lib.comparisons

_group(name, rows, selected) := {"name": name, "rows": rows, "selected": selected, "positives": 0, "true_positives": 0, "false_positives": 0}

# The keys of what is doubtful when a group of so many is compared with a reference of so many.
_doubts(group, reference, ratio) := {finding.key |
	some finding in comparisons.doubts({
		"name": "age", "reference": "old",
		"groups": [_group("young", group[0], group[1]), _group("old", reference[0], reference[1])],
		"comparisons": [{"group": "young", "selection_ratio": ratio}],
	})
}

_exactly(estimate) := {"estimate_bp": estimate, "lower_bp": estimate, "upper_bp": estimate}

_doubt := {"selection_ratio:age=young"}

test_a_share_of_nothing_has_no_estimate if {
	_doubts([9, 0], [9, 0], _exactly(0)) == _doubt
	_doubts([9, 1], [9, 0], _exactly(1000000)) == _doubt
	_doubts([9, 0], [9, 0], null) == set()
}

test_a_share_of_one if {
	_doubts([1, 1], [1, 1], _exactly(10000)) == set()
	_doubts([1, 1], [200, 1], _exactly(1000000)) == set()
}

test_a_ratio_above_a_hundred_is_said_to_be_one if {
	_doubts([101, 1], [10100, 1], _exactly(1000000)) == set()
	_doubts([101, 1], [10101, 1], _exactly(1000000)) == set()
	_doubts([101, 1], [10099, 1], _exactly(1000000)) == _doubt
	_doubts([100, 90], [100, 1], _exactly(1000000)) == _doubt
	_doubts([1, 1], [99, 1], _exactly(1000000)) == _doubt
}

test_a_ratio_above_a_hundred_lies_in_its_interval if {
	_doubts([1, 1], [200, 1], {"estimate_bp": 1000000, "lower_bp": 1000001, "upper_bp": 1000001}) == _doubt
	_doubts([1, 1], [200, 1], {"estimate_bp": 1000000, "lower_bp": 0, "upper_bp": 999999}) == _doubt
}
