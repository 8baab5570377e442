package checks.applicability_test

import data.checks.applicability
import data.checks.syntax_test as sample

_finding(what, through) := {
	"key": sprintf("promotion.rules.data.sample.not_applicable:%s", [what]),
	"message": sprintf("not_applicable reads %s%s", [what, through]),
	"remedy": "let it follow from input.request alone; what evidence shows belongs into deny or insufficient",
	"file": sample.file,
	"row": 0,
}

_found(text) := found if {
	found := applicability.findings with input as sample.document(text, {})
}

test_deny_reading_more if {
	_found("not_applicable contains 1 if input.evidence.pii_scan") == {_finding("input.evidence.pii_scan", "")}
	_found("not_applicable contains 1 if input[x] == 1") == {_finding("input", "")}
	_found("not_applicable contains 1 if data.waivers.x") == {_finding("data.waivers.x", "")}
	_found("not_applicable contains 1 if time.now_ns() > 1") == {_finding("time.now_ns", "")}
}

test_deny_reading_more_through_others if {
	_found("not_applicable contains 1 if _x\n_x if _y(1)\n_y(z) if input.trust.x == z") == {_finding("input.trust.x", " through promotion.rules.data.sample._y")}
	_found("not_applicable contains 1 if clock.late(1)") == {_finding("input.now", " through promotion.lib.clock.now")}
}

test_allow_the_request if {
	_found("not_applicable contains 1 if { input.request.x == 1; clock.early; _x }\n_x if input.request.y\n_z := input.evidence") == set()
	_found("deny contains 1 if input.evidence.pii_scan") == set()
}
