package promotion.rules.monitoring.change_within_envelope_test

import data.promotion.rules.monitoring.change_within_envelope as policy

_now := 1800000000

_paper := {
	"plan": {"id": "P1", "authorised_at": _now, "digest": "sha256:88"},
	"envelope": {
		"changes": ["retrained", "recalibrated"], "purposes": ["triage"], "inputs": ["age", "lactate"],
		"endpoints": ["ward"], "acceptance": [{"metric": "auc", "minimum_bp": 8500}],
	},
	"change": {"changes": ["retrained"], "inputs": ["age"], "endpoints": ["ward"], "protocol_followed": true},
}

_request := {"first_promotion": false, "sector": "healthcare", "use": {"domain": "clinical", "purpose": "triage"}}

_metric(name, lower) := {"name": name, "value_bp": 8700, "lower_bp": lower}

_found(request, paper, metrics) := {"deny": deny, "insufficient": insufficient} if {
	document := {"request": request, "evidence": {
		"change_plan": [{"result": paper}],
		"evaluation_report": [{"result": {"metrics": metrics}}],
	}}
	deny := policy.deny with input as document with time.now_ns as _now * 1000000000
	insufficient := policy.insufficient with input as document with time.now_ns as _now * 1000000000
}

_denied(change) := _found(_request, object.union(_paper, change), [_metric("auc", 8600)]).deny

_insufficient(change) := _found(_request, object.union(_paper, change), [_metric("auc", 8600)]).insufficient

_finding(key, words, observed, limit) := {"key": key, "message": words, "observed": observed, "limit": limit}

test_allow_inside_the_plan if {
	_denied({}) == set()
	_insufficient({}) == set()
}

test_deny_no_plan if _denied({"plan": null}) == {_finding("plan", "there is no authorised plan", null, null)}

test_deny_each_thing_outside_the_plan if {
	_denied({"change": {"changes": ["retrained", "input_added"]}}) == {_finding("changes=input_added", "this change is outside the plan: input_added", null, null)}
	_denied({"change": {"inputs": ["age", "zip"]}}) == {_finding("inputs=zip", "this input is outside the plan: zip", null, null)}
	_denied({"change": {"endpoints": ["ward", "ambulance"]}}) == {_finding("endpoints=ambulance", "this endpoint is outside the plan: ambulance", null, null)}
	_denied({"envelope": {"purposes": ["billing"]}}) == {_finding("purposes=triage", "this purpose is outside the plan: triage", null, null)}
}

test_deny_an_empty_envelope if {
	found := _denied({"envelope": {"changes": [], "purposes": [], "inputs": [], "endpoints": []}})
	{one.key | some one in found} == {"changes=retrained", "purposes=triage", "inputs=age", "endpoints=ward"}
}

test_deny_protocol_not_followed if {
	_denied({"change": {"protocol_followed": false}}) == {_finding("protocol", "the plan's protocol was not followed to its end", false, null)}
}

_accepted(metrics) := _found(_request, _paper, metrics)

test_allow_criterion_reached if {
	_accepted([_metric("auc", 8500)]) == {"deny": set(), "insufficient": set()}
	_accepted([_metric("auc", 8501)]) == {"deny": set(), "insufficient": set()}
}

test_deny_criterion_missed_by_one if {
	_accepted([_metric("auc", 8499)]).deny == {_finding("acceptance=auc", "auc is at least 8499 basis points, the plan asks for 8500", 8499, 8500)}
}

test_deny_criterion_not_evaluated_with_an_interval if {
	every metrics in [[_metric("recall", 9900)], [_metric("auc", null)]] {
		_accepted(metrics).insufficient == {_finding("acceptance=auc", "auc was not evaluated with an interval", null, null)}
	}
}

test_deny_plan_without_a_criterion if {
	_insufficient({"envelope": {"acceptance": []}}) == {_finding("acceptance", "the plan has no acceptance criterion", 0, null)}
}

test_deny_plan_of_tomorrow if {
	_insufficient({"plan": {"authorised_at": _now + 1}}) == {_finding("authorised", "the plan is authorised in the future", null, null)}
}

_reasons(request) := found if found := policy.not_applicable with input as {"request": request}

test_allow_where_it_does_not_apply if {
	_reasons(object.union(_request, {"first_promotion": true})) == {"first promotion to this stage: nothing was changed"}
	_reasons({"first_promotion": false, "sector": "finance", "use": {"domain": "credit"}}) == {"no device: neither a clinical use nor in healthcare"}
}

test_deny_applies_by_domain_or_by_sector if {
	_reasons(_request) == set()
	_reasons(object.union(_request, {"sector": "general"})) == set()
	_reasons(object.union(_request, {"use": {"domain": "research"}})) == set()
}

test_allow_metric_that_the_plan_does_not_name if {
	_accepted([_metric("auc", 8500), _metric("recall", 100)]) == {"deny": set(), "insufficient": set()}
}
