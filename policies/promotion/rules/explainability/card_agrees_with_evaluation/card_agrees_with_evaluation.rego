# METADATA
# scope: package
# title: The card's figures are those of the evaluation
# description: >-
#   People read the card, gates read the evaluation. Where the two differ, somebody
#   decides on a figure that nobody measured. Each metric of the card is held against
#   the one of the same name, both whole basis points; one that was not evaluated, or
#   that either document states twice with two values, is believed by nobody.
# custom:
#   id: XAI-004
#   severity: medium
#   evidence: [evaluation_report, model_card]
#   limit: {unit: basis points of difference, sense: maximum}
#   waivable: [fail, insufficient]
#   controls: ["nist-800-53:sa-11", "nist-ai-rmf:MEASURE-2.8"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Copy the figures of the last evaluation into the card, under the names that the
#     report uses, or evaluate what the card claims.
package promotion.rules.explainability.card_agrees_with_evaluation

import data.promotion.lib.tiers

limits := {"low": 100, "medium": 50, "high": 10}

deny contains finding if {
	some name, claims in _claimed
	some claim in claims
	some value in _measured[name]
	apart := abs(claim - value)
	apart > limits[tiers.effective]
	words := sprintf("the card says %d, the evaluation %d basis points: %d apart, limit %d", [claim, value, apart, limits[tiers.effective]])
	finding := _finding(name, words, apart, limits[tiers.effective])
}

insufficient contains _finding(name, "the card states it and nobody evaluated it", null, null) if {
	some name in (object.keys(_claimed) - object.keys(_measured))
}

insufficient contains _finding(name, "it has several values, and none can be believed", null, null) if {
	some values in [_claimed, _measured]
	some name, each in values
	count(each) > 1
}

_claimed[metric.name] contains metric.value_bp if {
	some card in input.evidence.model_card
	some metric in card.result.metrics
}

_measured[metric.name] contains metric.value_bp if {
	some report in input.evidence.evaluation_report
	some metric in report.result.metrics
}

_finding(key, words, observed, limit) := {"key": key, "message": concat(": ", [key, words]), "observed": observed, "limit": limit}
