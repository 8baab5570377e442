# METADATA
# scope: package
# title: Credentials are made for the run and end with it
# description: >-
#   A key that lives for years is copied, logged and forgotten, and works for whoever finds
#   it. Builds and servers ask for a token when they need one (OIDC, a projected token) and
#   it ends within hours. Names of static credentials are refused wherever they are set,
#   also from a secret store; tokens may live no longer than the limit.
# custom:
#   id: SEC-002
#   severity: high
#   evidence: [ci_workflows, deployment_manifests]
#   limit: {unit: hours, sense: maximum}
#   waivable: [fail, insufficient]
#   controls: ["nist-800-53:ia-5", "soc2:CC6.1"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Let the workload prove who it is (OIDC in CI, workload identity in the cluster), delete
#     the static key, and ask for a shorter life of the token.
package promotion.rules.secrets.credentials_short_lived

import data.promotion.lib.credentials
import data.promotion.lib.documents
import data.promotion.lib.tiers

limits := {"low": 24, "medium": 8, "high": 1}

_documents := array.concat(
	documents.all(input.evidence.ci_workflows),
	documents.all(input.evidence.deployment_manifests),
)

deny contains documents.finding(document, path, "static", words, null, null) if {
	some document in _documents
	credentials.has_names(document.content)
	walk(document.content, [path, value])
	some name in credentials.static(path, value)
	words := sprintf("sets a credential that does not end: %s", [name])
}

deny contains documents.finding(document, [], "static", "is a token that never ends", null, null) if {
	some document in _documents
	document.kind == "/Secret"
	document.content.type == "kubernetes.io/service-account-token"
}

# What says how long a token lives: the document, where in it, and the value.
_lives := [[document, path, value] |
	some document in _documents
	credentials.has_lives(document.content)
	walk(document.content, [path, value])
	credentials.speaks_of_life(path)
]

deny contains documents.finding(document, path, "life", words, hours, limits[tiers.effective]) if {
	some [document, path, value] in _lives
	seconds := credentials.life(path, value)
	seconds > limits[tiers.effective] * 3600
	hours := credentials.hours(seconds)
	words := sprintf("lives %d hours, limit %d", [hours, limits[tiers.effective]])
}

insufficient contains documents.finding(document, path, "life", "says how long it lives in a way that cannot be read", null, limits[tiers.effective]) if {
	some [document, path, value] in _lives
	not credentials.life(path, value)
}

insufficient contains found if some found in documents.unread(input.evidence.ci_workflows)

insufficient contains found if some found in documents.unread(input.evidence.deployment_manifests)
