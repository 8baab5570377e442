# METADATA
# title: Figures of a calibration follow from its counts
# description: >-
#   What was scored and what came true are counts; the gap between them is a figure. Where
#   it does not follow, or the counts cannot be, neither can be believed. Shares are
#   compared by cross-multiplication, never by division.
package promotion.lib.calibration

_confidence := 9500

# METADATA
# description: What makes a calibration report doubtful, as findings; empty when sound.
doubts(report) := ((_unsure(report) | _twins(report)) | _wrong_sums(report)) | _counts(report)

_unsure(report) := {_doubt("confidence", words, report.confidence_bp) |
	report.confidence_bp < _confidence
	words := sprintf("intervals hold with %d basis points of confidence, limit %d", [report.confidence_bp, _confidence])
}

_twins(report) := {_doubt("groups", "two groups have the same name", null) |
	names := [[attribute.name, group.name] | some attribute in report.attributes; some group in attribute.groups]
	count(names) != count({name | some name in names})
}

# A group left out leaves rows that belong to none.
_wrong_sums(report) := {_doubt(concat("=", ["sum", attribute.name]), words, held) |
	some attribute in report.attributes
	held := sum([group.rows | some group in attribute.groups])
	held != report.rows
	words := sprintf("groups of %s hold %d of %d rows", [attribute.name, held, report.rows])
}

_counts(report) := {finding |
	some attribute in report.attributes
	some group in attribute.groups
	name := concat("=", [attribute.name, group.name])
	some finding in (_impossible(name, group) | _unlike(name, group))
}

_impossible(name, group) := {_doubt(concat(":", ["counts", name]), sprintf("the counts of %s contradict each other", [name]), null) |
	some part in [group.positives * 10000, group.expected_bp]
	part > group.rows * 10000
}

# Rounded to the nearest basis point; one more is let pass, since others may cut.
_unlike(name, group) := {_doubt(concat(":", ["counts", name]), words, group.gap.estimate_bp) |
	is_object(group.gap)
	apart := abs((group.positives * 10000) - group.expected_bp)
	wrong := [abs((group.gap.estimate_bp * group.rows) - apart) > group.rows, group.gap.estimate_bp < group.gap.lower_bp, group.gap.estimate_bp > group.gap.upper_bp]
	true in wrong
	words := sprintf(
		"calibration of %s is said to be off by %d (interval %d to %d) basis points, the counts give %d of %d rows",
		[name, group.gap.estimate_bp, group.gap.lower_bp, group.gap.upper_bp, apart, group.rows],
	)
}

_doubt(key, words, observed) := {"key": key, "message": words, "observed": observed, "limit": null}
