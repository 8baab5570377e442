# METADATA
# scope: package
# title: The syntax of policies
# description: >-
#   Walks every parsed module once and says which rules, calls and references
#   stand where. A reference is resolved through imports and through the rules of
#   its own package; what is left is a local name.
package checks.syntax

# METADATA
# description: Package of a file, dotted, without data.
packages[file] := concat(".", [part.value | some place, part in module["package"].path; place > 0]) if {
	some file, module in input.modules
}

# METADATA
# description: Imported paths by file and the name they have there.
imports[file][alias] := [part.value | some part in found.path.value] if {
	some file, module in input.modules
	some found in module.imports
	alias := object.get(found, "alias", found.path.value[count(found.path.value) - 1].value)
}

# METADATA
# description: Every rule as it is written; several may share one id.
rules := [entry |
	some file, module in input.modules
	some rule in module.rules
	name := rule.head.ref[0].value
	entry := {"file": file, "area": _area(packages[file]), "id": _dot([packages[file], name]), "name": name, "rule": rule, "row": row(rule)}
]

_area(name) := split(name, ".")[1]

_dot(words) := concat(".", words)

# METADATA
# description: Ids of all rules.
known := {one.id | some one in rules}

# METADATA
# description: Row of a syntax node, 0 where it was parsed without places.
row(node) := object.get(node, "row", 0)

# METADATA
# description: Every syntax node with its rule and its path there.
nodes := [{"in": one, "path": path, "node": node} |
	some one in rules
	walk(one.rule, [path, node])
	is_object(node)
]

# METADATA
# description: Every call, with its name as written and its arguments.
calls := [{"in": one["in"], "name": dotted(terms[0]), "arguments": array.slice(terms, 1, count(terms)), "row": row(one.node)} |
	some one in nodes
	terms := _terms(one.node)
]

_terms(node) := node.value if node.type == "call"

_terms(node) := node.terms if is_array(node.terms)

# METADATA
# description: Names of functions that are called.
called := {call.name | some call in calls}

# METADATA
# description: A reference as written, up to its first word that is not fixed.
dotted(ref) := _dot(array.concat([_first(ref)], fixed(ref)))

_first(ref) := ref.value[0].value if ref.value[0].type == "var"

# f(x)[0], or {"a": 1}[key]
else := "…"

# METADATA
# description: Words after the head of a reference up to the first that is not fixed.
fixed(ref) := [part.value |
	some part in array.slice(ref.value, 1, min(_open(ref)))
]

_open(ref) := {count(ref.value)} | {place | some place, part in ref.value; place > 0; part.type != "string"}

# METADATA
# description: >-
#   Every reference and name that is not the name of a builtin. root is input, data
#   or local; path the words up to the first that is not fixed, without root; head
#   the first word as written; own whether it is a rule of the same package.
refs := [object.union(found, {"in": one["in"], "row": row(one.node)}) |
	some one in nodes
	one.node.type in {"ref", "var"}
	found := _found(one)
]

_found(one) := found if {
	one.node.type == "ref"
	found := _resolved(one["in"], _first(one.node), fixed(one.node), count(one.node.value) - 1)
	not _builtin(found.root, one.node)
}

_found(one) := _resolved(one["in"], one.node.value, [], 0) if {
	one.node.type == "var"
	not _head(one["in"].rule, one.path)
}

_builtin(root, node) if {
	root == "local"
	dotted(node) in called
}

# The head of a reference is a node of its own, but no reference of its own.
_head(rule, path) if {
	path[count(path) - 1] == 0
	object.get(rule, array.slice(path, 0, count(path) - 2), {}).type == "ref"
}

_resolved(place, head, words, length) := object.union(_rooted(place, head, words), {"head": head, "whole": count(words) == length})

_rooted(place, head, words) := {"root": head, "own": false, "path": words} if head in {"input", "data"}

else := {"root": imported[0], "own": false, "path": array.concat(array.slice(imported, 1, count(imported)), words)} if {
	imported := imports[place.file][head]
}

else := {"root": "data", "own": true, "path": array.concat(split(id, "."), words)} if {
	id := _dot([packages[place.file], head])
	id in known
}

else := {"root": "local", "own": false, "path": words}
