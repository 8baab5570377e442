package checks.retired_test

import data.checks.retired
import data.checks.syntax_test as sample

_gone(field, value) := {
	"key": value,
	"message": sprintf("the %s %s belonged to a policy that was retired", [field, value]),
	"remedy": "take a fresh one; policies/retired-ids.yaml lists those that are gone",
	"file": sample.file,
	"row": 3,
}

test_deny_id_and_name_of_old if {
	retired.findings == {_gone("id", "DAT-009"), _gone("name", "gone")} with input as sample.document("", {"id": "DAT-009", "name": "gone"})
}

test_allow_fresh_ones if retired.findings == set() with input as sample.document("", {})
