package promotion.rules.network.workloads_hardened_test

import data.promotion.rules.network.workloads_hardened as policy

_safe := {
	"name": "server",
	"image": "x",
	"securityContext": {
		"runAsNonRoot": true, "readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false,
		"capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"},
	},
	"resources": {"limits": {"cpu": "1", "memory": "2Gi"}},
}

_pod(container, pod) := {
	"apiVersion": "apps/v1", "kind": "Deployment",
	"spec": {"template": {"spec": object.union({"containers": [container]}, pod)}},
}

_input(content) := {"evidence": {"deployment_manifests": [{"result": {"documents": [{
	"path": "d.yaml", "place": "0", "format": "x", "content": json.marshal(content),
}]}}]}}

_denied(content) := found if found := policy.deny with input as _input(content)

_insufficient(content) := found if found := policy.insufficient with input as _input(content)

_at := "/spec/template/spec/containers/0"

_finding(pointer, what, words) := {
	"key": sprintf("d.yaml#0%s=%s", [pointer, what]),
	"message": sprintf("d.yaml#0%s %s", [pointer, words]),
	"observed": null,
	"limit": null,
}

_words := {
	"root": "may run as root",
	"writable": "has a writable root file system",
	"escalation": "may gain privileges",
	"privileged": "is privileged",
	"capabilities": "does not drop all capabilities, or adds some",
	"seccomp": "has no seccomp profile",
	"limits": "has no limits of CPU and memory",
}

_all(pointer) := {_finding(pointer, what, words) | some what, words in _words; what != "privileged"}

_one(what) := {_finding(_at, what, _words[what])}

_context(change) := _pod(object.union(_safe, {"securityContext": change}), {})

test_allow_restricted if {
	_denied(_pod(_safe, {})) == set()
	_insufficient(_pod(_safe, {})) == set()
	_denied(_context({"privileged": false, "capabilities": {"add": ["NET_BIND_SERVICE"]}, "runAsUser": 1000})) == set()
	_denied(_pod(_safe, {"hostNetwork": false, "hostPID": false, "volumes": [{"name": "tmp", "emptyDir": {}}]})) == set()
}

test_allow_what_the_pod_says_for_its_containers if {
	inherited := object.remove(_safe.securityContext, ["runAsNonRoot", "seccompProfile"])
	container := object.union(object.remove(_safe, ["securityContext"]), {"securityContext": inherited})
	_denied(_pod(container, {"securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "Localhost"}}})) == set()
	_denied(_pod(container, {})) == _one("root") | _one("seccomp")
}

test_deny_nothing_said if _denied(_pod({"name": "x"}, {})) == _all(_at)

test_deny_each_setting_of_another_value_or_type if {
	_denied(_context({"runAsNonRoot": false})) == _one("root")
	_denied(_context({"runAsNonRoot": "true"})) == _one("root")
	_denied(_context({"runAsUser": 0})) == _one("root")
	_denied(_context({"readOnlyRootFilesystem": "true"})) == _one("writable")
	_denied(_context({"allowPrivilegeEscalation": null})) == _one("escalation")
	_denied(_context({"privileged": true})) == _one("privileged")
	_denied(_context({"privileged": "false"})) == _one("privileged")
	_denied(_context({"capabilities": {"drop": ["NET_RAW"]}})) == _one("capabilities")
	_denied(_context({"capabilities": {"add": ["SYS_ADMIN"]}})) == _one("capabilities")
	_denied(_context({"capabilities": {"add": "ALL"}})) == _one("capabilities")
	_denied(_context({"seccompProfile": {"type": "Unconfined"}})) == _one("seccomp")
}

test_deny_a_container_that_takes_back_what_its_pod_says if {
	_denied(_pod(object.union(_safe, {"securityContext": {"runAsNonRoot": false}}), {"securityContext": {"runAsNonRoot": true}})) == _one("root")
}

test_deny_limits_of_nothing if {
	every limits in [{"cpu": "0", "memory": "1Gi"}, {"cpu": "1", "memory": ""}, {"cpu": "1", "memory": 0}, {"cpu": true, "memory": "1Gi"}] {
		_denied(_pod(object.union(_safe, {"resources": {"limits": limits}}), {})) == _one("limits")
	}
	_denied(_pod(object.remove(_safe, ["resources"]), {})) == _one("limits")
}

test_deny_init_containers_too if {
	pod := _pod(_safe, {"initContainers": [{"name": "load"}]})
	_denied(pod) == _all("/spec/template/spec/initContainers/0")
}

test_deny_the_host if {
	spec := "/spec/template/spec"
	_denied(_pod(_safe, {"hostNetwork": true})) == {_finding(spec, "hostNetwork", "shares the host")}
	_denied(_pod(_safe, {"hostPID": true})) == {_finding(spec, "hostPID", "shares the host")}
	_denied(_pod(_safe, {"hostIPC": "yes"})) == {_finding(spec, "hostIPC", "shares the host")}
	_denied(_pod(_safe, {"volumes": [{"hostPath": {"path": "/"}}]})) == {_finding("/spec/template/spec/volumes/0", "hostPath", "mounts a folder of the host")}
}

_isvc(component) := {"apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService", "spec": {"predictor": component}}

test_deny_a_served_model if {
	_denied(_isvc({"model": {"storageUri": "x"}})) == _all("/spec/predictor/model")
	_denied(_isvc({"sklearn": {"storageUri": "x"}})) == _all("/spec/predictor/sklearn")
	_denied(_isvc({"model": object.remove(_safe, ["name", "image"])})) == set()
}

test_deny_containers_of_unknown_kinds if {
	_denied({"apiVersion": "x.io/v1", "kind": "Odd", "spec": {"run": {"containers": [{}]}}}) == _all("/spec/run/containers/0")
}

test_deny_what_cannot_be_seen if {
	odd := {"apiVersion": "x.io/v1", "kind": "Odd", "spec": {}}
	_denied(odd) == set()
	_insufficient(odd) == {_finding("", "opaque", "is a x.io/Odd, and what it runs cannot be seen")}
	_insufficient(_isvc({"minReplicas": 1})) == {_finding("", "opaque", "is a serving.kserve.io/InferenceService, and what it runs cannot be seen")}
	text := {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": "x"}}
	_insufficient(text) == {
		_finding("", "opaque", "is a /Pod, and what it runs cannot be seen"),
		_finding("/spec/containers", "opaque", "is no list of containers"),
	}
	_insufficient({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": ["x"]}}) == {_finding("/spec/containers/0", "opaque", "is no container")}
	_insufficient({"apiVersion": "v1", "kind": "ConfigMap", "data": {}}) == set()
}

test_deny_text_that_is_no_document if {
	found := policy.insufficient with input as {"evidence": {"deployment_manifests": [{"result": {"documents": [{"path": "x", "place": "0", "format": "x", "content": "5"}]}}]}}
	found == {{"key": "x#0", "message": "x holds no document", "observed": null, "limit": null}}
}
