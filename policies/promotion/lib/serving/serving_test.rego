package promotion.lib.serving_test

import data.promotion.lib.serving

_model(annotations) := {"content": {"metadata": {"annotations": annotations}}}

test_annotations if {
	serving.noted(_model({"hallgate/a": ""}), "a")
	not serving.noted(_model({"hallgate/b": "x", "a": "x"}), "a")
	not serving.noted({"content": {}}, "a")
}

test_whole_numbers if {
	every text, value in {"0": 0, "1": 1, "12": 12, "999999": 999999} {
		serving.number(_model({"hallgate/a": text}), "a") == value
	}
	every text in ["", "01", "-1", "1.5", "three", "1000000", 3, null, ["3"]] {
		not serving.number(_model({"hallgate/a": text}), "a")
	}
}

test_words_of_a_list if {
	serving.words(_model({"hallgate/a": "x, y ,z"}), "a") == {"x", "y", "z"}
	serving.words(_model({"hallgate/a": 5}), "a") == set()
	serving.words(_model({}), "a") == set()
}

_limits(kind, content) := serving.limited([{"kind": kind, "content": object.union({"metadata": {"namespace": "models"}}, content)}]) == {"models"}

_traffic(rule) := {"spec": {"rateLimit": {"local": {"rules": [rule]}}}}

test_limits_of_gateways if {
	kind := "gateway.envoyproxy.io/BackendTrafficPolicy"
	_limits(kind, _traffic({"limit": {"requests": 1}}))
	_limits(kind, {"spec": {"rateLimit": {"global": {"rules": [{"limit": {"requests": 10}}]}}}})
	every requests in [0, -1, "10", null, [1]] {
		not _limits(kind, _traffic({"limit": {"requests": requests}}))
	}
	not _limits(kind, {"spec": {"rateLimit": [{"rules": [{"limit": {"requests": 10}}]}]}})
	not _limits("gateway.envoyproxy.io/SecurityPolicy", _traffic({"limit": {"requests": 10}}))
}

test_limits_of_filters if {
	kind := "networking.istio.io/EnvoyFilter"
	every name in ["envoy.filters.http.local_ratelimit", "envoy.filters.http.ratelimit"] {
		_limits(kind, {"spec": {"configPatches": [{"patch": {"value": {"name": name}}}]}})
		not _limits("networking.istio.io/Sidecar", {"spec": {"name": name}})
	}
	not _limits(kind, {"spec": {"name": "envoy.filters.http.rbac"}})
	not _limits(kind, {"spec": {"name": "x.envoy.filters.http.ratelimit"}})
	not _limits(kind, {"other": "envoy.filters.http.ratelimit"})
}

_annotated(name, value) := {"metadata": {"annotations": {name: value}}}

test_limits_of_an_ingress if {
	kind := "networking.k8s.io/Ingress"
	every name in ["nginx.ingress.kubernetes.io/limit-rps", "nginx.ingress.kubernetes.io/limit-rpm"] {
		_limits(kind, _annotated(name, "5"))
		not _limits("/Service", _annotated(name, "5"))
		every value in ["0", "", "05", "x", 5, "1234567890"] {
			not _limits(kind, _annotated(name, value))
		}
	}
	not _limits(kind, _annotated("nginx.ingress.kubernetes.io/limit-connections", "5"))
}

test_loggers_of_each_part if {
	spec := {"predictor": {"logger": {"url": "a"}}, "transformer": {"logger": {"url": "b"}}, "explainer": {"logger": {"url": "c"}}, "other": {"logger": {}}}
	serving.loggers({"content": {"spec": spec}}) == [{"url": "a"}, {"url": "b"}, {"url": "c"}]
	serving.loggers({"content": {"spec": {"predictor": {}}}}) == []
}
