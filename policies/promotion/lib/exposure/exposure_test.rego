package promotion.lib.exposure_test

import data.promotion.lib.exposure

_document(kind, content) := {"at": "d#0", "kind": kind, "content": content}

_labelled(kind, labels) := _document(kind, {"metadata": {"labels": labels}})

_why(document) := {why | why := exposure.reached(document)}

_served := ["serving.kserve.io/InferenceService", "serving.kubeflow.org/InferenceService", "serving.kserve.io/LLMInferenceService"]

test_models_of_kserve if {
	every kind in _served {
		_why(_document(kind, {})) == {"is served to the outside by KServe"}
		_why(_labelled(kind, {"networking.kserve.io/visibility": "public"})) == {"is served to the outside by KServe"}
		_why(_labelled(kind, {"networking.kserve.io/visibility": "cluster-local"})) == set()
	}
}

test_services_of_knative if {
	_why(_document("serving.knative.dev/Service", {})) == {"is served to the outside by Knative"}
	_why(_labelled("serving.knative.dev/Service", {"networking.knative.dev/visibility": "cluster-local"})) == set()
	_why(_labelled("serving.knative.dev/Service", {"networking.kserve.io/visibility": "cluster-local"})) == {"is served to the outside by Knative"}
}

test_services_by_type if {
	every type in ["LoadBalancer", "NodePort", "clusterip", 5, null] {
		_why(_document("/Service", {"spec": {"type": type}})) == {sprintf("is a Service of type %v", [type])}
	}
	every type in ["ClusterIP", "ExternalName"] {
		_why(_document("/Service", {"spec": {"type": type}})) == set()
	}
	_why(_document("/Service", {"spec": {}})) == set()
	_why(_document("/Other", {"spec": {"type": "NodePort"}})) == set()
}

test_routes if {
	_why(_document("networking.k8s.io/Ingress", {})) == {"is an Ingress"}
	every kind in [
		"gateway.networking.k8s.io/HTTPRoute", "gateway.networking.k8s.io/GRPCRoute", "gateway.networking.k8s.io/TCPRoute",
		"gateway.networking.k8s.io/TLSRoute", "route.openshift.io/Route",
	] {
		_why(_document(kind, {})) == {"is a route of a gateway"}
	}
	_why(_document("networking.istio.io/VirtualService", {"spec": {"gateways": ["mesh", "public"]}})) == {"is a route of a gateway"}
	every gateways in [["mesh"], [], null] {
		_why(_document("networking.istio.io/VirtualService", {"spec": {"gateways": gateways}})) == set()
	}
	_why(_document("networking.istio.io/Sidecar", {"spec": {"gateways": ["public"]}})) == set()
}

_model := _document("serving.kserve.io/InferenceService", {"metadata": {"namespace": "models"}})

_rule := {"from": [{"source": {"principals": ["x"]}}]}

_policy(namespace, spec) := _document("security.istio.io/AuthorizationPolicy", {"metadata": {"namespace": namespace}, "spec": spec})

_guarded(policy) if exposure.guarded(_model, [policy])

test_guards if {
	every namespace in ["models", "istio-system"] {
		_guarded(_policy(namespace, {"rules": [_rule]}))
	}
	every change in [{"action": "ALLOW"}, {"selector": {}}, {"rules": [_rule, {"from": [{"source": {"requestPrincipals": ["x"]}}]}]}] {
		_guarded(_policy("models", object.union({"rules": [_rule]}, change)))
	}
	not _guarded(_policy("other", {"rules": [_rule]}))
	not _guarded(object.union(_policy("models", {"rules": [_rule]}), {"kind": "security.istio.io/PeerAuthentication"}))
}

test_guards_that_let_somebody_in if {
	every change in [
		{"action": "DENY"}, {"action": null}, {"selector": {"matchLabels": {"app": "x"}}}, {"selector": null}, {"targetRefs": []},
		{"targetRefs": [{}]}, {"rules": []}, {"rules": null}, {"rules": {"a": _rule}}, {"rules": [_rule, {}]}, {"rules": [{"from": []}]},
		{"rules": [{"from": {"a": {"source": {"principals": ["x"]}}}}]}, {"rules": [{"from": [{"source": {}}, _rule.from[0]]}]},
		{"rules": [{"from": [{"source": {"principals": []}}]}]}, {"rules": [{"from": [{"source": {"principals": "x"}}]}]},
		{"rules": [{"from": [{"source": {"namespaces": ["x"]}}]}]},
	] {
		not _guarded(_policy("models", object.union({"rules": [_rule]}, change)))
	}
}

test_groups_that_are_known if {
	every group in [
		"", "apps", "batch", "autoscaling", "policy", "networking.k8s.io", "storage.k8s.io", "scheduling.k8s.io", "serving.kserve.io",
		"serving.kubeflow.org", "serving.knative.dev", "gateway.networking.k8s.io", "security.istio.io", "networking.istio.io",
		"gateway.envoyproxy.io", "cert-manager.io", "external-secrets.io", "secrets-store.csi.x-k8s.io", "monitoring.coreos.com",
		"route.openshift.io",
	] {
		not exposure.unknown(_document(concat("/", [group, "K"]), {}))
	}
	every kind in ["x.io/K", "apps/x/K", "K/apps"] {
		exposure.unknown(_document(kind, {}))
	}
}

_resource(type, after, unknown) := {"type": type, "after": after, "unknown": unknown}

_open := {
	"aws_apigatewayv2_route": ["authorization_type", "NONE"],
	"aws_api_gateway_method": ["authorization", "NONE"],
	"aws_lambda_function_url": ["authorization_type", "NONE"],
	"azurerm_machine_learning_workspace": ["public_network_access_enabled", true],
	"azurerm_cognitive_account": ["public_network_access_enabled", true],
	"google_cloud_run_service_iam_member": ["member", "allUsers"],
	"google_cloud_run_v2_service_iam_member": ["member", "allUsers"],
	"google_cloudfunctions2_function_iam_member": ["member", "allUsers"],
	"google_vertex_ai_endpoint_iam_member": ["member", "allUsers"],
}

test_settings_that_let_anybody_in if {
	every type, pair in _open {
		[name, value] := pair
		exposure.open_settings(_resource(type, {name: value}, {})) == {name: value}
		exposure.open_settings(_resource(type, {name: null}, {})) == {name: null}
		exposure.open_settings(_resource(type, {}, {})) == {name: null}
		exposure.open_settings(_resource(type, {name: "x"}, {})) == {}
		exposure.open_settings(_resource(type, {name: value}, {name: true})) == {}
		exposure.unsaid_settings(_resource(type, {}, {name: true})) == {name}
		exposure.unsaid_settings(_resource(type, {}, {})) == set()
	}
	every type, pair in _open {
		[name, _] := pair
		everybody := exposure.open_settings(_resource(type, {name: "allAuthenticatedUsers"}, {}))
		everybody == object.filter({"member": "allAuthenticatedUsers"}, [name])
	}
	exposure.open_settings(_resource("aws_s3_bucket", {}, {})) == {}
	exposure.unsaid_settings(_resource("aws_s3_bucket", {}, {"member": true})) == set()
}
