package promotion.rules.threats.extraction_slowed_test

import data.promotion.rules.threats.extraction_slowed as policy

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

_denied(tier, contents) := found if found := policy.deny with input as _document(tier, contents)

_insufficient(tier, contents) := found if found := policy.insufficient with input as _document(tier, contents)

_model(decimals) := {
	"apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService",
	"metadata": {"namespace": "models", "annotations": {"hallgate/output-decimals": decimals}}, "spec": {},
}

_limit(spec) := {"apiVersion": "gateway.envoyproxy.io/v1alpha1", "kind": "BackendTrafficPolicy", "metadata": {"namespace": "models"}, "spec": spec}

_ten := _limit({"rateLimit": {"local": {"rules": [{"limit": {"requests": 10, "unit": "Second"}}]}}})

_finding(what, words, observed, limit) := {
	"key": sprintf("d.yaml#0=%s", [what]),
	"message": sprintf("d.yaml#0 %s", [words]),
	"observed": observed,
	"limit": limit,
}

_unlimited := {_finding("rate", "is served in models, where nothing limits requests", null, null)}

test_allow_below_and_on_the_limit_of_each_tier if {
	every tier in ["low", "medium", "high"] {
		_denied(tier, [_model("3"), _ten]) == set()
		_denied(tier, [_model("4"), _ten]) == set()
		_insufficient(tier, [_model("0"), _ten]) == set()
	}
}

test_allow_other_limits_of_requests if {
	filter := {"apiVersion": "networking.istio.io/v1alpha3", "kind": "EnvoyFilter", "metadata": {"namespace": "models"}, "spec": {"configPatches": [{"patch": {"value": {"name": "envoy.filters.http.local_ratelimit"}}}]}}
	_denied("high", [_model("3"), filter]) == set()
	ingress := {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"namespace": "models", "annotations": {"nginx.ingress.kubernetes.io/limit-rps": "5"}}}
	_denied("high", [_model("3"), ingress]) == set()
}

test_deny_above_the_limit_of_each_tier if {
	every tier in ["low", "medium", "high"] {
		_denied(tier, [_model("5"), _ten]) == {_finding("decimals", "answers with 5 decimals, limit 4", 5, 4)}
	}
}

test_deny_without_limit_of_requests if {
	_denied("high", [_model("3")]) == _unlimited
	every spec in [{}, {"rateLimit": "x"}, {"rateLimit": {"local": {"rules": []}}}, {"rateLimit": {"local": {"rules": [{"limit": {"requests": 0}}]}}}, {"rateLimit": {"local": {"rules": [{"limit": {"requests": "10"}}]}}}] {
		_denied("high", [_model("3"), _limit(spec)]) == _unlimited
	}
	_denied("high", [_model("3"), object.union(object.remove(_ten, ["metadata"]), {"metadata": {"namespace": "other"}})]) == _unlimited
}

test_deny_decimals_not_said if {
	model := object.remove(_model("3"), ["metadata"])
	silent := [object.union(model, {"metadata": {"namespace": "models"}}), _ten]
	_insufficient("high", silent) == set()
	_denied("high", silent) == {_finding("decimals", "does not say to how many decimals its outputs are rounded", null, 4)}
}

test_deny_decimals_that_cannot_be_read if {
	every said in ["three", "", 3, "-1", "3.5"] {
		_denied("high", [_model(said), _ten]) == set()
		_insufficient("high", [_model(said), _ten]) == {_finding("decimals", "says its decimals in a way that cannot be read", null, 4)}
	}
}

test_deny_nothing_served if {
	_insufficient("high", [_ten]) == {{"key": "none", "message": "no manifest serves a model", "observed": null, "limit": null}}
	found := policy.insufficient with input as {"evidence": {"deployment_manifests": [{"result": {"documents": [{"path": "x", "place": "0", "format": "x", "content": "5"}]}}]}}
	{"key": "x#0", "message": "x holds no document", "observed": null, "limit": null} in found
}
