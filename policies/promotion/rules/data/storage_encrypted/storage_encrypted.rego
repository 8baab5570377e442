# METADATA
# scope: package
# title: What is stored is encrypted with a key of one's own
# description: >-
#   Encryption with the provider's key protects against a stolen disk and nothing else;
#   with a key of the owner, who reads can be seen and stopped. Strength counts 0 for none,
#   1 for the provider's key, 2 for the owner's. Which key a plan will choose is often
#   known only after it was applied; then nobody can say.
# custom:
#   id: DAT-001
#   severity: high
#   evidence: [infrastructure_plan]
#   limit: {unit: strength of encryption, sense: minimum}
#   waivable: [fail, insufficient]
#   controls: ["nist-800-53:sc-28.1", "hipaa:164.312(a)(2)(iv)"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Switch encryption on and name the key by its address, not by a reference that only
#     applying resolves; create the key in an earlier plan.
package promotion.rules.data.storage_encrypted

import data.promotion.lib.documents
import data.promotion.lib.plans
import data.promotion.lib.storage
import data.promotion.lib.tiers

limits := {"low": 1, "medium": 1, "high": 2}

_plans := documents.all(input.evidence.infrastructure_plan)

_kept := storage.kept(plans.resources(_plans))

_words := ["is not encrypted", "is encrypted with a key of the provider"]

deny contains documents.finding(kept.resource.document, kept.resource.path, "key", words, kept.strength, limits[tiers.effective]) if {
	some kept in _kept
	is_number(kept.strength)
	kept.strength < limits[tiers.effective]
	words := concat(" ", [kept.resource.address, _words[kept.strength]])
}

insufficient contains documents.finding(kept.resource.document, kept.resource.path, "key", words, null, limits[tiers.effective]) if {
	some kept in _kept
	is_null(kept.strength)
	words := concat(" ", [kept.resource.address, "will be encrypted with a key that is known only later"])
}

insufficient contains documents.finding(resource.document, resource.path, "unknown", words, resource.type, null) if {
	some resource in storage.unknown(plans.resources(_plans))
	words := concat(" ", [resource.address, "keeps data in a way that is not known here"])
}

insufficient contains {"key": "none", "message": "no plan names a store of data that is known here", "observed": null, "limit": null} if count(_kept) == 0

insufficient contains documents.finding(document, path, "opaque", words, null, null) if {
	some [document, path, words] in plans.opaque(_plans)
}

insufficient contains found if some found in documents.unread(input.evidence.infrastructure_plan)
