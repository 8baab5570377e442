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
	some one in syntax.nodes
	one.node.negated == true
	dotted := {word |
		some argument in _arguments(one.node.terms)
		walk(argument, [_, node])
		word := _word(node)
	}
	count(dotted) > 0
	finding := {
		"key": one["in"].id,
		"message": sprintf("not over %s: it holds as well where that is undefined", [concat(", ", sort(dotted))]),
		"remedy": "bind it before, as in `digest := dataset.digest` and then `not digest in scanned`",
		"file": one["in"].file,
		"row": syntax.row(one.node),
	}
}

_arguments(terms) := array.slice(terms, 1, count(terms)) if is_array(terms)

_arguments(terms) := [terms] if is_object(terms)

# References, save names of functions: those of more than one word, or with a variable in brackets.
_word(node) := word if {
	node.type == "ref"
	word := syntax.dotted(node)
	not word in syntax.called
}
