# METADATA
# scope: package
# title: Nothing travels in the clear
# description: >-
#   Requests and logs of a model hold personal data. Every address is https, or one inside
#   a namespace for which the mesh demands mutual TLS; every way in speaks TLS of at least
#   the tier's version. Versions count in tenths: 12 is TLS 1.2. An entry point that does
#   not say its version is not believed; what a plan will know only later neither.
# custom:
#   id: NET-002
#   severity: high
#   evidence: [deployment_manifests, infrastructure_plan]
#   limit: {unit: tenths of a TLS version, sense: minimum}
#   waivable: [fail, insufficient]
#   controls: ["nist-800-53:sc-8.1", "hipaa:164.312(e)"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Write https addresses, set PeerAuthentication to STRICT for the namespace, and name the
#     lowest TLS version at each gateway, listener and storage account.
package promotion.rules.network.transport_encrypted

import data.promotion.lib.documents
import data.promotion.lib.plans
import data.promotion.lib.tiers
import data.promotion.lib.transport

limits := {"low": 12, "medium": 12, "high": 13}

_manifests := documents.all(input.evidence.deployment_manifests)

_plans := documents.all(input.evidence.infrastructure_plan)

deny contains documents.finding(document, path, "plain", words, null, null) if {
	some document in _manifests
	transport.has_addresses(document.content)
	walk(document.content, [path, text])
	some address in transport.plain(path, text)
	not transport.inside(address, document, _manifests)
	words := sprintf("sends in the clear to %s", [address])
}

deny contains documents.finding(entry.document, entry.path, "plain", concat(" ", [entry.name, "speaks no TLS"]), null, null) if {
	some entry in _entries
	entry.version == 0
}

deny contains documents.finding(entry.document, entry.path, "version", words, entry.version, limits[tiers.effective]) if {
	some entry in _entries
	entry.version > 0
	entry.version < limits[tiers.effective]
	words := sprintf("%s speaks TLS from version %d tenths, limit %d", [entry.name, entry.version, limits[tiers.effective]])
}

insufficient contains documents.finding(entry.document, entry.path, "version", words, null, limits[tiers.effective]) if {
	some entry in _entries
	is_null(entry.version)
	words := concat(" ", [entry.name, "does not say its TLS version, or only later"])
}

insufficient contains documents.finding(document, path, "opaque", words, null, null) if {
	some [document, path, words] in plans.opaque(_plans)
}

insufficient contains found if some found in documents.unread(input.evidence.deployment_manifests)

insufficient contains found if some found in documents.unread(input.evidence.infrastructure_plan)

_entries := array.concat(transport.entries(_manifests), transport.terminations(plans.resources(_plans)))
