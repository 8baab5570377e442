package checks.constructs_test

import data.checks.constructs
import data.checks.syntax_test as sample

_finding(what, remedy) := {
	"key": sprintf("promotion.rules.data.sample.deny:%s", [what]),
	"message": sprintf("%s is not for rules", [what]),
	"remedy": remedy,
	"file": sample.file,
	"row": 0,
}

_found(body) := found if {
	found := constructs.findings with input as sample.document(sprintf("deny contains 1 if { %s }", [body]), {})
}

test_deny_what_hides_absence if {
	_found("every x in input.y { x > 1 }") == {_finding("every", "it holds over nothing; write deny with `some`, once per breach")}
	_found("object.get(input, \"x\", 1) == 1") == {_finding("object.get", "a default hides that evidence is missing; read the field itself")}
	_found("x := 1 with input as {}") == {_finding("with", "it alters input for the rest of the query; bind what you need")}
}

test_deny_what_rounds if {
	_found("input.x / 2 > 1") == {_finding("division", "a quotient is rounded; cross-multiply counts with lib/numbers")}
	share := "rounding can move a share onto its limit; cross-multiply counts with lib/numbers"
	_found("round(input.x) > 1") == {_finding("round", share)}
	_found("floor(input.x) > 1") == {_finding("floor", share)}
	_found("ceil(input.x) > 1") == {_finding("ceil", "rounding can move a share onto its limit; count days with lib/numbers")}
}

test_allow_the_rest if _found("some x in input.y; x * 2 > 1") == set()
