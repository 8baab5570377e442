# METADATA
# scope: package
# title: Every group is large enough to be judged, by figures that its counts give
# description: >-
#   A rate over a handful of people is noise. Each group needs enough rows, and a
#   third as many with the favourable true outcome, or true positive rates rest on
#   nobody. Counts that cannot be, groups that are compared with nothing, ratios and
#   gaps that do not follow from the counts, and intervals that promise less than
#   95 %, carry no verdict either. Nothing here says that the model is unfair.
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
#     Measure more people of the group. Where there are no more, merge groups that
#     belong together, say so in the report, and ask for a waiver with a
#     compensating control until the group has grown. Figures that do not follow
#     from the counts are measured again, by one tool from one table.
package promotion.rules.fairness.groups_large_enough

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
	_impossible(group.counts)
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

insufficient contains _doubt("reference", attribute.name, sprintf("%s is compared with %s, which is no group of it", [attribute.name, attribute.reference])) if {
	some attribute in _attributes
	names := {group.name | some group in attribute.groups}
	reference := attribute.reference
	not reference in names
}

insufficient contains _doubt("groups", attribute.name, sprintf("two groups of %s have the same name", [attribute.name])) if {
	some attribute in _attributes
	names := {group.name | some group in attribute.groups}
	count(names) < count(attribute.groups)
}

insufficient contains _doubt("compared", key, sprintf("%s is not compared with the reference", [key])) if {
	some attribute in _attributes
	names := {group.name | some group in attribute.groups}
	compared := {attribute.reference} | {comparison.group | some comparison in attribute.comparisons}
	some name in (names - compared)
	key := concat("=", [attribute.name, name])
}

insufficient contains _doubt("compared", key, sprintf("%s is compared and has no counts", [key])) if {
	some attribute in _attributes
	names := {group.name | some group in attribute.groups}
	some comparison in attribute.comparisons
	name := comparison.group
	not name in names
	key := concat("=", [attribute.name, name])
}

insufficient contains finding if {
	some attribute in _attributes
	some comparison in attribute.comparisons
	some group in attribute.groups
	group.name == comparison.group
	some reference in attribute.groups
	reference.name == attribute.reference
	some quantity, part in _parts(group, reference)
	interval := comparison[quantity]
	is_object(interval)
	not _follows(interval, part)
	finding := {
		"key": sprintf("%s:%s=%s", [quantity, attribute.name, group.name]),
		"message": sprintf(
			"%s of %s=%s is said to be %d (interval %d to %d) basis points, the counts give %d of %d",
			[quantity, attribute.name, group.name, interval.estimate_bp, interval.lower_bp, interval.upper_bp, part.share, part.whole],
		),
		"observed": interval.estimate_bp,
		"limit": null,
	}
}

_attributes contains attribute if {
	some report in input.evidence.fairness_report
	some attribute in report.result.attributes
}

# Each figure of a comparison as a share of a whole, for cross-multiplication.
_parts(group, reference) := {
	"selection_ratio": {"share": group.selected * reference.rows, "whole": group.rows * reference.selected},
	"tpr_gap": _apart(group.true_positives, group.positives, reference.true_positives, reference.positives),
	"fpr_gap": _apart(group.false_positives, group.rows - group.positives, reference.false_positives, reference.rows - reference.positives),
}

_apart(part, whole, other_part, other_whole) := {
	"share": abs((part * other_whole) - (other_part * whole)),
	"whole": whole * other_whole,
}

# Estimates are rounded to the nearest basis point; one more is let pass, since others
# may cut. A share of nothing has no estimate.
_follows(interval, part) if {
	_encloses(interval)
	part.whole > 0
	abs((interval.estimate_bp * part.whole) - (part.share * 10000)) <= part.whole
}

# The schema ends at a ratio of a hundred.
_follows(interval, part) if {
	_encloses(interval)
	part.whole > 0
	interval.estimate_bp == 1000000
	part.share * 10000 >= interval.estimate_bp * part.whole
}

_encloses(interval) if {
	interval.lower_bp <= interval.estimate_bp
	interval.estimate_bp <= interval.upper_bp
}

_doubt(what, name, words) := {"key": concat(":", [what, name]), "message": words, "observed": null, "limit": null}

_groups contains {"name": concat("=", [attribute.name, group.name]), "counts": group} if {
	some report in input.evidence.fairness_report
	some attribute in report.result.attributes
	some group in attribute.groups
}

_impossible(counts) if counts.true_positives > counts.positives

_impossible(counts) if counts.false_positives > counts.rows - counts.positives

_impossible(counts) if counts.selected != counts.true_positives + counts.false_positives
