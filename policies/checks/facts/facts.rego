# METADATA
# scope: package
# title: What stands in a module
# description: >-
#   Walks a parsed module and says in few words what the checks ask of it. It follows
#   from that module alone, so that what was said of the same source before can be
#   handed over instead; what a name means among other modules is told by syntax.
package checks.facts

# METADATA
# description: By file, the package, the imports and the rules as they are written.
of[file] := {
	"package": [part.value | some place, part in module["package"].path; place > 0],
	"row": _row(module["package"]),
	"imports": [{"name": _alias(found), "path": [part.value | some part in found.path.value], "row": _row(found)} |
		some found in module.imports
	],
	"rules": [_rule(rule) | some rule in module.rules],
} if {
	some file, module in input.modules
}

# METADATA
# description: Whether modules were handed over, be it none.
given if is_object(input.modules)

_alias(found) := object.get(found, "alias", found.path.value[count(found.path.value) - 1].value)

# Row of a syntax node, 0 where it was parsed without places.
_row(node) := object.get(node, "row", 0)

# refs are references whose first word is a name, names are names elsewhere, as [name, row];
# texts are strings, save the words of references; keys are names of members of objects.
_rule(rule) := {
	"name": rule.head.ref[0].value,
	"row": _row(rule),
	"set": _set(rule.head),
	"limits": _limits(rule),
	"calls": array.concat(
		[_call(node, node.value) | some node in nodes; node.type == "call"],
		[_call(node, node.terms) | some node in nodes; is_array(node.terms)],
	),
	"refs": [{"head": first.value, "words": words, "whole": count(words) == (count(node.value) - 1), "row": _row(node)} |
		some node in nodes
		node.type == "ref"
		first := node.value[0]
		first.type == "var"
		words := _fixed(node)
	],
	"names": {[node.value, _row(node)] |
		walk(rule, [path, node])
		node.type == "var"
		not _head(rule, path)
	},
	"texts": {node.value |
		walk(rule, [path, node])
		node.type == "string"
		object.get(rule, array.slice(path, 0, count(path) - 2), {}).type != "ref"
	},
	"keys": {key.value | some node in nodes; node.type == "object"; some [key, _] in node.value; key.type == "string"},
	"every": [_row(node) | some node in nodes; node.domain],
	"with": [_row(node) | some node in nodes; is_array(node["with"])],
	"negated": [{"words": words, "row": _row(node)} |
		some node in nodes
		node.negated == true
		words := {word |
			some argument in _arguments(node.terms)
			walk(argument, [_, part])
			part.type == "ref"
			word := _dotted(part)
		}
	],
} if {
	nodes := [node | walk(rule, [_, node]); is_object(node)]
}

# The term of limits that are given without a condition, null where they depend on one.
_limits(rule) := object.get(rule.head, "value", null) if {
	rule.head.ref[0].value == "limits"
	rule.body[0].generated == true
} else := null

default _set(_) := false

_set(head) if {
	head.key
	count(head.ref) == 1
	not head.value
	not head.args
}

_call(node, terms) := {"name": _dotted(terms[0]), "row": _row(node)}

# The head of a reference is a node of its own, but no name of its own.
_head(rule, path) if {
	path[count(path) - 1] == 0
	object.get(rule, array.slice(path, 0, count(path) - 2), {}).type == "ref"
}

_arguments(terms) := array.slice(terms, 1, count(terms)) if is_array(terms)

_arguments(terms) := [terms] if is_object(terms)

# A reference as written, up to its first word that is not fixed.
_dotted(ref) := concat(".", array.concat([_first(ref)], _fixed(ref)))

_first(ref) := ref.value[0].value if ref.value[0].type == "var"

# f(x)[0], or {"a": 1}[key]
else := "…"

# Words after the head of a reference up to the first that is not fixed.
_fixed(ref) := words if {
	words := [part.value | some place, part in ref.value; place > 0; part.type == "string"]
	count(words) == count(ref.value) - 1
} else := [part.value |
	some part in array.slice(ref.value, 1, min({place | some place, part in ref.value; place > 0; part.type != "string"}))
]
