# METADATA
# scope: package
# title: Training data may be used for this purpose
# description: >-
#   Data given for one purpose is not free for another. The purpose of the request
#   must be one of the card's, on a lawful basis. In the EU and the UK public
#   availability is no basis for personal data, and a contract or a legitimate
#   interest opens no door to special categories (GDPR art. 9(2)).
# custom:
#   id: PRV-004
#   severity: high
#   evidence: [dataset_card]
#   waivable: [fail]
#   controls: ["gdpr:5(1)(b)", "gdpr:6", "gdpr:9", "nist-800-53:pt-3"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Train on data collected for this purpose, or obtain the basis that is missing
#     and have the data protection officer correct the dataset card.
package promotion.rules.privacy.purpose_has_lawful_basis

_personal := {"health", "payment_card", "personal", "special_category"}

_special := {"health", "special_category"}

deny contains finding if {
	some card in _cards
	card.lawful_basis == "none"
	finding := _finding("basis", "no lawful basis is given", card.lawful_basis)
}

deny contains finding if {
	some card in _cards
	_under_gdpr
	card.lawful_basis == "public_data"
	some class in input.request.use.data
	class in _personal
	finding := _finding(concat("=", ["basis", class]), sprintf("public availability is no basis for %s data", [class]), card.lawful_basis)
}

deny contains finding if {
	some card in _cards
	_under_gdpr
	card.lawful_basis in {"contract", "legitimate_interest"}
	some class in input.request.use.data
	class in _special
	finding := _finding(concat("=", ["basis", class]), sprintf("%s is no basis for %s data", [card.lawful_basis, class]), card.lawful_basis)
}

deny contains finding if {
	some card in _cards
	allowed := {purpose | some purpose in card.purposes}
	purpose := input.request.use.purpose
	not purpose in allowed
	finding := _finding(
		concat("=", ["purpose", purpose]),
		sprintf("purpose %s is not among those of the data: %s", [purpose, concat(", ", sort(allowed))]),
		purpose,
	)
}

_under_gdpr if {
	some place in input.request.use.jurisdictions
	place in {"eu", "uk"}
}

_cards := {statement.result | some statement in input.evidence.dataset_card}

_finding(key, words, observed) := {"key": key, "message": words, "observed": observed, "limit": null}
