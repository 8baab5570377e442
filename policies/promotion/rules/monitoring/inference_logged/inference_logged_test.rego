package promotion.rules.monitoring.inference_logged_test

import data.promotion.rules.monitoring.inference_logged as policy

_limits := {"low": 6, "medium": 12, "high": 72}

_document(tier, contents) := {
	"request": {
		"declared_tier": tier,
		"use": {"domain": "research", "effect": "none", "autonomy": "advisory", "data": ["public"]},
	},
	"evidence": {"deployment_manifests": [{"result": {"documents": [carried |
		some number, content in contents
		carried := {"path": "d.yaml", "place": sprintf("%d", [number]), "format": "x", "content": json.marshal(content)}
	]}}]},
}

_denied(tier, model) := found if found := policy.deny with input as _document(tier, [model])

_insufficient(tier, model) := found if found := policy.insufficient with input as _document(tier, [model])

_every := "caller, input_digest,model_version,output,request_id,time"

_model(months, fields, logger) := {
	"apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService",
	"metadata": {"annotations": {"hallgate/log-fields": fields, "hallgate/log-retention-months": months}},
	"spec": {"predictor": {"logger": logger}},
}

_kept(months) := _model(months, _every, {"mode": "all"})

_finding(what, words, observed, limit) := {
	"key": sprintf("d.yaml#0=%s", [what]),
	"message": sprintf("d.yaml#0 %s", [words]),
	"observed": observed,
	"limit": limit,
}

test_allow_on_and_above_each_limit if {
	every tier, months in _limits {
		_denied(tier, _kept(sprintf("%d", [months]))) == set()
		_denied(tier, _kept(sprintf("%d", [months + 1]))) == set()
		_insufficient(tier, _kept(sprintf("%d", [months]))) == set()
	}
}

test_deny_below_each_limit if {
	every tier, months in _limits {
		words := sprintf("keeps its log for %d months, limit %d", [months - 1, months])
		_denied(tier, _kept(sprintf("%d", [months - 1]))) == {_finding("months", words, months - 1, months)}
	}
	_denied("low", _kept("0")) == {_finding("months", "keeps its log for 0 months, limit 6", 0, 6)}
}

test_deny_without_logger_for_both if {
	silent := {_finding("logger", "has no logger that sees requests and responses", null, null)}
	_denied("low", _model("6", _every, {"mode": "request"})) == silent
	_denied("low", _model("6", _every, {})) == silent
	_denied("low", _model("6", _every, null)) == silent
}

test_deny_fields_that_are_missing if {
	_denied("low", _model("6", "caller,input_digest,model_version,output,request_id", {"mode": "all"})) == {_finding("time", "does not log time", null, null)}
	count(_denied("low", _model("6", "", {"mode": "all"}))) == 6
	count(_denied("low", _model("6", ["time"], {"mode": "all"}))) == 6
}

test_deny_months_not_said_or_not_readable if {
	model := object.remove(_kept("6"), ["metadata"])
	unsaid := object.union(model, {"metadata": {"annotations": {"hallgate/log-fields": _every}}})
	_denied("low", unsaid) == {_finding("months", "does not say for how long its log is kept", null, 6)}
	_insufficient("low", unsaid) == set()
	every said in ["for ever", "6m", "", 72, "-6"] {
		_denied("low", _kept(said)) == set()
		_insufficient("low", _kept(said)) == {_finding("months", "says how long its log is kept in a way that cannot be read", null, 6)}
	}
}

test_deny_nothing_served if {
	_insufficient("low", {"apiVersion": "v1", "kind": "ConfigMap"}) == {{"key": "none", "message": "no manifest serves a model", "observed": null, "limit": null}}
	found := policy.insufficient with input as {"evidence": {"deployment_manifests": [{"result": {"documents": [{"path": "x", "place": "0", "format": "x", "content": "5"}]}}]}}
	{"key": "x#0", "message": "x holds no document", "observed": null, "limit": null} in found
}
