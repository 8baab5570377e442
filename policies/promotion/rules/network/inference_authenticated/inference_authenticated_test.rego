package promotion.rules.network.inference_authenticated_test

import data.promotion.rules.network.inference_authenticated as policy

_statement(path, contents) := [{"result": {"documents": [carried |
	some number, content in contents
	carried := {"path": path, "place": sprintf("%d", [number]), "format": "terraform_plan", "content": json.marshal(content)}
]}}]

_input(manifests, resources) := {"evidence": {
	"deployment_manifests": _statement("d.yaml", manifests),
	"infrastructure_plan": _statement("p.json", [{"resource_changes": resources}]),
}}

_private := {"address": "x.y", "type": "aws_s3_bucket", "mode": "managed", "change": {"actions": ["create"], "after": {}}}

_denied(manifests) := found if found := policy.deny with input as _input(manifests, [_private])

_insufficient(manifests) := found if found := policy.insufficient with input as _input(manifests, [_private])

_isvc(labels) := {"apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService", "metadata": {"namespace": "models", "labels": labels}, "spec": {}}

_guard(spec) := {"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy", "metadata": {"namespace": "models"}, "spec": spec}

_rule := {"from": [{"source": {"requestPrincipals": ["https://issuer.example/*"]}}]}

_open(words) := {{
	"key": "d.yaml#0=open",
	"message": sprintf("d.yaml#0 %s and asks nobody who they are", [words]),
	"observed": null,
	"limit": null,
}}

_served := "is served to the outside by KServe"

test_allow_inside_the_cluster if {
	_denied([_isvc({"networking.kserve.io/visibility": "cluster-local"})]) == set()
	_insufficient([_isvc({"networking.kserve.io/visibility": "cluster-local"})]) == set()
	_denied([{"apiVersion": "v1", "kind": "Service", "spec": {}}, {"apiVersion": "v1", "kind": "Service", "spec": {"type": "ClusterIP"}}]) == set()
}

test_allow_guarded if {
	_denied([_isvc({}), _guard({"rules": [_rule]})]) == set()
	_denied([_isvc({}), _guard({"action": "ALLOW", "selector": {}, "rules": [_rule]})]) == set()
	mesh := object.union(object.remove(_guard({"rules": [{"from": [{"source": {"principals": ["cluster.local/ns/x/sa/y"]}}]}]}), ["metadata"]), {"metadata": {"namespace": "istio-system"}})
	_denied([_isvc({}), mesh]) == set()
}

test_deny_open_kserve if {
	_denied([_isvc({})]) == _open(_served)
	_denied([_isvc({"networking.kserve.io/visibility": "public"})]) == _open(_served)
	_denied([object.remove(_isvc({}), ["metadata"])]) == _open(_served)
}

test_deny_other_ways_in if {
	_denied([{"apiVersion": "v1", "kind": "Service", "spec": {"type": "LoadBalancer"}}]) == _open("is a Service of type LoadBalancer")
	_denied([{"apiVersion": "v1", "kind": "Service", "spec": {"type": "NodePort"}}]) == _open("is a Service of type NodePort")
	_denied([{"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "spec": {}}]) == _open("is an Ingress")
	_denied([{"apiVersion": "serving.knative.dev/v1", "kind": "Service", "spec": {}}]) == _open("is served to the outside by Knative")
	_denied([{"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "spec": {}}]) == _open("is a route of a gateway")
	_denied([{"apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "spec": {"gateways": ["ns/public"]}}]) == _open("is a route of a gateway")
	_denied([{"apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "spec": {"gateways": ["mesh"]}}]) == set()
}

test_deny_policies_that_let_somebody_in if {
	every spec in [
		{"rules": [{}]}, {"rules": []}, {}, {"rules": [_rule, {"to": [{}]}]},
		{"rules": [{"from": [{"source": {"namespaces": ["x"]}}]}]}, {"rules": [{"from": []}]},
		{"rules": [{"from": [_rule.from[0], {"source": {"requestPrincipals": []}}]}]},
		{"action": "DENY", "rules": [_rule]}, {"action": "AUDIT", "rules": [_rule]},
		{"selector": {"matchLabels": {"app": "other"}}, "rules": [_rule]}, {"targetRefs": [{}], "rules": [_rule]},
	] {
		_denied([_isvc({}), _guard(spec)]) == _open(_served)
	}
}

test_deny_policy_of_another_namespace if {
	other := object.union(object.remove(_guard({"rules": [_rule]}), ["metadata"]), {"metadata": {"namespace": "other"}})
	_denied([_isvc({}), other]) == _open(_served)
}

test_deny_tokens_checked_but_not_asked_for if {
	checked := {"apiVersion": "security.istio.io/v1", "kind": "RequestAuthentication", "metadata": {"namespace": "models"}, "spec": {"jwtRules": [{"issuer": "x"}]}}
	_denied([_isvc({}), checked]) == _open(_served)
}

test_deny_kinds_that_are_not_known if {
	_insufficient([{"apiVersion": "x.io/v1", "kind": "Tunnel"}]) == {{
		"key": "d.yaml#0=kind",
		"message": "d.yaml#0 is a x.io/Tunnel, and what that exposes is not known",
		"observed": null,
		"limit": null,
	}}
}

_route(type, after, unknown) := {"address": "r.a", "type": type, "mode": "managed", "change": {"actions": ["create"], "after": after, "after_unknown": unknown}}

_plan(resource, _) := found if {
	found := policy.deny with input as _input([], [resource])
}

_resource(name, value) := {{
	"key": "p.json#0/resource_changes/0=open",
	"message": sprintf("p.json#0/resource_changes/0 r.a lets anybody in: %s", [name]),
	"observed": value,
	"limit": null,
}}

test_allow_routes_with_authorizer if {
	_plan(_route("aws_apigatewayv2_route", {"authorization_type": "JWT"}, {}), null) == set()
	_plan(_route("google_cloud_run_service_iam_member", {"member": "serviceAccount:x"}, {}), null) == set()
}

test_deny_routes_that_let_anybody_in if {
	_plan(_route("aws_apigatewayv2_route", {"authorization_type": "NONE"}, {}), null) == _resource("authorization_type", "NONE")
	_plan(_route("aws_apigatewayv2_route", {}, {}), null) == _resource("authorization_type", null)
	_plan(_route("aws_lambda_function_url", {"authorization_type": "NONE"}, {"authorization_type": false}), null) == _resource("authorization_type", "NONE")
	_plan(_route("google_cloud_run_service_iam_member", {"member": "allUsers"}, {}), null) == _resource("member", "allUsers")
}

test_deny_routes_that_say_only_later if {
	found := policy.insufficient with input as _input([], [_route("aws_apigatewayv2_route", {}, {"authorization_type": true})])
	found == {{
		"key": "p.json#0/resource_changes/0=later",
		"message": "p.json#0/resource_changes/0 r.a says only later: authorization_type",
		"observed": null,
		"limit": null,
	}}
}

test_deny_plan_without_resources if {
	found := policy.insufficient with input as _input([], [])
	found == {{"key": "p.json#0/resource_changes=opaque", "message": "p.json#0/resource_changes names no resource", "observed": null, "limit": null}}
}

test_deny_texts_that_are_no_documents if {
	broken := [{"result": {"documents": [{"path": "x", "place": "0", "format": "x", "content": "["}]}}]
	sound := _input([], [_private]).evidence
	every kind in ["deployment_manifests", "infrastructure_plan"] {
		found := policy.insufficient with input as {"evidence": object.union(sound, {kind: broken})}
		found == {{"key": "x#0", "message": "x holds no document", "observed": null, "limit": null}}
	}
}
