# METADATA
# scope: package
# title: The impact on people was assessed, for this model and purpose, lately
# description: >-
#   What processing may do to people is assessed before it begins, and again when the
#   model or its use changes. An assessment of last year's model, or for another
#   purpose, is of something else. Where a high risk is left, GDPR art. 36 asks to
#   consult the authority first; house policy asks it everywhere. Twelve months are
#   counted at their longest.
# custom:
#   id: PRV-005
#   severity: critical
#   evidence: [impact_assessment]
#   limit: {unit: days, sense: maximum}
#   waivable: [fail, insufficient]
#   controls: ["gdpr:35", "nist-800-53:ra-8", "omb-m-25-21:impact-assessment"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Assess this model for this purpose with the data protection officer, and sign the
#     assessment off. Where a high risk is left, reduce it or consult the authority.
package promotion.rules.privacy.impact_assessed

import data.promotion.lib.evidence
import data.promotion.lib.numbers
import data.promotion.lib.tiers

# 24, 18 and 12 months at their longest.
limits := {"low": 731, "medium": 550, "high": 366}

not_applicable contains "no personal data, and no effect on a person" if {
	input.request.use.effect == "none"
	tiers.impersonal
}

deny contains _finding("model", "is of another model", assessment.model_digest, null) if {
	some assessment in _assessments
	assessment.model_digest != input.request.model.digest
}

deny contains _finding("purpose", words, assessment.purpose, null) if {
	some assessment in _assessments
	assessment.purpose != input.request.use.purpose
	words := sprintf("is for %s, the request for %s", [assessment.purpose, input.request.use.purpose])
}

deny contains _finding("age", words, age, limits[tiers.effective]) if {
	some assessment in _assessments
	age := numbers.days_between(assessment.assessed_at, evidence.now)
	age > limits[tiers.effective]
	words := sprintf("is %d days old, limit %d", [age, limits[tiers.effective]])
}

deny contains _finding("residual", "leaves a high risk, and no authority was consulted", "high", null) if {
	some assessment in _assessments
	assessment.residual_risk == "high"
	assessment.authority_consulted == false
}

insufficient contains _finding("age", "is dated in the future", null, limits[tiers.effective]) if {
	some assessment in _assessments
	assessment.assessed_at > evidence.now
}

_assessments := {statement.result | some statement in input.evidence.impact_assessment}

_finding(key, words, observed, limit) := {"key": key, "message": concat(" ", ["the impact assessment", words]), "observed": observed, "limit": limit}
