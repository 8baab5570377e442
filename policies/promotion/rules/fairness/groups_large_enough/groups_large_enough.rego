# METADATA
# scope: package
# title: Every group is large enough to be judged, by figures that its counts give
# description: >-
#   A rate over a handful of people is noise. Each group needs enough rows, and a third as many
#   with the favourable true outcome, or true positive rates rest on nobody. Counts that cannot be,
#   groups compared with nothing, ratios and gaps that do not follow from the counts, and intervals
#   below 95 % carry no verdict either. Nothing here says that the model is unfair.
# custom:
#   id: FAIR-003
#   severity: critical
#   evidence: [fairness_report]
#   limits:
#     rows: {unit: rows per group, sense: minimum}
#     positives: {unit: favourable outcomes per group, sense: minimum}
#   waivable: [insufficient]
#   controls: ["nist-ai-rmf:MEASURE-2.11", "fda-gmlp:3"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Measure more people of the group. Where there are no more, merge groups that belong together,
#     say so in the report, and ask for a waiver with a compensating control until the group has grown.
#     Figures that do not follow from the counts are measured again, by one tool from one table.
package promotion.rules.fairness.groups_large_enough

import data.promotion.lib.comparisons
import data.promotion.lib.tiers

limits := {
	"rows": {"low": 30, "medium": 100, "high": 200},
	"positives": {"low": 10, "medium": 34, "high": 67},
}

_confidence := 9500

insufficient contains finding if {
	some group in _groups
	some quantity in ["positives", "rows"]
	group.counts[quantity] < limits[quantity][tiers.effective]
	finding := {
		"key": concat(":", [quantity, group.name]),
		"message": sprintf("%s has %d %s, limit %d", [group.name, group.counts[quantity], quantity, limits[quantity][tiers.effective]]),
		"observed": group.counts[quantity],
		"limit": limits[quantity][tiers.effective],
	}
}

insufficient contains finding if {
	some group in _groups
	comparisons.impossible(group.counts)
	finding := {
		"key": concat(":", ["counts", group.name]),
		"message": sprintf("the counts of %s contradict each other", [group.name]),
		"observed": null,
		"limit": null,
	}
}

insufficient contains finding if {
	some report in input.evidence.fairness_report
	report.result.confidence_bp < _confidence
	finding := {
		"key": "confidence",
		"message": sprintf("intervals hold with %d basis points of confidence, limit %d", [report.result.confidence_bp, _confidence]),
		"observed": report.result.confidence_bp,
		"limit": _confidence,
	}
}

insufficient contains finding if {
	some report in input.evidence.fairness_report
	some attribute in report.result.attributes
	some finding in comparisons.doubts(attribute)
}

_groups contains {"name": concat("=", [attribute.name, group.name]), "counts": group} if {
	some report in input.evidence.fairness_report
	some attribute in report.result.attributes
	some group in attribute.groups
}
