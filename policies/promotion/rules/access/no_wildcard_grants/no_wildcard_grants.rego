# METADATA
# scope: package
# title: No grant has a star where a name belongs
# description: >-
#   A star gives tomorrow's rights too, which nobody has looked at. Refused are stars for
#   all actions of a service, writing on all resources, everything-but (NotAction,
#   NotResource), policies of full access by name, and verbs or resources of a role. Reading
#   on a star, denying with a star and stars inside a name are not looked at.
# custom:
#   id: ACC-001
#   severity: critical
#   evidence: [access_grants]
#   waivable: [fail]
#   controls: ["nist-800-53:ac-6", "soc2:CC6.3"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: Name the actions and the resources that the task needs, and nothing else.
package promotion.rules.access.no_wildcard_grants

import data.promotion.lib.documents
import data.promotion.lib.grants

_documents := documents.all(input.evidence.access_grants)

deny contains documents.finding(one.document, one.path, "action", words, action, null) if {
	some one in grants.statements(_documents)
	some action in grants.texts(one.spec, "Action")
	regex.match(`^(\*|[A-Za-z0-9-]+:\*)$`, action)
	words := sprintf("allows every action: %s", [action])
}

deny contains documents.finding(one.document, one.path, "resource", words, action, null) if {
	some one in grants.statements(_documents)
	some resource in grants.texts(one.spec, "Resource")
	regex.match(`^(\*|arn:aws[a-z-]*:[a-z0-9]+:[^/]*:\*|arn:aws[a-z-]*:s3:::\*.*)$`, resource)
	some action in grants.writes(one.spec)
	words := sprintf("allows %s on %s", [action, resource])
}

deny contains documents.finding(one.document, one.path, member, "allows everything but what it names", null, null) if {
	some one in grants.statements(_documents)
	some member in ["NotAction", "NotResource", "NotPrincipal"]
	one.spec[member]
}

deny contains documents.finding(one.document, one.path, "principal", "lets anybody in", null, null) if {
	some one in grants.statements(_documents)
	grants.anybody(one.spec)
}

deny contains documents.finding(one.document, one.path, "attached", words, one.spec.PolicyName, null) if {
	some one in grants.attached(_documents)
	regex.match(`(AdministratorAccess|PowerUserAccess|FullAccess)$`, one.spec.PolicyName)
	words := sprintf("attaches %s", [one.spec.PolicyName])
}

deny contains documents.finding(one.document, one.path, member, words, null, null) if {
	some one in grants.rules(_documents)
	some member in ["verbs", "resources", "nonResourceURLs"]
	"*" in grants.texts(one.spec, member)
	words := sprintf("has a star in %s", [member])
}

deny contains documents.finding(document, ["roleRef"], "admin", "gives every right there is", document.content.roleRef.name, null) if {
	some document in grants.bindings(_documents)
	document.content.roleRef.name == "cluster-admin"
}

insufficient contains documents.finding(one.document, one.path, "unsaid", "does not say which actions it allows", null, null) if {
	some one in grants.statements(_documents)
	said := {name | some name, _ in one.spec; name in {"Action", "NotAction"}}
	count(said) == 0
}

insufficient contains found if some found in documents.unread(input.evidence.access_grants)
