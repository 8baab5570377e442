# METADATA
# title: Kubernetes and KServe workloads
# description: >-
#   Finds containers wherever they stand, also in kinds that are not known here: any object
#   with a list of containers is a pod. KServe's models and frameworks are containers too.
package promotion.lib.workloads

_lists := ["containers", "initContainers", "ephemeralContainers"]

_components := ["predictor", "transformer", "explainer"]

_frameworks := {
	"model", "sklearn", "xgboost", "lightgbm", "tensorflow", "pytorch", "onnx", "triton", "pmml",
	"paddle", "huggingface", "mlflow", "art", "alibi",
}

# Its old group too, under which many manifests still stand.
_kserve := {"serving.kserve.io/InferenceService", "serving.kubeflow.org/InferenceService"}

# Kinds that run nothing themselves.
_inert := {
	"/Namespace", "/ConfigMap", "/Secret", "/ServiceAccount", "/Service", "/PersistentVolume", "/PersistentVolumeClaim",
	"/ResourceQuota", "/LimitRange", "/Endpoints", "networking.k8s.io/NetworkPolicy", "networking.k8s.io/Ingress",
	"networking.k8s.io/IngressClass", "policy/PodDisruptionBudget", "autoscaling/HorizontalPodAutoscaler",
	"storage.k8s.io/StorageClass", "scheduling.k8s.io/PriorityClass", "security.istio.io/PeerAuthentication",
	"security.istio.io/AuthorizationPolicy", "security.istio.io/RequestAuthentication", "networking.istio.io/Gateway",
	"networking.istio.io/VirtualService", "networking.istio.io/DestinationRule", "networking.istio.io/EnvoyFilter",
	"networking.istio.io/ServiceEntry", "networking.istio.io/Sidecar", "gateway.networking.k8s.io/Gateway",
	"gateway.networking.k8s.io/HTTPRoute", "gateway.networking.k8s.io/GRPCRoute", "gateway.envoyproxy.io/BackendTrafficPolicy",
	"gateway.envoyproxy.io/SecurityPolicy", "cert-manager.io/Certificate", "cert-manager.io/Issuer",
	"external-secrets.io/ExternalSecret", "external-secrets.io/SecretStore", "secrets-store.csi.x-k8s.io/SecretProviderClass",
	"monitoring.coreos.com/ServiceMonitor", "monitoring.coreos.com/PodMonitor", "monitoring.coreos.com/PrometheusRule",
}

# METADATA
# description: >-
#   Containers of documents: the document, the path and the spec of the container, and those
#   of the pod it belongs to.
containers(documents) := [{"document": document, "path": path, "spec": spec, "pod_path": pod_path, "pod": pod} |
	some document in documents
	walk(document.content, [pod_path, pod])
	is_object(pod)
	some [step, spec] in _held(document, pod_path, pod)
	path := array.concat(pod_path, step)
]

_held(document, path, pod) := {[[list, number], spec] |
	some list in _lists
	is_array(pod[list])
	some number, spec in pod[list]
} | {[[name], spec] |
	count(path) == 2
	path[0] == "spec"
	document.kind in _kserve
	path[1] in _components
	some name, spec in pod
	name in _frameworks
}

# METADATA
# description: >-
#   Documents whose containers cannot be seen: of a kind that may run something and without
#   one, or with containers that are no list of objects.
opaque(documents) := ({[document, path, words] |
	some document in documents
	kind := document.kind
	not kind in _inert
	held := [one | some one in containers([document])]
	count(held) == 0
	path := []
	words := sprintf("is a %s, and what it runs cannot be seen", [document.kind])
} | {[document, path, words] |
	some document in documents
	walk(document.content, [pod_path, pod])
	is_object(pod)
	some list in _lists
	value := pod[list]
	not is_array(value)
	not is_null(value)
	path := array.concat(pod_path, [list])
	words := "is no list of containers"
}) | {[one.document, one.path, "is no container"] |
	some one in containers(documents)
	spec := one.spec
	not is_object(spec)
}

# METADATA
# description: Namespace of a document, default where it names none.
namespace(document) := name if {
	name := document.content.metadata.namespace
	is_string(name)
} else := "default"

# METADATA
# description: Documents that run something.
running(documents) := [document |
	some document in documents
	kind := document.kind
	not kind in _inert
]

# METADATA
# description: Models that KServe serves, each with its path and spec.
served(documents) := [document |
	some document in documents
	document.kind in (_kserve | {"serving.kserve.io/LLMInferenceService"})
]

# METADATA
# description: >-
#   Whether a container is restricted in one way. False unless it is said, by the container
#   or, where Kubernetes lets it, by its pod. A user of 0 is root whatever else is said.
default holds(_, _) := false

holds("root", one) if {
	_said(one, "runAsNonRoot") == true
	not _root(one)
}

holds("writable", one) if one.spec.securityContext.readOnlyRootFilesystem == true

holds("escalation", one) if one.spec.securityContext.allowPrivilegeEscalation == false

holds("privileged", one) if {
	said := {value | value := one.spec.securityContext.privileged}
	said - {false} == set()
}

holds("capabilities", one) if {
	capabilities := one.spec.securityContext.capabilities
	"ALL" in capabilities.drop
	added := {name | name := capabilities.add[_]} | {odd | odd := capabilities.add; not is_array(odd)}
	added - {"NET_BIND_SERVICE"} == set()
}

holds("seccomp", one) if _said(one, "seccompProfile").type in {"RuntimeDefault", "Localhost"}

holds("limits", one) if {
	some cpu in [one.spec.resources.limits.cpu]
	some memory in [one.spec.resources.limits.memory]
	_amount(cpu)
	_amount(memory)
}

# The container's own word counts before that of its pod.
_said(one, name) := value if {
	value := one.spec.securityContext[name]
} else := value if {
	value := one.pod.securityContext[name]
}

_root(one) if _said(one, "runAsUser") == 0

_amount(value) if {
	is_number(value)
	value > 0
}

_amount(value) if {
	is_string(value)
	regex.match(`^[0-9.]+(m|[kMGTPE]i?)?$`, value)
	regex.match(`[1-9]`, value)
}
