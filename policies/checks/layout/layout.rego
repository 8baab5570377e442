# METADATA
# scope: package
# title: A package lies where its name says
# description: >-
#   Package path is folder path, and a policy is the file of its name: who reads a
#   verdict finds its rule without a search, and CODEOWNERS by path holds. A policy
#   whose file name ends in _test would ship nowhere, and nobody would miss it.
package checks.layout

import data.checks.syntax

findings contains finding if {
	some file, name in syntax.packages
	parts := split(file, "/")
	folder := array.slice(parts, 1, count(parts) - 1)
	split(name, ".") != folder
	finding := {
		"key": name,
		"message": sprintf("the package %s lies in %s", [name, concat("/", folder)]),
		"remedy": "make package path and folder path the same",
		"file": file,
		"row": syntax.modules[file].row,
	}
}

findings contains finding if {
	some file, name in syntax.packages
	startswith(name, "promotion.rules.")
	parts := split(name, ".")
	wanted := concat("", [parts[count(parts) - 1], ".rego"])
	not endswith(file, concat("", ["/", wanted]))
	finding := {
		"key": file,
		"message": sprintf("a file of %s is not named after it", [name]),
		"remedy": sprintf("a policy is one file, %s, so that its METADATA, limits and rules are read together", [wanted]),
		"file": file,
		"row": syntax.modules[file].row,
	}
}

# main reads promotion.rules.<family>.<policy> alone.
findings contains finding if {
	some file, name in syntax.packages
	startswith(name, "promotion.rules.")
	count(split(name, ".")) == 3
	some rule in syntax.modules[file].rules
	finding := {
		"key": name,
		"message": sprintf("%s describes a family and holds a rule, which nobody would evaluate", [name]),
		"remedy": "move the rule into a policy of the family; a family's file holds METADATA alone",
		"file": file,
		"row": rule.row,
	}
}

# The bundle and the catalog take a file for a test by its name.
findings contains finding if {
	some file, text in input.tests
	some line in regex.find_n(`(?m)^package \S+`, text, 1)
	name := trim_prefix(line, "package ")
	not name in _tested
	finding := {
		"key": name,
		"message": sprintf("%s lies in a file for tests and is the test of no package", [name]),
		"remedy": "call a test <package>_test; a policy whose name ends in _test would never be evaluated: rename it",
		"file": file,
		"row": 0,
	}
}

_tested := {concat("", [name, "_test"]) | some name in syntax.packages}
