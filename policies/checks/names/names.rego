# METADATA
# scope: package
# title: A policy's rules have the names that main looks for
# description: >-
#   main reads deny, insufficient and not_applicable, sets of findings. A rule of any
#   other name never denies, whatever was meant by it. What is not for main is
#   private: its name begins with an underscore.
package checks.names

import data.checks.syntax

_sets := {"deny", "insufficient", "not_applicable"}

_public := _sets | {"limits"}

_rules[one.file] contains one if {
	some one in syntax.rules
	one.area == "rules"
}

findings contains _finding(one, sprintf("%s is no name that main looks for", [one.name]), remedy) if {
	some one in _rules[_]
	not one.name in _public
	_suspect(one.name)
	remedy := sprintf("name it %s, or begin the name with an underscore where it is a helper", [concat(", ", sort(_public))])
}

_suspect(name) if not startswith(name, "_")

_suspect(name) if trim(name, "_") in _public

findings contains _finding(one, sprintf("%s is no set", [one.name]), "write `… contains finding if { … }`: one finding for each breach") if {
	some one in _rules[_]
	one.name in _sets
	not one.rule.set
}

findings contains finding if {
	some policy in input.catalog
	names := {one.name | some one in _rules[policy.file]}
	count(names & {"deny", "insufficient"}) == 0
	finding := _finding(
		{"id": policy.id, "file": policy.file, "row": policy.row},
		"the policy has neither deny nor insufficient",
		"add one of them, or take the policy out",
	)
}

_finding(one, message, remedy) := {"key": one.id, "message": message, "remedy": remedy, "file": one.file, "row": one.row}
