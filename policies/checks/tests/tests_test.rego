package checks.tests_test

import data.checks.syntax_test as sample
import data.checks.tests

_missing(way) := {
	"key": sprintf("DAT-001:%s", [way]),
	"message": sprintf("DAT-001 has no test_%s_… in policies/promotion/rules/data/sample/sample_test.rego", [way]),
	"remedy": "add one that compares the whole set of findings; without it nobody knows that the policy can do both",
	"file": sample.file,
	"row": 3,
}

test_deny_without_file if tests.findings == {_missing("allow"), _missing("deny")} with input as json.patch(sample.document("", {}), [{"op": "replace", "path": "tests", "value": {}}])

test_deny_one_way_only if {
	name := "policies/promotion/rules/data/sample/sample_test.rego"
	tests.findings == {_missing("deny")} with input as json.patch(sample.document("", {}), [{"op": "replace", "path": "tests", "value": {name: "test_allow_a if true\n # test_deny_a if true"}}])
}

test_allow_both_ways if tests.findings == set() with input as sample.document("", {})
