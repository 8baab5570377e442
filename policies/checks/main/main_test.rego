package checks.main_test

import data.checks.main
import data.checks.syntax_test as sample

_clean := "deny contains 1 if { some x in input.evidence.pii_scan }"

test_allow_clean_policy if main.findings == [] with input as sample.document(_clean, {})

test_deny_in_order_with_the_name_of_the_check if {
	found := main.findings with input as sample.document(_clean, {"id": "DAT-009", "controls": []})
	[[one.check, one.key] | some one in found] == [["controls", "DAT-009:none"], ["retired", "DAT-009"]]
}

test_deny_every_missing_part if {
	[one.key | some one in main.findings] == ["catalog", "facts", "modules", "now", "register", "retired", "schemas", "tests"] with input as {}
	document := object.remove(sample.document(_clean, {}), ["register"])
	found := main.findings with input as document
	found == [{
		"check": "main",
		"key": "register",
		"message": "the input of the checks has no register",
		"remedy": "hand over the whole document that policies/checks/README.md describes",
		"file": "policies/checks/main/main.rego",
		"row": 0,
	}]
}
