package promotion.lib.workloads_test

import data.promotion.lib.workloads

_document(kind, content) := {"at": "d#0", "kind": kind, "content": content}

_pod(spec) := _document("apps/Deployment", {"spec": {"template": {"spec": spec}}})

_found(document) := {[one.path, one.spec] | some one in workloads.containers([document])}

test_containers_of_a_pod if {
	every list in ["containers", "initContainers", "ephemeralContainers"] {
		_found(_pod({list: [{"name": "a"}, "b"]})) == {
			[["spec", "template", "spec", list, 0], {"name": "a"}],
			[["spec", "template", "spec", list, 1], "b"],
		}
	}
	_found(_pod({"others": [{}]})) == set()
	_found(_pod({"containers": {"a": {}}})) == set()
	pod := {"containers": [{"name": "a"}], "x": 1}
	workloads.containers([_pod(pod)]) == [{
		"document": _pod(pod), "path": ["spec", "template", "spec", "containers", 0], "spec": {"name": "a"},
		"pod_path": ["spec", "template", "spec"], "pod": pod,
	}]
}

_kserve := ["serving.kserve.io/InferenceService", "serving.kubeflow.org/InferenceService"]

test_containers_of_kserve if {
	every kind in _kserve {
		every part in ["predictor", "transformer", "explainer"] {
			every name in [
				"model", "sklearn", "xgboost", "lightgbm", "tensorflow", "pytorch", "onnx", "triton", "pmml", "paddle", "huggingface",
				"mlflow", "art", "alibi",
			] {
				_found(_document(kind, {"spec": {part: {name: {"x": 1}, "minReplicas": {}}}})) == {[["spec", part, name], {"x": 1}]}
			}
		}
		_found(_document(kind, {"spec": {"other": {"model": {}}}})) == set()
		_found(_document(kind, {"spec": {"predictor": {"other": {"model": {}}}}})) == set()
		_found(_document(kind, {"status": {"predictor": {"model": {}}}})) == set()
		_found(_document(kind, {"spec": {"a": {"predictor": {"model": {}}}}})) == set()
	}
	_found(_document("x.io/Odd", {"spec": {"predictor": {"model": {}}}})) == set()
}

_inert := [
	"/Namespace", "/ConfigMap", "/Secret", "/ServiceAccount", "/Service", "/PersistentVolume", "/PersistentVolumeClaim", "/ResourceQuota",
	"/LimitRange", "/Endpoints", "networking.k8s.io/NetworkPolicy", "networking.k8s.io/Ingress", "networking.k8s.io/IngressClass",
	"policy/PodDisruptionBudget", "autoscaling/HorizontalPodAutoscaler", "storage.k8s.io/StorageClass", "scheduling.k8s.io/PriorityClass",
	"security.istio.io/PeerAuthentication", "security.istio.io/AuthorizationPolicy", "security.istio.io/RequestAuthentication",
	"networking.istio.io/Gateway", "networking.istio.io/VirtualService", "networking.istio.io/DestinationRule",
	"networking.istio.io/EnvoyFilter", "networking.istio.io/ServiceEntry", "networking.istio.io/Sidecar",
	"gateway.networking.k8s.io/Gateway", "gateway.networking.k8s.io/HTTPRoute", "gateway.networking.k8s.io/GRPCRoute",
	"gateway.envoyproxy.io/BackendTrafficPolicy", "gateway.envoyproxy.io/SecurityPolicy", "cert-manager.io/Certificate",
	"cert-manager.io/Issuer", "external-secrets.io/ExternalSecret", "external-secrets.io/SecretStore",
	"secrets-store.csi.x-k8s.io/SecretProviderClass", "monitoring.coreos.com/ServiceMonitor", "monitoring.coreos.com/PodMonitor",
	"monitoring.coreos.com/PrometheusRule",
]

test_kinds_that_run_nothing if {
	every kind in _inert {
		workloads.opaque([_document(kind, {})]) == set()
		workloads.running([_document(kind, {})]) == []
	}
	workloads.running([_document("/Pod", {}), _document("/Secret", {})]) == [_document("/Pod", {})]
}

test_kinds_that_cannot_be_seen_into if {
	every kind in ["/Pod", "x.io/Odd", "/Namespaces"] {
		workloads.opaque([_document(kind, {})]) == {[_document(kind, {}), [], sprintf("is a %s, and what it runs cannot be seen", [kind])]}
	}
	workloads.opaque([_pod({"containers": [{}]})]) == set()
	workloads.opaque([_pod({"containers": [{}], "initContainers": null})]) == set()
}

test_lists_that_are_none if {
	every list in ["initContainers", "ephemeralContainers"] {
		every odd in ["x", {"a": {}}, 5, false] {
			document := _pod({"containers": [{}], list: odd})
			workloads.opaque([document]) == {[document, ["spec", "template", "spec", list], "is no list of containers"]}
		}
	}
	every odd in ["x", 5, null, ["y"]] {
		document := _pod({"containers": [{}, odd]})
		workloads.opaque([document]) == {[document, ["spec", "template", "spec", "containers", 1], "is no container"]}
	}
}

test_namespaces if {
	workloads.namespace(_document("/Pod", {"metadata": {"namespace": "models"}})) == "models"
	every metadata in [{}, {"namespace": 5}, {"namespace": null}, null] {
		workloads.namespace(_document("/Pod", {"metadata": metadata})) == "default"
	}
	workloads.namespace(_document("/Pod", {})) == "default"
}

test_models_in_service if {
	every kind in array.concat(_kserve, ["serving.kserve.io/LLMInferenceService"]) {
		workloads.served([_document(kind, {})]) == [_document(kind, {})]
	}
	workloads.served([_document("/Pod", {}), _document("serving.kserve.io/ServingRuntime", {})]) == []
}

_container(context) := {"spec": {"securityContext": context}, "pod": {}}

_inherited(context, pod) := {"spec": {"securityContext": context}, "pod": {"securityContext": pod}}

test_root if {
	workloads.holds("root", _container({"runAsNonRoot": true}))
	workloads.holds("root", _container({"runAsNonRoot": true, "runAsUser": 1}))
	workloads.holds("root", _inherited({}, {"runAsNonRoot": true}))
	workloads.holds("root", _inherited({"runAsUser": 1}, {"runAsNonRoot": true, "runAsUser": 0}))
	every context in [{}, {"runAsNonRoot": "true"}, {"runAsNonRoot": false}, {"runAsNonRoot": true, "runAsUser": 0}] {
		not workloads.holds("root", _container(context))
	}
	not workloads.holds("root", _inherited({"runAsNonRoot": false}, {"runAsNonRoot": true}))
	not workloads.holds("root", _inherited({}, {"runAsNonRoot": true, "runAsUser": 0}))
}

test_what_the_container_itself_says if {
	words := {"writable": ["readOnlyRootFilesystem", true], "escalation": ["allowPrivilegeEscalation", false]}
	every what, pair in words {
		[name, value] := pair
		workloads.holds(what, _container({name: value}))
		not workloads.holds(what, _inherited({}, {name: value}))
		every odd in [null, "true", "false", 0] {
			not workloads.holds(what, _container({name: odd}))
		}
	}
	not workloads.holds("writable", _container({"readOnlyRootFilesystem": false}))
	not workloads.holds("escalation", _container({"allowPrivilegeEscalation": true}))
	workloads.holds("privileged", _container({}))
	workloads.holds("privileged", _container({"privileged": false}))
	every odd in [true, "false", null, 0] {
		not workloads.holds("privileged", _container({"privileged": odd}))
	}
	workloads.holds("other", _container({})) == false
}

test_capabilities if {
	every added in [[], ["NET_BIND_SERVICE"]] {
		workloads.holds("capabilities", _container({"capabilities": {"drop": ["ALL"], "add": added}}))
	}
	workloads.holds("capabilities", _container({"capabilities": {"drop": ["X", "ALL"]}}))
	every odd in [["SYS_ADMIN"], ["NET_BIND_SERVICE", "X"], "ALL", {"a": "NET_BIND_SERVICE"}, null] {
		not workloads.holds("capabilities", _container({"capabilities": {"drop": ["ALL"], "add": odd}}))
	}
	every odd in [["NET_RAW"], "ALL", null, []] {
		not workloads.holds("capabilities", _container({"capabilities": {"drop": odd}}))
	}
}

test_seccomp if {
	every type in ["RuntimeDefault", "Localhost"] {
		workloads.holds("seccomp", _container({"seccompProfile": {"type": type}}))
		workloads.holds("seccomp", _inherited({}, {"seccompProfile": {"type": type}}))
		not workloads.holds("seccomp", _inherited({"seccompProfile": {"type": "Unconfined"}}, {"seccompProfile": {"type": type}}))
	}
	not workloads.holds("seccomp", _container({}))
}

_limited(cpu, memory) if workloads.holds("limits", {"spec": {"resources": {"limits": {"cpu": cpu, "memory": memory}}}})

test_limits if {
	every amount in [1, 0.5, "1", "500m", "0.5", "2k", "2Gi", "2Mi", "1E", "1Ti", "1P", "1M", "1G"] {
		_limited(amount, "1Gi")
		_limited("1", amount)
	}
	every amount in [0, -1, "0", "0m", "", "-1", "1x", "x1", "1 Gi", null, true, [1]] {
		not _limited(amount, "1Gi")
		not _limited("1", amount)
	}
	not workloads.holds("limits", {"spec": {"resources": {"limits": {"cpu": 1}}}})
	not workloads.holds("limits", {"spec": {"resources": {"limits": {"memory": 1}}}})
}
