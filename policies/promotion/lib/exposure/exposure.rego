# METADATA
# title: What the outside can reach
# description: Kinds and resources that open a way in, and policies that ask who comes.
package promotion.lib.exposure

import data.promotion.lib.plans
import data.promotion.lib.workloads

_visibility := "networking.kserve.io/visibility"

# METADATA
# description: Why the outside can reach what a document makes; undefined where it cannot.
reached(document) := "is served to the outside by KServe" if {
	some one in workloads.served([document])
	labels := {value | value := one.content.metadata.labels[_visibility]}
	labels != {"cluster-local"}
} else := sprintf("is a Service of type %v", [type]) if {
	document.kind == "/Service"
	type := document.content.spec.type
	not type in {"ClusterIP", "ExternalName"}
} else := "is an Ingress" if {
	document.kind == "networking.k8s.io/Ingress"
} else := "is served to the outside by Knative" if {
	document.kind == "serving.knative.dev/Service"
	labels := {value | value := document.content.metadata.labels["networking.knative.dev/visibility"]}
	labels != {"cluster-local"}
} else := "is a route of a gateway" if {
	document.kind in {
		"gateway.networking.k8s.io/HTTPRoute", "gateway.networking.k8s.io/GRPCRoute", "gateway.networking.k8s.io/TCPRoute",
		"gateway.networking.k8s.io/TLSRoute", "route.openshift.io/Route",
	}
} else := "is a route of a gateway" if {
	document.kind == "networking.istio.io/VirtualService"
	gateways := {name | some name in document.content.spec.gateways}
	count(gateways - {"mesh"}) > 0
}

# METADATA
# description: >-
#   Whether a policy of the document's namespace, or of the whole mesh, lets in nobody
#   without an identity: every rule of it names one, for every pod.
guarded(document, documents) if {
	some policy in documents
	policy.kind == "security.istio.io/AuthorizationPolicy"
	workloads.namespace(policy) in {workloads.namespace(document), "istio-system"}
	spec := policy.content.spec
	not _partial(spec)
	_action(spec) == "ALLOW"
	rules := spec.rules
	is_array(rules)
	count(rules) > 0
	count([rule | some rule in rules; _named(rule)]) == count(rules)
}

_partial(spec) if spec.selector != {}

_partial(spec) if spec.targetRefs

_action(spec) := action if {
	action := spec.action
} else := "ALLOW"

_named(rule) if {
	is_array(rule.from)
	count(rule.from) > 0
	known := [source | some source in rule.from; _identity(source.source)]
	count(known) == count(rule.from)
}

_identity(source) if {
	some name in ["requestPrincipals", "principals"]
	is_array(source[name])
	count(source[name]) > 0
}

# Groups of which every kind is looked at here, or opens nothing.
_groups := {
	"", "apps", "batch", "autoscaling", "policy", "networking.k8s.io", "storage.k8s.io", "scheduling.k8s.io", "serving.kserve.io", "serving.kubeflow.org",
	"serving.knative.dev", "gateway.networking.k8s.io", "security.istio.io", "networking.istio.io", "gateway.envoyproxy.io",
	"cert-manager.io", "external-secrets.io", "secrets-store.csi.x-k8s.io", "monitoring.coreos.com", "route.openshift.io",
}

# METADATA
# description: Whether a document is of a group whose kinds are not known here.
unknown(document) if {
	parts := split(document.kind, "/")
	not _known(parts)
}

_known([group, _]) if group in _groups

# By type of resource: the member, and the values that let anybody in; null stands for none said.
_open := {
	"aws_apigatewayv2_route": {"authorization_type": {null, "NONE"}},
	"aws_api_gateway_method": {"authorization": {null, "NONE"}},
	"aws_lambda_function_url": {"authorization_type": {null, "NONE"}},
	"azurerm_machine_learning_workspace": {"public_network_access_enabled": {null, true}},
	"azurerm_cognitive_account": {"public_network_access_enabled": {null, true}},
	"google_cloud_run_service_iam_member": {"member": {null, "allUsers", "allAuthenticatedUsers"}},
	"google_cloud_run_v2_service_iam_member": {"member": {null, "allUsers", "allAuthenticatedUsers"}},
	"google_cloudfunctions2_function_iam_member": {"member": {null, "allUsers", "allAuthenticatedUsers"}},
	"google_vertex_ai_endpoint_iam_member": {"member": {null, "allUsers", "allAuthenticatedUsers"}},
}

# METADATA
# description: Settings of a resource that let anybody in, by name.
open_settings(resource) := {name: value |
	some name, values in _open[resource.type]
	not plans.later(resource, name)
	some value in [_value(resource.after, name)]
	value in values
}

# METADATA
# description: Settings that would say so and are known only later.
unsaid_settings(resource) := {name |
	some name, _ in _open[resource.type]
	plans.later(resource, name)
}

_value(after, name) := value if {
	value := after[name]
} else := null
