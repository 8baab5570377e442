# METADATA
# scope: package
# title: Error rates are close across groups
# description: >-
#   Equal selection can hide that the deserving of one group are turned away more
#   often, or the undeserving of another let through. The absolute differences of
#   true and false positive rates from the reference group are judged by interval,
#   so that a thin sample cannot pass by luck.
# custom:
#   id: FAIR-002
#   severity: high
#   evidence: [fairness_report]
#   limits:
#     tpr_gap: {unit: basis points, sense: maximum}
#     fpr_gap: {unit: basis points, sense: maximum}
#   waivable: [fail, insufficient]
#   controls: ["nist-ai-rmf:MEASURE-2.11", "eu-ai-act:10", "eu-ai-act:15"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Find the features that carry the difference and retrain without them, or
#     measure more rows of the group if the interval is wide.
package promotion.rules.fairness.error_rate_gaps_within_limit

import data.promotion.lib.intervals
import data.promotion.lib.tiers

limits := {
	"tpr_gap": {"low": 1500, "medium": 1000, "high": 500},
	"fpr_gap": {"low": 1500, "medium": 1000, "high": 500},
}

_names := {"tpr_gap": "true positive rates", "fpr_gap": "false positive rates"}

deny contains finding if {
	some measured in _measured
	intervals.above(measured.gap, measured.limit)
	finding := _finding(measured, "is beyond the limit as a whole")
}

insufficient contains finding if {
	some measured in _measured
	intervals.straddles_maximum(measured.gap, measured.limit)
	finding := _finding(measured, "lies on both sides of the limit")
}

insufficient contains finding if {
	some measured in _measured
	is_null(measured.gap)
	finding := {
		"key": measured.key,
		"message": sprintf("no gap of %s could be computed for %s", [measured.name, measured.group]),
		"observed": null,
		"limit": measured.limit,
	}
}

_measured contains {"key": key, "group": group, "name": name, "gap": comparison[quantity], "limit": limits[quantity][tiers.effective]} if {
	some report in input.evidence.fairness_report
	some attribute in report.result.attributes
	some comparison in attribute.comparisons
	some quantity, name in _names
	group := concat("=", [attribute.name, comparison.group])
	key := concat(":", [quantity, group])
}

_finding(measured, words) := {
	"key": measured.key,
	"message": sprintf(
		"gap of %s for %s is %d (interval %d to %d) basis points, limit %d: %s",
		[measured.name, measured.group, measured.gap.estimate_bp, measured.gap.lower_bp, measured.gap.upper_bp, measured.limit, words],
	),
	"observed": measured.gap.estimate_bp,
	"limit": measured.limit,
}
