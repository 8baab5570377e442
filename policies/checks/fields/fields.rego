# METADATA
# scope: package
# title: Fields that are read exist
# description: >-
#   A misspelt field is undefined, its finding with it, and the policy passes. OPA's
#   type checker sees that save behind parameters of functions, dynamic keys and
#   nulls. So every field read from a local name must be one that a schema, an
#   object in the same file or one of an imported library has.
package checks.fields

import data.checks.syntax

findings contains finding if {
	some ref in syntax.refs
	ref.root == "local"
	ref.head != "…"
	ref["in"].area in {"rules", "lib"}
	not _of_waivers(ref["in"].file)
	some field in ref.path
	not field in _fields[ref["in"].file]
	finding := {
		"key": sprintf("%s:%s", [ref["in"].id, field]),
		"message": sprintf("%s.%s: no schema and no object in this file or its libraries has a field %s", [ref.head, concat(".", ref.path), field]),
		"remedy": "spell it as the schema does; undefined, it would take its finding away silently",
		"file": ref["in"].file,
		"row": ref.row,
	}
}

# They read the waiver bundle, whose shape Python makes and no schema tells.
_of_waivers(file) if strings.any_prefix_match(file, ["policies/promotion/lib/waivers/", "policies/promotion/lib/overrides/"])

_made := [{"file": one["in"].file, "key": key.value} |
	some one in syntax.nodes
	one.node.type == "object"
	some [key, _] in one.node.value
	key.type == "string"
]

_known := {name | some name in input.schemas.fields}

_fields := {file: names |
	some file, _ in input.modules
	near := {file} | _imported(file)
	names := _known | {made.key | some made in _made; made.file in near}
}

# Objects of a library are read where it is imported.
_imported(file) := {other |
	paths := {concat(".", array.slice(path, 1, count(path))) | some path in syntax.imports[file]}
	some other, name in syntax.packages
	name in paths
	startswith(name, "promotion.lib.")
}
