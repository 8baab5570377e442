# METADATA
# scope: package
# title: Health data in training is de-identified by a recognised method
# description: >-
#   45 CFR 164.514(b) knows two methods: all eighteen identifiers removed, with no
#   knowledge that the rest identifies anybody, or a dated expert determination. What
#   is said is held against what the scan found. A limited data set needs a waiver.
# custom:
#   id: PRV-002
#   severity: critical
#   evidence: [dataset_card, pii_scan]
#   waivable: [fail]
#   controls: ["hipaa:164.514(b)", "nist-800-53:si-19"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: Remove the identifiers named here, or have an expert determine the risk in writing.
package promotion.rules.privacy.health_data_deidentified

import data.promotion.lib.evidence

# 164.514(b)(2)(i)(A) to (R)
_identifiers := {
	"names", "geographic", "dates", "telephone", "fax", "email", "ssn", "mrn", "health_plan",
	"account", "licence", "vehicle", "device", "url", "ip", "biometric", "photo", "other_unique",
}

# What a hit is in that list; an NPI names a provider, not a patient.
_kinds := {"ssn": "ssn", "pan": "account", "iban": "account", "email": "email", "phone": "telephone", "mrn": "mrn", "ip": "ip"}

deny contains _finding("method", "is identifiable and no method removed that", card.deidentification.method) if {
	some card in _cards
	card.contains_health_information == true
	card.deidentification.method in {"none", "not_applicable"}
}

deny contains _finding(concat("=", ["kept", kept]), sprintf("has not had %s removed", [kept]), null) if {
	some removal in _safe_harbor
	kept_back := _identifiers - {identifier | some identifier in removal.identifiers_removed}
	some kept in kept_back
}

deny contains _finding("knowledge", "may identify people as far as its owner knows", false) if {
	some removal in _safe_harbor
	removal.residual_knowledge_excluded == false
}

deny contains _finding(concat("=", ["found", kind]), sprintf("still holds %s by the scan", [_kinds[kind]]), null) if {
	some kind in _found
	count(_safe_harbor) > 0
}

deny contains _finding("expert", "has an undated expert determination", null) if null in _expert_dates

insufficient contains _finding("expert", "has an expert determination dated in the future", dated) if {
	some dated in _expert_dates
	dated > evidence.now
}

insufficient contains _finding("declared", "is none by its card, but the request processes health data", false) if {
	some card in _cards
	card.contains_health_information == false
	card.deidentification.method in {"none", "not_applicable"}
	"health" in input.request.use.data
}

insufficient contains _finding("mrn", "is none by its card, but the scan found medical record numbers", false) if {
	some card in _cards
	card.contains_health_information == false
	"mrn" in _found
}

_cards := {statement.result | some statement in input.evidence.dataset_card}

_safe_harbor := {card.deidentification | some card in _cards; card.deidentification.method == "safe_harbor"}

_expert_dates := {card.deidentification.expert_dated_at | some card in _cards; card.deidentification.method == "expert_determination"}

_found := {hit.kind | some statement in input.evidence.pii_scan; some hit in statement.result.hits}

_finding(key, words, observed) := {"key": key, "message": concat(" ", ["health data", words]), "observed": observed, "limit": null}
