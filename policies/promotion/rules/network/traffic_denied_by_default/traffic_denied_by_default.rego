# METADATA
# scope: package
# title: Traffic is denied unless a policy lets it through
# description: >-
#   In Kubernetes every pod may talk to every other and to the internet until a
#   NetworkPolicy selects it. Each namespace that runs something needs one policy that
#   selects all pods, for both directions, and lets nothing through; other policies open
#   what is needed. One that opens to everywhere undoes it.
# custom:
#   id: NET-001
#   severity: critical
#   evidence: [deployment_manifests]
#   waivable: [fail, insufficient]
#   controls: ["nist-800-53:sc-7.5", "soc2:CC6.6"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Add a NetworkPolicy with podSelector {}, policyTypes [Ingress, Egress] and no rules to
#     the namespace, and name sources and destinations in the policies that open something.
package promotion.rules.network.traffic_denied_by_default

import data.promotion.lib.documents
import data.promotion.lib.workloads

_documents := documents.all(input.evidence.deployment_manifests)

_policies := [document | some document in _documents; document.kind == "networking.k8s.io/NetworkPolicy"]

# Keyed by direction as policyTypes has it: the member with its rules, and their peers.
_rules := {"Ingress": ["ingress", "from"], "Egress": ["egress", "to"]}

deny contains documents.finding(document, [], direction, words, workloads.namespace(document), null) if {
	some document in workloads.running(_documents)
	some direction in object.keys(_rules)
	name := workloads.namespace(document)
	closed := _denied(direction)
	not name in closed
	words := sprintf("runs in %s, where no policy denies all %s", [name, lower(direction)])
}

deny contains documents.finding(policy, ["spec", member, number], "everywhere", "is open to everywhere", null, null) if {
	some policy in _policies
	some _, [member, peers] in _rules
	some number, rule in policy.content.spec[member]
	_everywhere(rule, peers)
}

insufficient contains documents.finding(document, [], "none", "runs nothing, as all documents here", null, null) if {
	some document in _documents
	count(workloads.running(_documents)) == 0
}

insufficient contains found if some found in documents.unread(input.evidence.deployment_manifests)

# Namespaces in which one policy selects every pod and lets nothing through.
_denied(direction) := {name |
	some policy in _policies
	name := workloads.namespace(policy)
	policy.content.spec.podSelector == {}
	direction in policy.content.spec.policyTypes
	rules := {rule | some rule in policy.content.spec[_rules[direction][0]]}
	count(rules) == 0
}

# Without peers a rule is for all of them.
_everywhere(rule, peers) if {
	listed := {peer | some peer in rule[peers]}
	count(listed) == 0
}

_everywhere(rule, peers) if {
	some peer in rule[peers]
	peer.ipBlock.cidr in {"0.0.0.0/0", "::/0"}
}

_everywhere(rule, peers) if {
	some peer in rule[peers]
	peer == {"namespaceSelector": {}}
}
