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

_known := {name | some name in input.schemas.fields}

_fields[file] := _known | union({_made[one] | some one in ({file} | _imported(file))}) if some file, _ in syntax.modules

_made := {file: {key | some rule in module.rules; some key in rule.keys} | some file, module in syntax.modules}

# Objects of a library are read where it is imported.
_imported(file) := {other |
	some path in syntax.imports[file]
	some other in object.get(_libraries, concat(".", array.slice(path, 1, count(path))), set())
}

_libraries[name] contains file if {
	some file, name in syntax.packages
	startswith(name, "promotion.lib.")
}
