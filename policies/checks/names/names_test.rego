package checks.names_test

import data.checks.names
import data.checks.syntax_test as sample

_finding(name, message, remedy) := {
	"key": concat(".", ["promotion.rules.data.sample", name]),
	"message": message,
	"remedy": remedy,
	"file": sample.file,
	"row": 0,
}

_found(text) := found if {
	found := names.findings with input as sample.document(text, {})
}

_deny := "deny contains 1 if input.x"

_other(name) := {_finding(
	name,
	sprintf("%s is no name that main looks for", [name]),
	"name it deny, insufficient, limits, not_applicable, or begin the name with an underscore where it is a helper",
)}

test_deny_names_that_main_does_not_read if {
	every name in ["denyx", "deny_", "warn", "violation", "exception", "allow", "helper", "_deny", "_insufficient"] {
		_found(sprintf("%s\n%s contains 1 if input.x", [_deny, name])) == _other(name)
	}
}

test_deny_what_is_no_set if {
	every text in ["deny := 1", "deny if input.x", "deny[x] := 1 if x := input.x", "deny(x) if x == 1", "deny := {1}"] {
		_found(text) == {_finding("deny", "deny is no set", "write `… contains finding if { … }`: one finding for each breach")}
	}
}

test_deny_policy_without_verdict if {
	_found("not_applicable contains 1 if input.x") == {{
		"key": "DAT-001",
		"message": "the policy has neither deny nor insufficient",
		"remedy": "add one of them, or take the policy out",
		"file": sample.file,
		"row": 3,
	}}
}

test_allow_known_names if {
	_found("deny contains 1 if input.x\nlimits := {}\nnot_applicable contains 1 if input.y\n_helper := 1\n_denied := 1") == set()
	_found("insufficient contains 1 if input.x") == set()
}
