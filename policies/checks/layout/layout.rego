# METADATA
# scope: package
# title: A package lies where its name says
# description: >-
#   Package path is folder path, and a policy is the file of its name: who reads a
#   verdict finds its rule without a search, and CODEOWNERS by path holds.
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
		"row": syntax.row(input.modules[file]["package"]),
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
		"row": syntax.row(input.modules[file]["package"]),
	}
}
