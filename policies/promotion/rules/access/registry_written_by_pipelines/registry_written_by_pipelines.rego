# METADATA
# scope: package
# title: Production is written by pipelines, never by people
# description: >-
#   Whoever can write a model where production reads it can go around every gate. So no
#   person, and no group of them, is bound to a role that changes anything, and no user of
#   an account holds a policy that writes models, images, keys or roles. What a role or
#   policy allows that is named and not shown cannot be judged.
# custom:
#   id: ACC-002
#   severity: critical
#   evidence: [access_grants]
#   waivable: [fail, insufficient]
#   controls: ["nist-800-53:cm-5", "mitre-atlas:AML.M0019"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Give the right to the pipeline's own identity; people get reading, and for an emergency
#     a role that ends by itself and is recorded.
package promotion.rules.access.registry_written_by_pipelines

import data.promotion.lib.documents
import data.promotion.lib.grants

_documents := documents.all(input.evidence.access_grants)

# Rules of each role by its name, for those that are shown.
_shown := {name: rules |
	some document in _documents
	document.kind in {"rbac.authorization.k8s.io/Role", "rbac.authorization.k8s.io/ClusterRole"}
	name := document.content.metadata.name
	rules := [rule.spec | some rule in grants.rules(_documents); rule.document.content.metadata.name == name]
}

_people := [[document, number, subject] |
	some document in grants.bindings(_documents)
	some number, subject in document.content.subjects
	grants.person(subject)
]

deny contains documents.finding(document, ["subjects", number], "person", words, subject.name, null) if {
	some [document, number, subject] in _people
	role := document.content.roleRef.name
	verbs := {verb | some rule in _shown[role]; some verb in grants.changes(rule)}
	count(verbs) > 0
	words := sprintf("binds %s, who is no machine, to %s, which may %s", [subject.name, role, concat(", ", sort(verbs))])
}

deny contains documents.finding(one.document, one.path, "person", words, action, null) if {
	some one in grants.statements(_documents)
	grants.of_people(one)
	some action in grants.writes(one.spec)
	words := sprintf("lets people %s", [action])
}

insufficient contains documents.finding(document, ["roleRef"], "role", words, role, null) if {
	some [document, _, _] in _people
	role := document.content.roleRef.name
	not role in object.keys(_shown)
	role != "view"
	words := sprintf("binds people to %s, which is not shown", [role])
}

insufficient contains documents.finding(one.document, one.path, "attached", words, name, null) if {
	some one in grants.attached(_documents)
	one.path[0] in {"UserDetailList", "GroupDetailList"}
	name := one.spec.PolicyName
	not regex.match(`(ReadOnlyAccess|ViewOnlyAccess|ReadOnly)$`, name)
	words := sprintf("gives people %s, which is not looked into", [name])
}

insufficient contains found if some found in documents.unread(input.evidence.access_grants)
