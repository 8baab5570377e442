package checks.negation_test

import data.checks.negation
import data.checks.syntax_test as sample

_finding(what) := {
	"key": "promotion.rules.data.sample.deny",
	"message": sprintf("not over %s: it holds as well where that is undefined", [what]),
	"remedy": "bind it before, as in `digest := dataset.digest` and then `not digest in scanned`",
	"file": sample.file,
	"row": 0,
}

_found(body) := found if {
	found := negation.findings with input as sample.document(sprintf("deny contains 1 if { %s }", [body]), {})
}

test_deny_dotted_arguments if {
	_found("not startswith(input.request.x, \"y\")") == {_finding("input.request.x")}
	_found("some s in input.evidence.pii_scan; not s.rows >= s.total") == {_finding("s.rows, s.total")}
	_found("not input.request.x") == {_finding("input.request.x")}
	_found("not input.request.x in {1}") == {_finding("input.request.x")}
	_found("not clock.now") == {_finding("clock.now")}
	_found("some s in [1]; not lower(s.x) == \"y\"") == {_finding("s.x")}
	_found("some s in [1]; not s[0] == 1") == {_finding("s")}
}

test_allow_bound_arguments if {
	_found("x := input.request.x; not x in {1}") == set()
	_found("x := input.request.x; not clock.late(x)") == set()
	_found("x := input.request.x; not regex.match(\"y\", x)") == set()
	_found("input.request.x > 1") == set()
}
