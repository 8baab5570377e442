package promotion.rules.network.traffic_denied_by_default_test

import data.promotion.rules.network.traffic_denied_by_default as policy

_input(contents) := {"evidence": {"deployment_manifests": [{"result": {"documents": [carried |
	some number, content in contents
	carried := {"path": "d.yaml", "place": sprintf("%d", [number]), "format": "x", "content": json.marshal(content)}
]}}]}}

_denied(contents) := found if found := policy.deny with input as _input(contents)

_insufficient(contents) := found if found := policy.insufficient with input as _input(contents)

_deployment := {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"namespace": "models"}, "spec": {"containers": [{}]}}

_policy(namespace, spec) := {
	"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"namespace": namespace},
	"spec": object.union({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}, spec),
}

_missing(direction, namespace) := {
	"key": sprintf("d.yaml#0=%s", [direction]),
	"message": sprintf("d.yaml#0 runs in %s, where no policy denies all %s", [namespace, lower(direction)]),
	"observed": namespace,
	"limit": null,
}

_both := {_missing("Ingress", "models"), _missing("Egress", "models")}

_everywhere(pointer) := {
	"key": sprintf("d.yaml#2%s=everywhere", [pointer]),
	"message": sprintf("d.yaml#2%s is open to everywhere", [pointer]),
	"observed": null,
	"limit": null,
}

_with(spec) := [_deployment, _policy("models", {}), _policy("models", spec)]

test_allow_default_deny if {
	_denied([_deployment, _policy("models", {})]) == set()
	_denied([_deployment, _policy("models", {"ingress": [], "egress": null})]) == set()
	_insufficient([_deployment, _policy("models", {})]) == set()
}

test_allow_policies_that_name_their_peers if {
	_denied(_with({"ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "gateway"}}}]}]})) == set()
	_denied(_with({"egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}]})) == set()
}

test_allow_two_policies_for_two_directions if {
	_denied([_deployment, _policy("models", {"policyTypes": ["Ingress"]}), _policy("models", {"policyTypes": ["Egress"]})]) == set()
}

test_deny_without_policy if _denied([_deployment]) == _both

test_deny_policy_elsewhere if {
	_denied([_deployment, _policy("default", {})]) == _both
	_denied([_deployment, object.union(_policy("models", {}), {"kind": "Ingress"})]) == _both
	_denied([object.remove(_deployment, ["metadata"]), _policy("models", {})]) == {_missing("Ingress", "default"), _missing("Egress", "default")}
}

test_deny_policy_of_one_direction if {
	_denied([_deployment, _policy("models", {"policyTypes": ["Ingress"]})]) == {_missing("Egress", "models")}
}

test_deny_policy_without_types_or_for_some_pods if {
	spec := object.remove(_policy("models", {}).spec, ["policyTypes"])
	_denied([_deployment, object.union(object.remove(_policy("models", {}), ["spec"]), {"spec": spec})]) == _both
	_denied([_deployment, _policy("models", {"podSelector": {"matchLabels": {"app": "x"}}})]) == _both
}

test_deny_policy_that_lets_something_through_is_no_default if {
	rule := {"from": [{"podSelector": {"matchLabels": {"app": "x"}}}]}
	_denied([_deployment, _policy("models", {"ingress": [rule]})]) == {_missing("Ingress", "models")}
}

test_deny_open_to_everywhere if {
	_denied(_with({"ingress": [{}]})) == {_everywhere("/spec/ingress/0")}
	_denied(_with({"egress": [{"to": [], "ports": [{"port": 443}]}]})) == {_everywhere("/spec/egress/0")}
	every cidr in ["0.0.0.0/0", "::/0"] {
		_denied(_with({"egress": [{"to": [{"ipBlock": {"cidr": cidr}}]}]})) == {_everywhere("/spec/egress/0")}
	}
	_denied(_with({"ingress": [{"from": [{"namespaceSelector": {}}]}]})) == {_everywhere("/spec/ingress/0")}
}

test_deny_nothing_that_runs if {
	_denied([_policy("models", {})]) == set()
	_insufficient([_policy("models", {})]) == {{"key": "d.yaml#0=none", "message": "d.yaml#0 runs nothing, as all documents here", "observed": null, "limit": null}}
}

test_deny_text_that_is_no_document if {
	found := policy.insufficient with input as {"evidence": {"deployment_manifests": [{"result": {"documents": [{"path": "x", "place": "0", "format": "x", "content": "5"}]}}]}}
	found == {{"key": "x#0", "message": "x holds no document", "observed": null, "limit": null}}
}
