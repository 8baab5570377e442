package promotion.rules.network.transport_encrypted_test

import data.promotion.rules.network.transport_encrypted as policy

_limits := {"low": 12, "medium": 12, "high": 13}

_statement(path, contents) := [{"result": {"documents": [carried |
	some number, content in contents
	carried := {"path": path, "place": sprintf("%d", [number]), "format": "terraform_plan", "content": json.marshal(content)}
]}}]

_private := {"address": "x.y", "type": "aws_s3_bucket", "mode": "managed", "change": {"actions": ["create"], "after": {}}}

_document(tier, manifests, resources) := {
	"request": {
		"declared_tier": tier,
		"use": {"domain": "research", "effect": "none", "autonomy": "advisory", "data": ["public"]},
	},
	"evidence": {
		"deployment_manifests": _statement("d.yaml", manifests),
		"infrastructure_plan": _statement("p.json", [{"resource_changes": resources}]),
	},
}

_denied(tier, manifests) := found if found := policy.deny with input as _document(tier, manifests, [_private])

_insufficient(tier, manifests) := found if found := policy.insufficient with input as _document(tier, manifests, [_private])

_finding(place, what, words, observed, limit) := {
	"key": sprintf("%s=%s", [place, what]),
	"message": sprintf("%s %s", [place, words]),
	"observed": observed,
	"limit": limit,
}

_logger(url) := {
	"apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService", "metadata": {"namespace": "models"},
	"spec": {"predictor": {"logger": {"url": url}}},
}

_clear(url) := {_finding("d.yaml#0/spec/predictor/logger/url", "plain", sprintf("sends in the clear to %s", [url]), null, null)}

_mesh(spec) := {"apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication", "metadata": {"namespace": "models"}, "spec": spec}

_strict := _mesh({"mtls": {"mode": "STRICT"}})

test_allow_https if {
	_denied("high", [_logger("https://log.example/x")]) == set()
	_insufficient("high", [_logger("https://log.example/x")]) == set()
	_denied("high", [_logger("http://localhost:8080/x")]) == set()
	_denied("high", [_logger("http://127.0.0.1/x")]) == set()
}

test_allow_mutual_tls_of_the_mesh if {
	every url in ["http://log", "http://log.models.svc", "http://log.models.svc.cluster.local:80/x"] {
		_denied("high", [_logger(url), _strict]) == set()
	}
}

test_deny_plain_addresses if {
	every url in ["http://log", "http://log.example/x", "HTTP://log.example", "redis://cache:6379", "http://localhost.example/"] {
		_denied("low", [_logger(url)]) == _clear(url)
	}
}

test_deny_plain_addresses_outside_the_strict_namespace if {
	every url in ["http://log.other.svc", "http://log.example", "http://log.models.svc.example", "http://a.b"] {
		_denied("low", [_logger(url), _strict]) == _clear(url)
	}
}

test_deny_mesh_that_is_not_strict_for_all if {
	every spec in [{"mtls": {"mode": "PERMISSIVE"}}, {}, {"mtls": {"mode": "STRICT"}, "selector": {}}, {"mtls": {"mode": "STRICT"}, "portLevelMtls": {"80": {"mode": "DISABLE"}}}] {
		_denied("low", [_logger("http://log"), _mesh(spec)]) == _clear("http://log")
	}
}

test_allow_links_in_annotations if _denied("low", [{"apiVersion": "v1", "kind": "X", "metadata": {"annotations": {"docs": "http://docs.example"}}}]) == set()

_gateway(server) := {"apiVersion": "networking.istio.io/v1", "kind": "Gateway", "spec": {"servers": [server]}}

_speaks(version) := _gateway({"port": {"protocol": "HTTPS"}, "tls": {"mode": "SIMPLE", "minProtocolVersion": version}})

_server := "d.yaml#0/spec/servers/0"

test_allow_on_and_above_each_limit if {
	_denied("low", [_speaks("TLSV1_2")]) == set()
	_denied("medium", [_speaks("TLSV1_2")]) == set()
	_denied("high", [_speaks("TLSV1_3")]) == set()
	_insufficient("high", [_speaks("TLSV1_3")]) == set()
	_denied("low", [_speaks("TLSV1_3")]) == set()
	_denied("high", [_gateway({"port": {"protocol": "HTTP"}, "tls": {"httpsRedirect": true}})]) == set()
}

test_deny_below_each_limit if {
	below := {"low": ["TLSV1_1", 11], "medium": ["TLSV1_1", 11], "high": ["TLSV1_2", 12]}
	every tier, pair in below {
		[name, version] := pair
		words := sprintf("the gateway speaks TLS from version %d tenths, limit %d", [version, _limits[tier]])
		_denied(tier, [_speaks(name)]) == {_finding(_server, "version", words, version, _limits[tier])}
	}
}

test_deny_gateway_without_tls if {
	plain := {_finding(_server, "plain", "the gateway speaks no TLS", null, null)}
	_denied("low", [_gateway({"port": {"protocol": "HTTP"}})]) == plain
	_denied("low", [_gateway({})]) == plain
}

test_deny_version_not_said if {
	unsaid := {_finding(_server, "version", "the gateway does not say its TLS version, or only later", null, 13)}
	_insufficient("high", [_gateway({"port": {"protocol": "HTTPS"}, "tls": {}})]) == unsaid
	_insufficient("high", [_speaks("TLS_AUTO")]) == unsaid
	_insufficient("high", [_speaks(13)]) == unsaid
}

test_deny_ingress if {
	ingress := {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "spec": {}}
	_denied("low", [ingress]) == {_finding("d.yaml#0/spec", "plain", "the Ingress speaks no TLS", null, null)}
	secured := object.union(ingress, {"spec": {"tls": [{"hosts": ["x"]}]}})
	_denied("low", [secured]) == set()
	_insufficient("low", [secured]) == {_finding("d.yaml#0/spec", "version", "the Ingress does not say its TLS version, or only later", null, 12)}
}

_resource(type, after, unknown) := {"address": "r.a", "type": type, "mode": "managed", "change": {"actions": ["create"], "after": after, "after_unknown": unknown}}

_plan(type, after) := found if found := policy.deny with input as _document("high", [], [_resource(type, after, {})])

_later(type, after, unknown) := found if found := policy.insufficient with input as _document("high", [], [_resource(type, after, unknown)])

_change := "p.json#0/resource_changes/0"

test_allow_plan_with_version if {
	_plan("aws_lb_listener", {"protocol": "HTTPS", "ssl_policy": "ELBSecurityPolicy-TLS13-1-3-2021-06"}) == set()
	_plan("azurerm_storage_account", {"min_tls_version": "TLS1_3"}) == set()
	_plan("aws_lb_listener", {"protocol": "HTTP", "default_action": [{"type": "redirect", "redirect": [{"protocol": "HTTPS"}]}]}) == set()
}

test_deny_plan_below_the_limit if {
	older := {_finding(_change, "version", "r.a speaks TLS from version 12 tenths, limit 13", 12, 13)}
	_plan("aws_lb_listener", {"protocol": "HTTPS", "ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06"}) == older
	_plan("azurerm_storage_account", {"min_tls_version": "TLS1_2"}) == older
	_plan("aws_cloudfront_distribution", {"viewer_certificate": [{"minimum_protocol_version": "TLSv1.2_2021"}]}) == older
}

test_deny_plan_in_the_clear if {
	_plan("aws_lb_listener", {"protocol": "HTTP", "default_action": [{"type": "forward"}]}) == {_finding(_change, "plain", "r.a speaks no TLS", null, null)}
}

test_deny_plan_that_says_only_later if {
	unsaid := {_finding(_change, "version", "r.a does not say its TLS version, or only later", null, 13)}
	_later("aws_lb_listener", {"protocol": "HTTPS"}, {"ssl_policy": true}) == unsaid
	_later("aws_lb_listener", {}, {"protocol": true}) == unsaid
	_later("azurerm_storage_account", {}, {"min_tls_version": true}) == unsaid
	_later("azurerm_storage_account", {}, {}) == unsaid
}

test_deny_plan_without_resources if {
	found := policy.insufficient with input as _document("low", [], [])
	found == {_finding("p.json#0/resource_changes", "opaque", "names no resource", null, null)}
}

test_deny_texts_that_are_no_documents if {
	broken := [{"result": {"documents": [{"path": "x", "place": "0", "format": "x", "content": "["}]}}]
	sound := _document("low", [], [_private]).evidence
	every kind in ["deployment_manifests", "infrastructure_plan"] {
		found := policy.insufficient with input as {"evidence": object.union(sound, {kind: broken})}
		found == {{"key": "x#0", "message": "x holds no document", "observed": null, "limit": null}}
	}
}
