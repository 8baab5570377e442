# METADATA
# scope: package
# title: Rules hold no construct that can hide an absence
# description: >-
#   `every` holds over nothing, and OPA's type checker does not look into it.
#   object.get puts a default where evidence is missing. Division and rounding move
#   a share onto its limit. `with` alters input for the rest of a query.
package checks.constructs

import data.checks.syntax

# By area, builtins as they are called there.
_refused := {
	"rules": {
		"object.get": "a default hides that evidence is missing; read the field itself",
		"div": "a quotient is rounded; cross-multiply counts with lib/numbers",
		"round": "rounding can move a share onto its limit; cross-multiply counts with lib/numbers",
		"floor": "rounding can move a share onto its limit; cross-multiply counts with lib/numbers",
		"ceil": "rounding can move a share onto its limit; count days with lib/numbers",
	},
	"lib": {"object.get": "a default hides that something is missing; read the field itself"},
	"main": {"object.get": "a default hides that something is missing; read the field itself"},
}

_words := {"div": "division"}

findings contains _finding(call["in"], call.row, object.get(_words, call.name, call.name), remedy) if {
	some call in syntax.calls
	remedy := _refused[call["in"].area][call.name]
}

findings contains _finding(one, row, "every", "it holds over nothing; write deny with `some`, once per breach") if {
	some one in syntax.rules
	one.area == "rules"
	some row in one.rule.every
}

findings contains _finding(one, row, "with", "it alters input for the rest of the query; bind what you need") if {
	some one in syntax.rules
	one.area != "replay"
	some row in one.rule["with"]
}

_finding(place, row, what, remedy) := {
	"key": sprintf("%s:%s", [place.id, what]),
	"message": sprintf("%s is not for %s", [what, place.area]),
	"remedy": remedy,
	"file": place.file,
	"row": row,
}
