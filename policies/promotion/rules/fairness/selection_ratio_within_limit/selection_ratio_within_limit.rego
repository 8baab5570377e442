# METADATA
# scope: package
# title: Selection rates are close across groups
# description: >-
#   A group that is selected much less often than the reference group may be
#   treated unfairly. The four-fifths limit is house policy (and some state
#   law): Reg B dropped its effects test on 21 July 2026. Judged by interval, so
#   that a thin sample cannot pass by luck.
# custom:
#   id: FAIR-001
#   severity: high
#   evidence: [fairness_report]
#   limit: {unit: basis points, sense: minimum}
#   waivable: [fail, insufficient]
#   controls: ["nist-ai-rmf:MEASURE-2.11"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Find the features that carry the difference and retrain without them, or
#     measure more rows of the group if the interval is wide.
package promotion.rules.fairness.selection_ratio_within_limit

import data.promotion.lib.intervals
import data.promotion.lib.tiers

# Lower bound of the 95 % interval of the ratio, in basis points.
limits := {"low": 7000, "medium": 8000, "high": 8000}

deny contains finding if {
	some measured in _measured
	intervals.below(measured.ratio, limits[tiers.effective])
	finding := _finding(measured, "is beyond the limit as a whole")
}

insufficient contains finding if {
	some measured in _measured
	intervals.straddles_minimum(measured.ratio, limits[tiers.effective])
	finding := _finding(measured, "lies on both sides of the limit")
}

insufficient contains finding if {
	some measured in _measured
	is_null(measured.ratio)
	finding := {
		"key": measured.key,
		"message": sprintf("no selection ratio could be computed for %s", [measured.key]),
		"observed": null,
		"limit": limits[tiers.effective],
	}
}

_measured contains {"key": concat("", [attribute.name, "=", comparison.group]), "ratio": comparison.selection_ratio} if {
	some report in input.evidence.fairness_report
	some attribute in report.result.attributes
	some comparison in attribute.comparisons
}

_finding(measured, words) := {
	"key": measured.key,
	"message": sprintf(
		"selection ratio of %s is %d (interval %d to %d) basis points, limit %d: %s",
		[measured.key, measured.ratio.estimate_bp, measured.ratio.lower_bp, measured.ratio.upper_bp, limits[tiers.effective], words],
	),
	"observed": measured.ratio.estimate_bp,
	"limit": limits[tiers.effective],
}
