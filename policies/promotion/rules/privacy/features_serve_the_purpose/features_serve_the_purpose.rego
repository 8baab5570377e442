# METADATA
# scope: package
# title: The model reads no more than its purpose needs
# description: >-
#   A feature that the purpose does not need is a risk without a use: it can leak, it
#   can stand for something protected, and whoever holds the data must justify it.
#   Each feature of the card names the purposes that need it and says why; its data
#   set must be one that the dataset card describes. The minimum necessary of HIPAA
#   binds uses of health information; house policy asks the same of all data.
# custom:
#   id: PRV-003
#   severity: high
#   evidence: [dataset_card, model_card]
#   limit: {unit: features without need, sense: maximum}
#   waivable: [fail, insufficient]
#   controls: ["hipaa:164.502(b)", "gdpr:5(1)(c)", "nist-800-53:pm-25"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Train again without the features named here, or state in the card which purpose
#     needs each and why; describe the data set that a feature comes from.
package promotion.rules.privacy.features_serve_the_purpose

import data.promotion.lib.tiers

limits := {"low": 2, "medium": 0, "high": 0}

deny contains finding if {
	needless := sort(_needless)
	count(needless) > limits[tiers.effective]
	listed := concat(", ", array.slice(needless, 0, 10))
	words := sprintf("%d features are not needed for %s, limit %d: %s", [count(needless), input.request.use.purpose, limits[tiers.effective], listed])
	finding := {"key": "features", "message": words, "observed": count(needless), "limit": limits[tiers.effective]}
}

insufficient contains finding if {
	some feature in _features
	described := _described
	dataset := feature.dataset
	not dataset in described
	finding := {
		"key": concat("=", ["dataset", feature.name]),
		"message": sprintf("%s comes from %s, which no dataset card describes", [feature.name, dataset]),
		"observed": dataset,
		"limit": null,
	}
}

_needless contains feature.name if {
	some feature in _features
	purpose := input.request.use.purpose
	needed := feature.purposes
	not purpose in needed
}

_needless contains feature.name if {
	some feature in _features
	is_null(feature.why)
}

# Spaces say no more than null does.
_needless contains feature.name if {
	some feature in _features
	is_string(feature.why)
	trim_space(feature.why) == ""
}

_features := {feature | some card in input.evidence.model_card; some feature in card.result.features}

_described := {dataset.name | some card in input.evidence.dataset_card; some dataset in card.result.datasets}
