# METADATA
# scope: package
# title: Nothing undefined is negated
# description: >-
#   `not f(x.y)` and `not x.y > n` hold as well when x.y does not exist, so absence
#   reads as an answer. Arguments are bound to names first, in lines of their own:
#   an undefined one then stops the rule, and what is negated is the answer alone.
package checks.negation

import data.checks.syntax

findings contains finding if {
	some one in syntax.rules
	some negated in one.rule.negated

	# References, save names of functions: those of more than one word, or with a variable in brackets.
	dotted := {word | some word in negated.words; not word in syntax.called}
	count(dotted) > 0
	finding := {
		"key": one.id,
		"message": sprintf("not over %s: it holds as well where that is undefined", [concat(", ", sort(dotted))]),
		"remedy": "bind it before, as in `digest := dataset.digest` and then `not digest in scanned`",
		"file": one.file,
		"row": negated.row,
	}
}
