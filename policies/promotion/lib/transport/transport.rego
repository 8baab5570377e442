# METADATA
# title: Transport
# description: Addresses in the clear, and entry points with the lowest TLS version they speak.
package promotion.lib.transport

import data.promotion.lib.plans
import data.promotion.lib.workloads

# What explains a document is no address that is called.
_prose := {"annotations", "description"}

# METADATA
# description: Whether anything in a document may be an address; the others need no walk.
has_addresses(content) if contains(json.marshal(content), "://")

# METADATA
# description: Addresses in a text that are called without TLS; the machine itself is no network.
plain(path, text) := {address |
	is_string(text)
	some address in regex.find_n(`(?i)\b(?:http|ws|redis|amqp|mongodb|ftp)://(?:\[[0-9a-f:.]+\])?[^\s"'<>,;)}\]]*`, text, -1)
	words := {word | some word in path}
	count(words & _prose) == 0
	not regex.match(`(?i)^[a-z]+://(?:[^/@]*@)?(?:localhost|127\.[0-9.]+|\[::1\])(?:[:/]|$)`, address)
	not regex.match(`^http://www\.w3\.org/`, address)
}

# METADATA
# description: >-
#   Whether an address lies in the cluster and the mesh demands mutual TLS of everybody
#   in its namespace.
inside(address, document, documents) if {
	some parts in regex.find_all_string_submatch_n(`^[a-zA-Z]+://(?:[^/@]*@)?([a-z0-9.-]+)(?::[0-9]+)?(?:/|$)`, address, 1)
	name := _namespace(split(parts[1], "."), document)
	name in _strict(documents)
}

_namespace(words, document) := workloads.namespace(document) if count(words) == 1

_namespace(words, _) := words[1] if {
	words[2] == "svc"
	array.slice(words, 3, count(words)) in [[], ["cluster", "local"]]
}

_strict(documents) := {name |
	some policy in documents
	policy.kind == "security.istio.io/PeerAuthentication"
	policy.content.spec.mtls.mode == "STRICT"
	loose := {member | some member, _ in policy.content.spec; member in {"selector", "portLevelMtls"}}
	count(loose) == 0
	name := workloads.namespace(policy)
}

# By name of a version, as gateways and clouds write them.
_versions := {
	"TLSV1_3": 13, "TLSV1_2": 12, "TLSV1_1": 11, "TLSV1_0": 10, "TLS_1_3": 13, "TLS_1_2": 12, "TLS_1_1": 11, "TLS_1_0": 10,
	"TLS1_3": 13, "TLS1_2": 12, "TLS1_1": 11, "TLS1_0": 10, "TLSv1.2_2018": 12, "TLSv1.2_2019": 12, "TLSv1.2_2021": 12,
	"TLSv1.3_2025": 13, "TLSv1.1_2016": 11, "TLSv1_2016": 10, "TLSv1": 10, "SSLv3": 3, "1.2": 12, "1.3": 13, "1.1": 11, "1.0": 10,
	"ELBSecurityPolicy-TLS13-1-3-2021-06": 13, "ELBSecurityPolicy-TLS13-1-2-2021-06": 12, "ELBSecurityPolicy-TLS13-1-2-Res-2021-06": 12,
	"ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06": 12, "ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06": 12, "ELBSecurityPolicy-TLS13-1-1-2021-06": 11,
	"ELBSecurityPolicy-TLS13-1-0-2021-06": 10, "ELBSecurityPolicy-TLS-1-2-2017-01": 12, "ELBSecurityPolicy-TLS-1-2-Ext-2018-06": 12,
	"ELBSecurityPolicy-TLS-1-1-2017-01": 11, "ELBSecurityPolicy-2016-08": 10, "ELBSecurityPolicy-2015-05": 10,
}

# METADATA
# description: >-
#   Entry points of manifests with the lowest version they speak: 0 for none, null where
#   that is not said.
entries(documents) := [entry |
	some document in documents
	some [path, name, version] in _entries(document)
	entry := {"document": document, "path": path, "name": name, "version": version}
]

_entries(document) := ({[["spec", "servers", number], "the gateway", _server(server)] |
	document.kind == "networking.istio.io/Gateway"
	some number, server in document.content.spec.servers
} | {[["spec"], "the Ingress", _ingress(document.content.spec)] |
	document.kind == "networking.k8s.io/Ingress"
}) | {[["spec", "listeners", number], "the listener", _listener(listener)] |
	document.kind == "gateway.networking.k8s.io/Gateway"
	some number, listener in document.content.spec.listeners
}

# A server that only sends callers to https carries nothing else.
_server(server) := 13 if server.tls.httpsRedirect == true

else := _version(server.tls.minProtocolVersion) if server.port.protocol in {"HTTPS", "TLS"}

else := null if server.port.protocol in {"HTTPS", "TLS"}

else := 0

_ingress(spec) := null if {
	is_array(spec.tls)
	count(spec.tls) > 0
} else := 0

_listener(listener) := null if listener.protocol in {"HTTPS", "TLS"}

else := 0

_version(name) := version if {
	version := _versions[name]
} else := null

# By type of resource: where the version stands.
_at := {
	"aws_api_gateway_domain_name": ["security_policy"],
	"aws_cloudfront_distribution": ["viewer_certificate", 0, "minimum_protocol_version"],
	"azurerm_storage_account": ["min_tls_version"],
	"azurerm_redis_cache": ["minimum_tls_version"],
	"azurerm_mssql_server": ["minimum_tls_version"],
	"azurerm_postgresql_flexible_server": ["minimum_tls_version"],
	"google_compute_ssl_policy": ["min_tls_version"],
}

# METADATA
# description: The same of a plan's resources.
terminations(resources) := [entry |
	some resource in resources
	version := _termination(resource)
	entry := {"document": resource.document, "path": resource.path, "name": resource.address, "version": version}
]

_termination(resource) := _listens(resource) if resource.type in {"aws_lb_listener", "aws_alb_listener"}

_termination(resource) := version if {
	path := _at[resource.type]
	version := _reached(resource, path)
}

_listens(resource) := 13 if {
	some action in resource.after.default_action
	action.type == "redirect"
	some redirect in action.redirect
	redirect.protocol == "HTTPS"
} else := null if {
	resource.after.protocol in {"HTTPS", "TLS"}
	plans.later(resource, "ssl_policy")
} else := _version(resource.after.ssl_policy) if {
	resource.after.protocol in {"HTTPS", "TLS"}
} else := null if {
	plans.later(resource, "protocol")
} else := 0

_reached(resource, path) := null if plans.later(resource, path[0])

else := _version(_value(resource.after, path))

_value(value, path) := found if {
	some [at, found] in [one | walk(value, one)]
	at == path
} else := null
