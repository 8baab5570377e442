package promotion.rules.data.retention_within_bounds_test

import data.promotion.rules.data.retention_within_bounds as policy

_us_credit := {"sector": "finance", "use": {"domain": "credit", "jurisdictions": ["eu", "us"]}}

_us_health := {"sector": "healthcare", "use": {"domain": "clinical", "jurisdictions": ["us"]}}

_general := {"sector": "general", "use": {"domain": "marketing", "jurisdictions": ["us"]}}

_document(request, kept, most) := {
	"request": request,
	"evidence": {"dataset_card": [{"result": {"retention": {"kept_days": kept, "purpose_maximum_days": most}}}]},
}

_denied(request, kept, most) := found if found := policy.deny with input as _document(request, kept, most)

_insufficient(request, kept, most) := found if found := policy.insufficient with input as _document(request, kept, most)

_finding(key, words, observed, limit) := {
	"key": key,
	"message": concat(" ", ["training data:", words]),
	"observed": observed,
	"limit": limit,
}

_short(control, kept, least) := _finding(
	concat("=", ["minimum", control]),
	sprintf("kept for %d days, %s asks for %d", [kept, control, least]),
	kept, least,
)

test_allow_below_and_on_the_purpose_maximum if {
	_denied(_general, 99, 100) == set()
	_denied(_general, 100, 100) == set()
	_insufficient(_general, 100, 100) == set()
}

test_deny_above_the_purpose_maximum if {
	_denied(_general, 101, 100) == {_finding("maximum", "kept for 101 days, the purpose allows 100", 101, 100)}
}

test_allow_no_minimum_where_no_law_sets_one if _denied(_general, 0, 100) == set()

test_deny_for_ever if {
	_denied(_general, null, 100) == {_finding("end", "no end is set", null, null)}
	_denied(_us_credit, null, 100) == {_finding("end", "no end is set", null, null)}
}

test_deny_nobody_set_a_maximum if {
	_denied(_general, 50, null) == set()
	_insufficient(_general, 50, null) == {_finding("maximum", "nobody said how long the purpose needs the data", null, null)}
}

test_deny_neither_end_nor_maximum if {
	_denied(_general, null, null) == {_finding("end", "no end is set", null, null)}
	count(_insufficient(_general, null, null)) == 1
}

test_allow_credit_on_and_above_25_months if {
	_denied(_us_credit, 762, 2000) == set()
	_denied(_us_credit, 763, 2000) == set()
}

test_deny_credit_below_25_months if {
	_denied(_us_credit, 761, 2000) == {_short("reg-b:1002.12(b)", 761, 762)}
}

test_allow_health_on_and_above_six_years if {
	_denied(_us_health, 2192, 4000) == set()
	_denied(_us_health, 2193, 4000) == set()
}

test_deny_health_below_six_years if {
	_denied(_us_health, 2191, 4000) == {_short("hipaa:164.316(b)(2)", 2191, 2192)}
}

test_deny_health_by_sector_or_by_domain if {
	by_sector := object.union(_us_health, {"use": {"domain": "research"}})
	_denied(by_sector, 1, 2) == {_short("hipaa:164.316(b)(2)", 1, 2192)}
	by_domain := object.union(_us_health, {"sector": "government", "use": {"jurisdictions": ["us_federal"]}})
	_denied(by_domain, 1, 2) == {_short("hipaa:164.316(b)(2)", 1, 2192)}
}

test_allow_outside_the_united_states if {
	_denied(object.union(_us_credit, {"use": {"jurisdictions": ["eu", "uk", "other"]}}), 1, 2) == set()
	_denied(object.union(_us_health, {"use": {"jurisdictions": ["eu"]}}), 1, 2) == set()
}

test_deny_both_minimums_and_the_maximum if {
	both := object.union(_us_credit, {"sector": "healthcare"})
	_denied(both, 30, 20) == {
		_short("reg-b:1002.12(b)", 30, 762),
		_short("hipaa:164.316(b)(2)", 30, 2192),
		_finding("maximum", "kept for 30 days, the purpose allows 20", 30, 20),
	}
}
