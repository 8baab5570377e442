# METADATA
# scope: package
# title: Every reference to data leads to a rule
# description: >-
#   OPA takes a misspelt data path for one that is merely undefined. What a policy
#   reads must be a rule of these policies, or a generated constant; waivers come
#   from a bundle of their own and are read by lib/waivers alone.
package checks.references

import data.checks.syntax

_packages := {name | some name in syntax.packages}

findings contains finding if {
	some ref in syntax.refs
	ref.root == "data"
	ref.own == false
	not _leads(ref)
	not _foreign(ref)
	finding := _finding(ref["in"].id, ref.path, ref["in"].file, ref.row)
}

findings contains finding if {
	some file, module in syntax.modules
	some found in module.imports
	path := found.path
	path[0] == "data"
	not _leads({"path": array.slice(path, 1, count(path)), "whole": true})
	finding := _finding(syntax.packages[file], array.slice(path, 1, count(path)), file, found.row)
}

# A policy that read another one's verdict would change with it.
findings contains finding if {
	some ref in syntax.refs
	ref.root == "data"
	ref.own == false
	ref["in"].area in {"rules", "lib"}
	array.slice(ref.path, 0, 2) == ["promotion", "rules"]
	finding := object.union(_finding(ref["in"].id, ref.path, ref["in"].file, ref.row), {
		"message": sprintf("data.%s is another policy", [concat(".", ref.path)]),
		"remedy": "put what both need into lib/",
	})
}

_leads(ref) if array.slice(ref.path, 0, 2) == ["promotion", "generated"]

_leads(ref) if {
	some end in numbers.range(1, count(ref.path))
	concat(".", array.slice(ref.path, 0, end)) in syntax.known
}

_leads(ref) if concat(".", ref.path) in _packages

# The rest is chosen when the policy runs: data.promotion.rules[family][name].
_leads(ref) if {
	ref.whole == false
	some name in _packages
	startswith(name, concat("", [concat(".", ref.path), "."]))
}

_foreign(ref) if {
	ref.path[0] == "waivers"
	ref["in"].area == "lib"
}

_finding(place, path, file, row) := {
	"key": sprintf("%s:%s", [place, concat(".", path)]),
	"message": sprintf("data.%s leads to no rule", [concat(".", path)]),
	"remedy": "spell it as its package does; undefined, it would silently stop the rule that reads it",
	"file": file,
	"row": row,
}
