# METADATA
# title: Figures of a comparison follow from its counts
# description: >-
#   A report gives counts and figures. Where a figure does not follow from the counts,
#   or a group is compared with nothing, neither can be believed. Shares are compared by
#   cross-multiplication, never by division.
package promotion.lib.comparisons

# METADATA
# description: What makes the comparisons of one attribute doubtful, as findings; empty when sound.
doubts(attribute) := ((_references(attribute) | _twins(attribute)) | (_left_out(attribute) | _uncounted(attribute))) | _figures(attribute)

# METADATA
# description: Counts of one group that contradict each other.
impossible(counts) if counts.true_positives > counts.positives

impossible(counts) if counts.false_positives > counts.rows - counts.positives

impossible(counts) if counts.selected != counts.true_positives + counts.false_positives

_names(attribute) := {group.name | some group in attribute.groups}

_references(attribute) := {_doubt("reference", attribute.name, words) |
	reference := attribute.reference
	not reference in _names(attribute)
	words := sprintf("%s is compared with %s, which is no group of it", [attribute.name, reference])
}

_twins(attribute) := {_doubt("groups", attribute.name, words) |
	count(_names(attribute)) < count(attribute.groups)
	words := sprintf("two groups of %s have the same name", [attribute.name])
}

_left_out(attribute) := {_doubt("compared", key, words) |
	compared := {attribute.reference} | {comparison.group | some comparison in attribute.comparisons}
	some name in (_names(attribute) - compared)
	key := concat("=", [attribute.name, name])
	words := sprintf("%s is not compared with the reference", [key])
}

_uncounted(attribute) := {_doubt("compared", key, words) |
	some comparison in attribute.comparisons
	name := comparison.group
	not name in _names(attribute)
	key := concat("=", [attribute.name, name])
	words := sprintf("%s is compared and has no counts", [key])
}

_figures(attribute) := {finding |
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
