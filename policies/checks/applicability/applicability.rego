# METADATA
# scope: package
# title: Whether a policy applies follows from the request alone
# description: >-
#   If evidence, trust or the clock could make a policy not applicable, whoever
#   supplies them could switch it off. What not_applicable reads is followed through
#   rules and functions of every package.
package checks.applicability

import data.checks.syntax

# Rules of any package that a rule uses.
_uses[ref["in"].id] contains id if {
	some ref in syntax.refs
	ref.root == "data"
	some id in _led[ref.path]
}

_led := {path: ids |
	some path in {ref.path | some ref in syntax.refs; ref.root == "data"}
	ids := {id |
		some end in numbers.range(3, count(path))
		id := concat(".", array.slice(path, 0, end))
		id in syntax.known
	}
}

_graph := {id: object.get(_uses, id, set()) | some id in syntax.known}

# What is not the request, by who reads it.
_other[ref["in"].id] contains concat(".", array.concat([ref.root], ref.path)) if {
	some ref in syntax.refs
	ref.root in {"input", "data"}
	not _of_request(ref.root, ref.path)
}

_other[call["in"].id] contains call.name if {
	some call in syntax.calls
	startswith(call.name, "time.")
}

_of_request("input", path) if array.slice(path, 0, 1) == ["request"]

_of_request("data", path) if array.slice(path, 0, 1) == ["promotion"]

findings contains finding if {
	some one in syntax.rules
	one.name == "not_applicable"
	one.area == "rules"
	reached := graph.reachable(_graph, {one.id})
	some id in reached
	some what in object.get(_other, id, set())
	finding := {
		"key": sprintf("%s:%s", [one.id, what]),
		"message": sprintf("not_applicable reads %s%s", [what, _through(id, one.id)]),
		"remedy": "let it follow from input.request alone; what evidence shows belongs into deny or insufficient",
		"file": one.file,
		"row": one.row,
	}
}

_through(id, own) := "" if id == own

else := sprintf(" through %s", [id])
