package promotion.lib.transport_test

import data.promotion.lib.transport

test_addresses_in_the_clear if {
	every scheme in ["http", "ws", "redis", "amqp", "mongodb", "ftp", "HTTP"] {
		address := concat("", [scheme, "://log.example/x"])
		transport.plain(["url"], address) == {address}
		transport.plain(["url"], sprintf("a %s, b", [address])) == {address}
	}
	transport.plain(["url"], "http://a/x http://b/y") == {"http://a/x", "http://b/y"}
	transport.plain(["url"], "https://log.example wss://x rediss://x") == set()
	transport.plain(["url"], 5) == set()
}

test_documents_with_addresses if {
	transport.has_addresses({"a": [{"b": "\nHTTP://x\u2028"}]})
	transport.has_addresses({"a": "s3://x"})
	every odd in [{}, {"a": "http:/x"}, {"a": ["http:", "//x"]}, {"http": "x//y:"}] {
		not transport.has_addresses(odd)
	}
}

test_the_machine_itself_is_no_network if {
	every host in ["localhost", "127.0.0.1", "[::1]", "jo:pw@localhost"] {
		transport.plain(["url"], sprintf("http://%s:80/x", [host])) == set()
		transport.plain(["url"], sprintf("http://%s", [host])) == set()
	}
	transport.plain(["url"], "http://localhost.example/") == {"http://localhost.example/"}
	transport.plain(["url"], "http://x/localhost") == {"http://x/localhost"}
	transport.plain(["url"], "[http://[2001:db8::1]:80/x]") == {"http://[2001:db8::1]:80/x"}
}

test_names_of_schemas_and_prose_are_no_calls if {
	transport.plain(["url"], "http://www.w3.org/2001/XMLSchema") == set()
	every word in ["annotations", "description"] {
		transport.plain(["metadata", word, "a"], "http://x") == set()
	}
	transport.plain(["metadata", "labels"], "http://x") == {"http://x"}
}

_document(namespace, kind, spec) := {"kind": kind, "content": {"metadata": {"namespace": namespace}, "spec": spec}}

_here := _document("models", "x", {})

_mesh(namespace, spec) := _document(namespace, "security.istio.io/PeerAuthentication", spec)

_strict := _mesh("models", {"mtls": {"mode": "STRICT"}})

test_addresses_inside_a_strict_mesh if {
	every address in [
		"http://log", "http://log/x", "http://log:80", "redis://jo:pw@log:6379", "http://log.models.svc", "http://log.models.svc.cluster.local/x",
	] {
		transport.inside(address, _here, [_strict])
	}
	not transport.inside("http://log", _here, [])
	transport.inside("http://log.other.svc", _here, [_mesh("other", {"mtls": {"mode": "STRICT"}})])
}

test_addresses_outside_of_it if {
	every address in [
		"http://log.example", "http://log.models", "http://log.models.svc.example", "http://log.models.svc.cluster", "http://log.other.svc",
		"http://log.models.pod", "http://LOG", "http://log?x", "log",
	] {
		not transport.inside(address, _here, [_strict])
	}
	every spec in [{"mtls": {"mode": "PERMISSIVE"}}, {}, {"mtls": {"mode": "STRICT"}, "selector": {}}, {"mtls": {"mode": "STRICT"}, "portLevelMtls": {}}] {
		not transport.inside("http://log", _here, [_mesh("models", spec)])
	}
	not transport.inside("http://log", _here, [_document("models", "x", {"mtls": {"mode": "STRICT"}})])
}

_versions := {
	"TLSV1_3": 13, "TLSV1_2": 12, "TLSV1_1": 11, "TLSV1_0": 10, "TLS_1_3": 13, "TLS_1_2": 12, "TLS_1_1": 11, "TLS_1_0": 10,
	"TLS1_3": 13, "TLS1_2": 12, "TLS1_1": 11, "TLS1_0": 10, "TLSv1.2_2018": 12, "TLSv1.2_2019": 12, "TLSv1.2_2021": 12,
	"TLSv1.3_2025": 13, "TLSv1.1_2016": 11, "TLSv1_2016": 10, "TLSv1": 10, "SSLv3": 3, "1.2": 12, "1.3": 13, "1.1": 11, "1.0": 10,
	"ELBSecurityPolicy-TLS13-1-3-2021-06": 13, "ELBSecurityPolicy-TLS13-1-2-2021-06": 12, "ELBSecurityPolicy-TLS13-1-2-Res-2021-06": 12,
	"ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06": 12, "ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06": 12, "ELBSecurityPolicy-TLS13-1-1-2021-06": 11,
	"ELBSecurityPolicy-TLS13-1-0-2021-06": 10, "ELBSecurityPolicy-TLS-1-2-2017-01": 12, "ELBSecurityPolicy-TLS-1-2-Ext-2018-06": 12,
	"ELBSecurityPolicy-TLS-1-1-2017-01": 11, "ELBSecurityPolicy-2016-08": 10, "ELBSecurityPolicy-2015-05": 10,
}

_entry(kind, path, spec) := transport.entries([{"kind": kind, "content": {"spec": spec}}]) == [{
	"document": {"kind": kind, "content": {"spec": spec}},
	"path": path.path, "name": path.name, "version": path.version,
}]

_server(server, version) if _entry("networking.istio.io/Gateway", {"path": ["spec", "servers", 0], "name": "the gateway", "version": version}, {"servers": [server]})

test_servers_of_a_mesh_s_gateway if {
	every protocol in ["HTTPS", "TLS"] {
		every name, version in _versions {
			_server({"port": {"protocol": protocol}, "tls": {"minProtocolVersion": name}}, version)
		}
		every tls in [{}, {"minProtocolVersion": "TLS_AUTO"}, {"minProtocolVersion": 13}, {"httpsRedirect": "true"}] {
			_server({"port": {"protocol": protocol}, "tls": tls}, null)
		}
		_server({"port": {"protocol": protocol}}, null)
	}
	_server({"port": {"protocol": "HTTP"}, "tls": {"httpsRedirect": true}}, 13)
	_server({"port": {"protocol": "HTTP"}, "tls": {"minProtocolVersion": "TLSV1_3"}}, 0)
	_server({}, 0)
}

test_other_entry_points if {
	ingress := {"path": ["spec"], "name": "the Ingress", "version": null}
	_entry("networking.k8s.io/Ingress", ingress, {"tls": [{}]})
	every tls in [[], null, {"a": 1}, "x"] {
		_entry("networking.k8s.io/Ingress", object.union(ingress, {"version": 0}), {"tls": tls})
	}
	listener := {"path": ["spec", "listeners", 0], "name": "the listener", "version": null}
	every protocol in ["HTTPS", "TLS"] {
		_entry("gateway.networking.k8s.io/Gateway", listener, {"listeners": [{"protocol": protocol}]})
	}
	_entry("gateway.networking.k8s.io/Gateway", object.union(listener, {"version": 0}), {"listeners": [{"protocol": "HTTP"}]})
	transport.entries([{"kind": "x", "content": {"spec": {"servers": [{}], "listeners": [{}], "tls": []}}}]) == []
}

_ends(type, after, unknown) := {one.version |
	some one in transport.terminations([{"document": {}, "path": [], "address": "r.a", "type": type, "after": after, "unknown": unknown}])
}

test_where_a_resource_ends if {
	resource := {"document": {"at": "p#0"}, "path": ["x", 0], "address": "r.a", "type": "aws_lb_listener", "after": {}, "unknown": {}}
	transport.terminations([resource]) == [{"document": {"at": "p#0"}, "path": ["x", 0], "name": "r.a", "version": 0}]
}

test_listeners_of_a_plan if {
	every type in ["aws_lb_listener", "aws_alb_listener"] {
		every protocol in ["HTTPS", "TLS"] {
			_ends(type, {"protocol": protocol, "ssl_policy": "ELBSecurityPolicy-TLS13-1-3-2021-06"}, {}) == {13}
			_ends(type, {"protocol": protocol}, {"ssl_policy": true}) == {null}
			_ends(type, {"protocol": protocol, "ssl_policy": "x"}, {}) == {null}
		}
		_ends(type, {"protocol": "HTTP", "ssl_policy": "ELBSecurityPolicy-TLS13-1-3-2021-06"}, {}) == {0}
		_ends(type, {}, {"protocol": true}) == {null}
		_ends(type, {"protocol": "HTTP"}, {"ssl_policy": true}) == {0}
	}
	redirects := {"protocol": "HTTP", "default_action": [{"type": "redirect", "redirect": [{"protocol": "HTTPS"}]}]}
	_ends("aws_lb_listener", redirects, {}) == {13}
	every action in [{"type": "forward", "redirect": [{"protocol": "HTTPS"}]}, {"type": "redirect", "redirect": [{"protocol": "HTTP"}]}] {
		_ends("aws_lb_listener", {"protocol": "HTTP", "default_action": [action]}, {}) == {0}
	}
}

_at := {
	"aws_api_gateway_domain_name": {"security_policy": "TLS_1_2"},
	"aws_cloudfront_distribution": {"viewer_certificate": [{"minimum_protocol_version": "TLSv1.2_2021"}]},
	"azurerm_storage_account": {"min_tls_version": "TLS1_2"},
	"azurerm_redis_cache": {"minimum_tls_version": "1.2"},
	"azurerm_mssql_server": {"minimum_tls_version": "1.2"},
	"azurerm_postgresql_flexible_server": {"minimum_tls_version": "1.2"},
	"google_compute_ssl_policy": {"min_tls_version": "TLS_1_2"},
}

test_other_resources_of_a_plan if {
	every type, after in _at {
		[name] := [member | some member, _ in after]
		_ends(type, after, {}) == {12}
		_ends(type, {}, {}) == {null}
		_ends(type, after, {name: true}) == {null}
	}
	_ends("aws_s3_bucket", {"min_tls_version": "TLS1_2"}, {}) == set()
}
