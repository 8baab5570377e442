# METADATA
# scope: package
# title: A probability means the same for every group
# description: >-
#   Where a score of 30 % comes true for 30 % of one group and 42 % of another, whoever
#   decides by it treats the second unlike the first. The gap between scored and true
#   share is judged for each group by interval, so that a thin one cannot pass by luck.
#   Gaps must follow from the counts, and no group of the fairness report may be left out.
# custom:
#   id: FAIR-006
#   severity: high
#   evidence: [calibration_report, fairness_report]
#   limits:
#     gap: {unit: basis points, sense: maximum}
#     rows: {unit: rows per group, sense: minimum}
#   waivable: [fail, insufficient]
#   controls: ["fda-gmlp:3", "fda-gmlp:8", "nist-ai-rmf:MEASURE-2.11"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Calibrate the score on data that hold the group, or measure more rows of it if the
#     interval is wide; measure calibration for every group of the fairness report.
package promotion.rules.fairness.calibration_alike

import data.promotion.lib.calibration
import data.promotion.lib.intervals
import data.promotion.lib.tiers

limits := {
	"gap": {"low": 1000, "medium": 500, "high": 300},
	"rows": {"low": 30, "medium": 100, "high": 200},
}

not_applicable contains "no legal or significant effect, and not of the high tier" if tiers.minor

deny contains _judged(group, "is beyond the limit as a whole") if {
	some group in _groups
	intervals.above(group.gap, limits.gap[tiers.effective])
}

insufficient contains _judged(group, "lies on both sides of the limit") if {
	some group in _groups
	intervals.straddles_maximum(group.gap, limits.gap[tiers.effective])
}

insufficient contains _finding(group.name, sprintf("no calibration could be computed for %s", [group.name]), null, limits.gap[tiers.effective]) if {
	some group in _groups
	is_null(group.gap)
}

insufficient contains _finding(concat(":", ["rows", group.name]), words, group.rows, least) if {
	some group in _groups
	least := limits.rows[tiers.effective]
	group.rows < least
	words := sprintf("%s has %d rows, limit %d", [group.name, group.rows, least])
}

insufficient contains _finding(concat(":", ["left out", name]), sprintf("calibration of %s was not measured", [name]), null, null) if {
	some name in (_compared - {group.name | some group in _groups})
}

insufficient contains finding if {
	some statement in input.evidence.calibration_report
	some finding in calibration.doubts(statement.result)
}

_groups contains object.union(group, {"name": concat("=", [attribute.name, group.name])}) if {
	some statement in input.evidence.calibration_report
	some attribute in statement.result.attributes
	some group in attribute.groups
}

_compared := {concat("=", [attribute.name, group.name]) | some report in input.evidence.fairness_report; some attribute in report.result.attributes; some group in attribute.groups}

_judged(group, words) := _finding(group.name, message, group.gap.estimate_bp, limits.gap[tiers.effective]) if {
	said := [group.name, group.gap.estimate_bp, group.gap.lower_bp, group.gap.upper_bp, limits.gap[tiers.effective], words]
	message := sprintf("calibration of %s is off by %d (interval %d to %d) basis points, limit %d: %s", said)
}

_finding(key, words, observed, limit) := {"key": key, "message": words, "observed": observed, "limit": limit}
