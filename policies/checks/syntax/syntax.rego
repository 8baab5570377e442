# METADATA
# scope: package
# title: The syntax of policies
# description: >-
#   Says which rules, calls and references stand where in all modules. A reference is
#   resolved through imports and through the rules of its own package; what is left is
#   a local name.
package checks.syntax

import data.checks.facts

# METADATA
# description: What stands in each file, as checks.facts says it or said it before.
modules := object.union(_said, facts.of)

_said := said if said := input.facts

else := {}

# METADATA
# description: Package of a file, dotted, without data.
packages[file] := concat(".", module["package"]) if some file, module in modules

# METADATA
# description: Imported paths by file and the name they have there.
imports[file][found.name] := found.path if {
	some file, module in modules
	some found in module.imports
}

# METADATA
# description: Every rule as it is written; several may share one id.
rules := [{"file": file, "area": area, "id": _dot([name, rule.name]), "name": rule.name, "rule": rule, "row": rule.row} |
	some file, module in modules
	name := packages[file]
	area := module["package"][1]
	some rule in module.rules
]

_dot(words) := concat(".", words)

# METADATA
# description: Ids of all rules.
known := {one.id | some one in rules}

# METADATA
# description: Every call, with its name as written.
calls := [{"in": one, "name": call.name, "row": call.row} |
	some one in rules
	some call in one.rule.calls
]

# METADATA
# description: Names of functions that are called.
called := {call.name | some call in calls}

# METADATA
# description: >-
#   Every reference that leads out of its rule, by its first word alone or in full, and
#   every field of a local name that is not the name of a builtin. root is input, data
#   or local; path the words up to the first that is not fixed, without root; head
#   the first word as written; own whether it is a rule of the same package.
refs := array.concat(_led, array.concat(_named, _local))

_led := [object.union(ref, {"in": one, "root": found.root, "own": found.own, "path": array.concat(found.path, ref.words)}) |
	some one in rules
	meant := _meant[one.file]
	some ref in one.rule.refs
	found := meant[ref.head]
]

_named := [object.union(found, {"in": one, "head": name, "whole": true, "row": row}) |
	some one in rules
	meant := _meant[one.file]
	some [name, row] in one.rule.names
	found := meant[name]
]

_local := [object.union(ref, {"in": one, "root": "local", "own": false, "path": ref.words}) |
	some one in rules
	meant := _meant[one.file]
	some ref in one.rule.refs
	ref.words != []
	not meant[ref.head]
	not _dot(array.concat([ref.head], ref.words)) in called
]

# By file, what the first word of a reference means: a rule of the same package, before that
# what is imported, and before all input and data.
_meant[file] := object.union_n([
	object.get(_own, name, {}),
	{alias: {"root": path[0], "own": false, "path": array.slice(path, 1, count(path))} | some alias, path in imports[file]},
	{root: {"root": root, "own": false, "path": []} | some root in ["input", "data"]},
]) if {
	some file, name in packages
}

_own[packages[one.file]][one.name] := {"root": "data", "own": true, "path": split(one.id, ".")} if some one in rules
