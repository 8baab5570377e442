package checks.limits_test

import data.checks.limits
import data.checks.syntax_test as sample

_finding(row, message) := {
	"key": "DAT-001",
	"message": message,
	"remedy": "write `limits := {\"low\": n, \"medium\": n, \"high\": n}`, by quantity where METADATA has several",
	"file": sample.file,
	"row": row,
}

_one := [{"name": "", "unit": "rows", "sense": "minimum"}]

_two := [{"name": "hits", "unit": "hits", "sense": "maximum"}, {"name": "rows", "unit": "rows", "sense": "minimum"}]

_found(text, quantities) := found if {
	found := limits.findings with input as sample.document(text, {"limits": quantities})
}

test_deny_missing_tier_or_no_number if {
	wrong := {_finding(0, "limits are no three numbers, one each for low, medium and high")}
	_found(`limits := {"low": 1, "high": 2}`, _one) == wrong
	_found(`limits := {"low": 1, "medium": 2, "high": "3"}`, _one) == wrong
	_found(`limits := {"low": 1, "medium": 2, "high": 3, "extreme": 4}`, _one) == wrong
	_found("limits := input.limits", _one) == wrong
}

test_deny_conditional_limits if {
	wrong := {_finding(0, "limits are not written once and without a condition")}
	_found(`limits := {"low": 1, "medium": 1, "high": 1} if input.request.x`, _one) == wrong
	_found("limits contains 1", _one) == wrong
	_found("limits := {\"low\": 1, \"medium\": 1, \"high\": 1}\nlimits := {\"low\": 2, \"medium\": 2, \"high\": 2}", _one) == wrong
}

test_deny_looser_for_a_higher_tier if {
	_found(`limits := {"low": 1, "medium": 3, "high": 2}`, _one) == {_finding(0, "limits are looser for a higher tier")}
	_found(`limits := {"hits": {"low": 1, "medium": 1, "high": 2}, "rows": {"low": 1, "medium": 1, "high": 1}}`, _two) == {_finding(0, "limits of hits are looser for a higher tier")}
}

test_deny_other_than_metadata if {
	_found("", _one) == {_finding(3, "METADATA speaks of limits, the policy has none")}
	_found(`limits := {"low": 1, "medium": 1, "high": 1}`, []) == {_finding(0, "limits are given, METADATA has neither limit nor limits")}
	_found(`limits := {"hits": {"low": 1, "medium": 1, "high": 1}}`, _two) == {_finding(0, "limits are of {\"hits\"}, METADATA speaks of {\"hits\", \"rows\"}")}
}

test_allow_complete_limits if {
	_found("", []) == set()
	_found(`limits := {"low": 1, "medium": 1, "high": 2}`, _one) == set()
	_found(`limits := {"hits": {"low": 3, "medium": 1, "high": 1}, "rows": {"low": 1, "medium": 2, "high": 2}}`, _two) == set()
}
