package promotion.lib.calibration_test

import data.promotion.lib.calibration

_group := {"name": "a", "rows": 100, "positives": 30, "expected_bp": 335000, "gap": {"estimate_bp": 350, "lower_bp": 0, "upper_bp": 900}}

_keys(change, report) := {finding.key |
	whole := object.union({"confidence_bp": 9500, "rows": 100, "attributes": [{"name": "sex", "groups": [object.union(_group, change)]}]}, report)
	some finding in calibration.doubts(whole)
}

test_sound if _keys({}, {}) == set()

test_rounding_by_one_basis_point if {
	_keys({"gap": {"estimate_bp": 351}}, {}) == set()
	_keys({"gap": {"estimate_bp": 349}}, {}) == set()
	_keys({"gap": {"estimate_bp": 352}}, {}) == {"counts:sex=a"}
	_keys({"gap": {"estimate_bp": 348}}, {}) == {"counts:sex=a"}
}

test_estimate_outside_of_its_interval if {
	_keys({"gap": {"lower_bp": 351}}, {}) == {"counts:sex=a"}
	_keys({"gap": {"upper_bp": 349}}, {}) == {"counts:sex=a"}
}

test_impossible_counts if {
	_keys({"positives": 101, "gap": null}, {}) == {"counts:sex=a"}
	_keys({"expected_bp": 1000001, "gap": null}, {}) == {"counts:sex=a"}
}

test_weak_confidence if _keys({}, {"confidence_bp": 9499}) == {"confidence"}

test_rows_of_nobody if _keys({}, {"rows": 101}) == {"sum=sex"}

test_two_groups_of_one_name if {
	_keys({}, {"rows": 200, "attributes": [{"name": "sex", "groups": [_group, _group]}]}) == {"groups"}
}
