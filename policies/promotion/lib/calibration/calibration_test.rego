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

_doubts(change, report) := found if {
	whole := object.union({"confidence_bp": 9500, "rows": 100, "attributes": [{"name": "sex", "groups": [object.union(_group, change)]}]}, report)
	found := calibration.doubts(whole)
}

_doubt(key, words, observed) := {{"key": key, "message": words, "observed": observed, "limit": null}}

test_what_is_told if {
	_doubts({}, {"confidence_bp": 9499}) == _doubt("confidence", "intervals hold with 9499 basis points of confidence, limit 9500", 9499)
	_doubts({}, {"rows": 101}) == _doubt("sum=sex", "groups of sex hold 100 of 101 rows", 100)
	_doubts({"positives": 101, "gap": null}, {}) == _doubt("counts:sex=a", "the counts of sex=a contradict each other", null)
	_doubts({}, {"rows": 200, "attributes": [{"name": "sex", "groups": [_group, _group]}]}) == _doubt("groups", "two groups have the same name", null)
}

test_names_may_come_again_in_another_attribute if {
	_doubts({}, {"attributes": [{"name": "sex", "groups": [_group]}, {"name": "age", "groups": [_group]}]}) == set()
	other := object.union(_group, {"name": "b"})
	_doubts({}, {"rows": 200, "attributes": [{"name": "sex", "groups": [_group, other]}]}) == set()
	crossed := [{"name": "a", "groups": [object.union(_group, {"name": "b=c"})]}, {"name": "a=b", "groups": [object.union(_group, {"name": "c"})]}]
	_doubts({}, {"attributes": crossed}) == set()
}

test_counts_on_their_bounds if {
	_doubts({"positives": 100, "gap": null}, {}) == set()
	_doubts({"expected_bp": 1000000, "gap": null}, {}) == set()
	many := {"rows": 20000, "positives": 20000, "gap": null}
	_doubts(many, {"rows": 20000}) == set()
	_keys(object.union(many, {"positives": 20001}), {"rows": 20000}) == {"counts:sex=a"}
}

test_estimate_on_the_ends_of_its_interval if {
	_doubts({"gap": {"lower_bp": 350}}, {}) == set()
	_doubts({"gap": {"upper_bp": 350}}, {}) == set()
}
