# METADATA
# scope: package
# title: A federal system's cryptography has an active FIPS 140-3 certificate
# description: >-
#   "FIPS-compliant" says nothing: a module is validated, and then it has a certificate with
#   a number, or it is not. Certificates of FIPS 140-2 became historical on 21 September
#   2026 and serve existing systems alone. Only federal use in the United States is asked.
# custom:
#   id: NET-005
#   severity: critical
#   evidence: [cryptographic_modules]
#   limit: {unit: days, sense: maximum}
#   waivable: [fail, insufficient]
#   controls: ["nist-800-53:sc-13"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Use a module with an active FIPS 140-3 certificate, look it up in the list of the
#     Cryptographic Module Validation Program, and note number, status and the day.
package promotion.rules.network.cryptography_validated

import data.promotion.lib.evidence
import data.promotion.lib.numbers
import data.promotion.lib.tiers

limits := {"low": 90, "medium": 90, "high": 30}

not_applicable contains "not a federal use in the United States" if {
	jurisdictions := input.request.use.jurisdictions
	not "us_federal" in jurisdictions
}

deny contains _finding(module.name, "standard", "is not validated to FIPS 140-3", module.standard) if {
	some module in _modules
	module.standard != "fips_140_3"
}

deny contains _finding(module.name, "certificate", "has no certificate", null) if {
	some module in _modules
	is_null(module.certificate)
}

deny contains _finding(module.name, "status", sprintf("has a certificate that is %s", [module.status]), module.status) if {
	some module in _modules
	module.status != "active"
}

deny contains _finding(module.name, "sunset", "has a certificate that has ended", module.sunset_at) if {
	some module in _modules
	module.sunset_at <= evidence.now
	is_number(module.sunset_at)
}

deny contains finding if {
	some statement in input.evidence.cryptographic_modules
	age := numbers.days_between(statement.result.looked_up_at, evidence.now)
	age > limits[tiers.effective]
	words := sprintf("the list was looked up %d days ago, limit %d", [age, limits[tiers.effective]])
	finding := {"key": "age", "message": words, "observed": age, "limit": limits[tiers.effective]}
}

insufficient contains _finding(module.name, "sunset", "has a certificate without an end", null) if {
	some module in _modules
	is_null(module.sunset_at)
}

insufficient contains {"key": "age", "message": "the list was looked up in the future", "observed": null, "limit": limits[tiers.effective]} if {
	some statement in input.evidence.cryptographic_modules
	statement.result.looked_up_at > evidence.now
}

_modules := [module | some statement in input.evidence.cryptographic_modules; some module in statement.result.modules]

_finding(name, what, words, observed) := {"key": concat("=", [name, what]), "message": concat(" ", [name, words]), "observed": observed, "limit": null}
