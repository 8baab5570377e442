# METADATA
# scope: package
# title: Every policy is tested both ways
# description: >-
#   A policy that never denies passes every test_allow, and one that always denies
#   every test_deny. Each needs at least one of both, in <name>_test.rego beside it;
#   test_deny speaks of deny and of insufficient.
package checks.tests

_names := {file: names |
	some file, text in input.tests
	names := {name | some name in regex.find_n(`(?m)^test_\w+`, text, -1)}
}

findings contains finding if {
	some policy in input.catalog
	some way in ["allow", "deny"]
	file := replace(policy.file, ".rego", "_test.rego")
	written := {name | some name in _names[file]; startswith(name, sprintf("test_%s_", [way]))}
	count(written) == 0
	finding := {
		"key": sprintf("%s:%s", [policy.id, way]),
		"message": sprintf("%s has no test_%s_… in %s", [policy.id, way, file]),
		"remedy": "add one that compares the whole set of findings; without it nobody knows that the policy can do both",
		"file": policy.file,
		"row": policy.row,
	}
}
