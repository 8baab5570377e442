# METADATA
# scope: package
# title: Training data represent the people the model is meant for
# description: >-
#   Whom the data hardly know, the model serves badly. A group's share of the rows may fall
#   short of its share of the target population by so much of that share; a surplus alone harms
#   nobody, for it shows as the shortfall of others. Attributes left out, groups that are not all
#   rows, or targets that are not the whole population carry no verdict.
# custom:
#   id: DAT-006
#   severity: high
#   evidence: [data_profile]
#   limit: {unit: basis points of the target share that are missing, sense: maximum}
#   waivable: [fail, insufficient]
#   controls: ["fda-gmlp:3", "nist-ai-rmf:MAP-2.3", "eu-ai-act:10"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Collect more rows of the group, or narrow the intended use to whom the data know and
#     say so in request and model card. Then count again against the same source.
package promotion.rules.data.groups_represented

import data.promotion.lib.attributes
import data.promotion.lib.tiers

limits := {"low": 5000, "medium": 3000, "high": 2000}

# Each target share is rounded to a basis point, so that their sum may be off by one for each.
_whole := 10000

not_applicable contains "no attribute of people is required for this use" if count(attributes.required) == 0

# rows / total falls short of target / 10000 by more than limit / 10000 of it; cross-multiplied.
deny contains _finding(key, words, group.rows, limits[tiers.effective]) if {
	some attribute in _attributes
	some group in attribute.groups
	due := group.target_bp * attribute.total
	(due - (group.rows * _whole)) * _whole > limits[tiers.effective] * due
	key := concat("=", [attribute.name, group.name])
	words := sprintf("%s has %d of %d rows, and %d basis points of the people the model is meant for", [key, group.rows, attribute.total, group.target_bp])
}

insufficient contains _finding(attribute, sprintf("nobody compared %s with the target population", [attribute]), null, null) if {
	some attribute in (attributes.required - {one.name | some one in _attributes})
}

insufficient contains _finding(attribute.name, sprintf("attribute %s has no second group", [attribute.name]), null, null) if {
	some attribute in _attributes
	count({group.name | some group in attribute.groups}) < 2
}

insufficient contains _finding(attribute.name, words, held, attribute.total) if {
	some attribute in _attributes
	held := sum([group.rows | some group in attribute.groups])
	held != attribute.total
	words := sprintf("groups of %s hold %d of %d rows", [attribute.name, held, attribute.total])
}

insufficient contains _finding(attribute.name, words, targets, _whole) if {
	some attribute in _attributes
	targets := sum([group.target_bp | some group in attribute.groups])
	abs(targets - _whole) > count(attribute.groups)
	words := sprintf("target shares of %s add up to %d basis points", [attribute.name, targets])
}

_attributes contains object.union(attribute, {"total": profile.result.rows}) if {
	some profile in input.evidence.data_profile
	some attribute in profile.result.representation
}

_finding(key, words, observed, limit) := {"key": key, "message": words, "observed": observed, "limit": limit}
