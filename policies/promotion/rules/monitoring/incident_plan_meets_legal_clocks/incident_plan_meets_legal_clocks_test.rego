package promotion.rules.monitoring.incident_plan_meets_legal_clocks_test

import data.promotion.rules.monitoring.incident_plan_meets_legal_clocks as policy

_us_bank := {"sector": "finance", "use": {"domain": "marketing", "jurisdictions": ["us"], "data": ["internal"]}}

_laws := {
	"gdpr:33(1)": {"hours": 72, "request": {"sector": "general", "use": {"domain": "marketing", "jurisdictions": ["eu"], "data": ["personal"]}}},
	"hipaa:164.404(b)": {"hours": 1440, "request": {"sector": "healthcare", "use": {"domain": "clinical", "jurisdictions": ["us"], "data": ["health"]}}},
	"bank-incident:53.3": {"hours": 36, "request": _us_bank},
	"fisma:3554(b)(7)": {"hours": 168, "request": {"sector": "government", "use": {"domain": "marketing", "jurisdictions": ["us_federal"], "data": ["internal"]}}},
}

_everybody := [{"duty": duty, "reach": "duty telephone"} |
	some duty in ["incident_lead", "security", "privacy", "clinical_safety", "regulator_liaison"]
]

_denied(request, contacts, clocks) := found if {
	found := policy.deny with input as {
		"request": request,
		"evidence": {"incident_plan": [{"result": {"contacts": contacts, "clocks": clocks}}]},
	}
}

_clock(control, hours) := {"control": control, "hours": hours, "recipient": "whom the law names"}

_finding(key, words, observed, limit) := {"key": key, "message": words, "observed": observed, "limit": limit}

test_allow_an_hour_below_and_on_each_deadline if {
	every control, law in _laws {
		_denied(law.request, _everybody, [_clock(control, law.hours - 1)]) == set()
		_denied(law.request, _everybody, [_clock(control, law.hours)]) == set()
	}
}

test_deny_an_hour_above_each_deadline if {
	every control, law in _laws {
		words := sprintf("the plan gives no notice under %s within %d hours", [control, law.hours])
		_denied(law.request, _everybody, [_clock(control, law.hours + 1)]) == {_finding(concat("=", ["clock", control]), words, law.hours + 1, law.hours)}
	}
}

test_deny_notice_without_hours if {
	words := "the plan gives no notice under bank-incident:53.3 within 36 hours"
	_denied(_us_bank, _everybody, [_clock("bank-incident:53.3", null)]) == {_finding("clock=bank-incident:53.3", words, null, 36)}
}

test_deny_each_law_the_plan_does_not_know if {
	every control, law in _laws {
		words := sprintf("the plan does not know %s, which asks for notice within %d hours", [control, law.hours])
		_denied(law.request, _everybody, []) == {_finding(concat("=", ["clock", control]), words, null, law.hours)}
	}
}

test_deny_every_law_that_runs_at_once if {
	both := {"sector": "finance", "use": {"domain": "credit", "jurisdictions": ["us", "uk"], "data": ["payment_card"]}}
	{one.key | some one in _denied(both, _everybody, [])} == {"clock=gdpr:33(1)", "clock=bank-incident:53.3"}
}

test_allow_a_clock_that_does_not_run if _denied(_us_bank, _everybody, [_clock("bank-incident:53.3", 36), _clock("gdpr:33(1)", 999)]) == set()

_unreachable(duty) := _finding(concat("=", ["contact", duty]), concat(" ", ["nobody can be reached as", duty]), null, null)

test_deny_nobody_to_call if {
	quiet := {"sector": "general", "use": {"domain": "marketing", "jurisdictions": ["other"], "data": ["internal"]}}
	_denied(quiet, [], []) == {_unreachable("incident_lead"), _unreachable("security")}
	_denied(quiet, [{"duty": "incident_lead", "reach": "duty telephone"}, {"duty": "security", "reach": null}], []) == {_unreachable("security")}
}

test_deny_duties_that_the_use_adds if {
	two := [{"duty": duty, "reach": "duty telephone"} | some duty in ["incident_lead", "security"]]
	health := _laws["hipaa:164.404(b)"].request
	_denied(health, two, [_clock("hipaa:164.404(b)", 1440)]) == {_unreachable("privacy"), _unreachable("clinical_safety"), _unreachable("regulator_liaison")}
	_denied(_us_bank, two, [_clock("bank-incident:53.3", 36)]) == {_unreachable("regulator_liaison")}
}
