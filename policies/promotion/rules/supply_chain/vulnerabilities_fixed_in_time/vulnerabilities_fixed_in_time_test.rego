package promotion.rules.supply_chain.vulnerabilities_fixed_in_time_test

import data.promotion.rules.supply_chain.vulnerabilities_fixed_in_time as policy

_now := 1800000000

_days := {"low": 30, "medium": 14, "high": 7}

_none := {
	"scanned": 40,
	"omitted": 0,
	"totals": {"critical": 0, "high": 0, "medium": 0, "low": 0, "unknown": 0},
	"findings": [],
}

_found(severity, exploited, published_at) := {
	"id": "CVE-2026-1",
	"component": "numpy@2.0",
	"severity": severity,
	"exploited": exploited,
	"published_at": published_at,
}

_document(tier, change) := {
	"request": {"declared_tier": tier, "use": {"domain": "research", "effect": "none", "autonomy": "advisory", "data": ["public"]}},
	"evidence": {"vulnerability_report": [{"result": object.union(_none, change)}]},
}

_denied(tier, change) := found if {
	found := policy.deny with input as _document(tier, change) with time.now_ns as _now * 1000000000
}

_insufficient(tier, change) := found if {
	found := policy.insufficient with input as _document(tier, change) with time.now_ns as _now * 1000000000
}

_finding(words, observed, limit) := {
	"key": "CVE-2026-1=numpy@2.0",
	"message": concat(" ", ["CVE-2026-1 in numpy@2.0", words]),
	"observed": observed,
	"limit": limit,
}

_aged(tier, age) := _denied(tier, {"findings": [_found("high", false, _now - age)], "totals": {"high": 1}})

test_allow_nothing_found if {
	_denied("high", {}) == set()
	_insufficient("high", {}) == set()
}

test_allow_a_second_below_and_on_each_limit if {
	every tier, days in _days {
		_aged(tier, (days * 86400) - 1) == set()
		_aged(tier, days * 86400) == set()
	}
	_insufficient("high", {"findings": [_found("high", false, _now)], "totals": {"high": 1}}) == set()
}

test_deny_a_second_above_each_limit if {
	every tier, days in _days {
		words := sprintf("is high and has been known for %d days, limit %d", [days + 1, days])
		_aged(tier, (days * 86400) + 1) == {_finding(words, days + 1, days)}
	}
}

test_allow_old_but_not_serious if {
	every severity in ["low", "medium"] {
		change := {"findings": [_found(severity, false, 0)], "totals": {severity: 1}}
		_denied("high", change) == set()
		_insufficient("high", change) == set()
	}
}

test_allow_not_serious_without_a_date if {
	change := {"findings": [_found("medium", false, null)], "totals": {"medium": 1}}
	_insufficient("high", change) == set()
}

test_deny_critical_of_today if {
	_denied("low", {"findings": [_found("critical", false, _now)], "totals": {"critical": 1}}) == {_finding("is critical", null, null)}
}

test_deny_exploited_whatever_its_severity if {
	every severity in ["low", "medium", "high", "unknown"] {
		change := {"findings": [_found(severity, true, _now)], "totals": {severity: 1}}
		_denied("low", change) == {_finding("is known to be exploited", null, null)}
	}
}

test_deny_high_without_a_date if {
	change := {"findings": [_found("high", false, null)], "totals": {"high": 1}}
	_denied("low", change) == set()
	_insufficient("low", change) == {_finding("is high and has no believable date", null, 30)}
}

test_deny_high_dated_in_the_future if {
	change := {"findings": [_found("high", false, _now + 1)], "totals": {"high": 1}}
	_denied("low", change) == set()
	_insufficient("low", change) == {_finding("is high and has no believable date", null, 30)}
}

test_deny_unknown_severity if {
	change := {"findings": [_found("unknown", false, _now)], "totals": {"unknown": 1}}
	_denied("low", change) == set()
	_insufficient("low", change) == {_finding("has no known severity", null, null)}
}

_omitted(number) := {
	"key": "omitted",
	"message": sprintf("%d findings are counted but not listed", [number]),
	"observed": number,
	"limit": 0,
}

test_deny_omitted if _insufficient("low", {"omitted": 1}) == {_omitted(1)}

test_deny_counted_but_not_listed if {
	every severity in ["critical", "high", "unknown"] {
		_insufficient("low", {"totals": {severity: 2}}) == {_omitted(2)}
	}
}

# A listed finding of one severity does not stand for a counted one of another.
test_deny_listed_under_another_severity if {
	change := {"findings": [_found("high", false, _now)], "totals": {"critical": 1}}
	_insufficient("low", change) == {_omitted(1)}
}

test_allow_medium_ones_are_only_counted if _insufficient("low", {"totals": {"medium": 3, "low": 4}}) == set()

test_deny_nothing_looked_at if {
	_insufficient("low", {"scanned": 0}) == {{
		"key": "scanned",
		"message": "no package was looked at",
		"observed": 0,
		"limit": null,
	}}
}
