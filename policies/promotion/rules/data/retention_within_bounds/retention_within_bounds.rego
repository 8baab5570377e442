# METADATA
# scope: package
# title: Training data is kept as long as law asks and no longer than its purpose needs
# description: >-
#   Records behind a credit decision or a documented health assessment must survive
#   long enough to be examined; personal data must not outlive its purpose. The law
#   sets the minimum for records; house policy applies it to the training data that
#   is part of them. Months and years are counted at their longest.
# custom:
#   id: DAT-002
#   severity: high
#   evidence: [dataset_card]
#   waivable: [fail, insufficient]
#   controls: ["reg-b:1002.12(b)", "hipaa:164.316(b)(2)", "gdpr:5(1)(e)", "nist-800-53:si-12"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Set an end to retention, and a maximum for the purpose, in the dataset card.
#     Where law asks for longer than the purpose, keep an access-restricted copy and
#     say so in the purpose maximum.
package promotion.rules.data.retention_within_bounds

# 12 CFR 1002.12(b): 25 months; two years with a leap day and one month of 31 days.
_credit_minimum := 762

# 45 CFR 164.316(b)(2)(i): six years; at most two leap days.
_health_minimum := 2192

deny contains _finding("end", "no end is set", null, null) if {
	some card in input.evidence.dataset_card
	is_null(card.result.retention.kept_days)
}

deny contains _finding("maximum", words, kept, most) if {
	some card in input.evidence.dataset_card
	kept := card.result.retention.kept_days
	most := card.result.retention.purpose_maximum_days
	is_number(kept)
	is_number(most)
	kept > most
	words := sprintf("kept for %d days, the purpose allows %d", [kept, most])
}

deny contains _finding(concat("=", ["minimum", control]), words, kept, least) if {
	some card in input.evidence.dataset_card
	kept := card.result.retention.kept_days
	is_number(kept)
	some control, least in _minimums
	kept < least
	words := sprintf("kept for %d days, %s asks for %d", [kept, control, least])
}

insufficient contains _finding("maximum", "nobody said how long the purpose needs the data", null, null) if {
	some card in input.evidence.dataset_card
	is_null(card.result.retention.purpose_maximum_days)
}

_minimums["reg-b:1002.12(b)"] := _credit_minimum if {
	input.request.use.domain == "credit"
	_in_us
}

_minimums["hipaa:164.316(b)(2)"] := _health_minimum if {
	_in_health
	_in_us
}

_in_health if input.request.sector == "healthcare"

_in_health if input.request.use.domain == "clinical"

_in_us if {
	some place in input.request.use.jurisdictions
	place in {"us", "us_federal"}
}

_finding(key, words, observed, limit) := {"key": key, "message": concat(" ", ["training data:", words]), "observed": observed, "limit": limit}
