package checks.layout_test

import data.checks.layout
import data.checks.syntax_test as sample

_other := "policies/promotion/rules/data/sample/more.rego"

_finding(key, file, message, remedy) := {"key": key, "message": message, "remedy": remedy, "file": file, "row": 0}

_with(name, package_name) := found if {
	found := layout.findings with input as {"modules": {name: rego.parse_module(name, sprintf("package %s", [package_name]))}}
}

test_deny_second_file_of_a_policy if {
	_with(_other, "promotion.rules.data.sample") == {_finding(
		_other, _other,
		"a file of promotion.rules.data.sample is not named after it",
		"a policy is one file, sample.rego, so that its METADATA, limits and rules are read together",
	)}
}

test_deny_package_elsewhere if {
	name := "policies/promotion/lib/clock/clock.rego"
	_with(name, "promotion.lib.time") == {_finding(
		"promotion.lib.time", name,
		"the package promotion.lib.time lies in promotion/lib/clock",
		"make package path and folder path the same",
	)}
}

test_allow_package_in_its_folder if {
	layout.findings == set() with input as sample.document("", {})
	_with("policies/promotion/lib/clock/more.rego", "promotion.lib.clock") == set()
}

_family := "policies/promotion/rules/data/data.rego"

test_deny_rule_of_a_family if {
	text := "package promotion.rules.data\n\ndeny contains 1"
	found := layout.findings with input as {"modules": {_family: rego.parse_module(_family, text)}}
	found == {_finding(
		"promotion.rules.data", _family,
		"promotion.rules.data describes a family and holds a rule, which nobody would evaluate",
		"move the rule into a policy of the family; a family's file holds METADATA alone",
	)}
}

test_allow_family_that_holds_metadata_alone if _with(_family, "promotion.rules.data") == set()

test_deny_policy_taken_for_a_test if {
	name := "policies/promotion/rules/data/sample_test/sample_test.rego"
	found := layout.findings with input as {"modules": {}, "tests": {name: "# METADATA\npackage promotion.rules.data.sample_test\n"}}
	found == {_finding(
		"promotion.rules.data.sample_test", name,
		"promotion.rules.data.sample_test lies in a file for tests and is the test of no package",
		"call a test <package>_test; a policy whose name ends in _test would never be evaluated: rename it",
	)}
}

test_allow_test_of_a_package if {
	found := layout.findings with input as object.union(sample.document("", {}), {"tests": {"x_test.rego": "package promotion.lib.clock_test"}})
	found == set()
}
