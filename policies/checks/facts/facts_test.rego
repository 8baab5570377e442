package checks.facts_test

import data.checks.facts

_of(text) := said if {
	said := facts.of["a.rego"] with input as {"modules": {"a.rego": rego.parse_module("a.rego", concat("\n", ["package promotion.rules.data.sample", text]))}}
}

_rule(text) := said if {
	[said] := _of(text).rules
}

test_package_and_imports if {
	_of("import data.promotion.lib.clock\nimport input.request as asked") == {
		"package": ["promotion", "rules", "data", "sample"],
		"row": 0,
		"imports": [
			{"name": "clock", "path": ["data", "promotion", "lib", "clock"], "row": 0},
			{"name": "asked", "path": ["input", "request"], "row": 0},
		],
		"rules": [],
	}
}

test_what_a_rule_says if {
	_rule(`deny contains {"key": "k", x: "v"} if { some x in input.a["b"][c].d; not lower(x.e) == "f"; g.h(x) with input as x; every y in x { y } }`) == {
		"name": "deny",
		"row": 0,
		"set": true,
		"limits": null,
		"calls": [{"name": name, "row": 0} | some name in ["internal.member_2", "lower", "equal", "g.h"]],
		"refs": [{"head": ref[0], "words": ref[1], "whole": ref[2], "row": 0} |
			some ref in [
				["internal", ["member_2"], true], ["input", ["a", "b"], false],
				["equal", [], true], ["lower", [], true], ["x", ["e"], true],
				["g", ["h"], true], ["input", [], true],
			]
		],
		"names": {["c", 0], ["deny", 0], ["x", 0], ["y", 0]},
		"texts": set(),
		"keys": {"key"},
		"every": [0],
		"with": [0],
		"negated": [{"words": {"lower", "x.e"}, "row": 0}],
	}
}

# Words of a reference are no texts; those of an array or a set are.
test_texts if {
	_rule(`a if { some x in ["t", input["u"]]; x in {"v"} }`).texts == {"t", "v"}
}

test_sets_and_constants if {
	[said.set | some said in _of("deny contains 1\ndeny := {1}\ndeny[x] := 1 if x := 2\ndeny(x) if x").rules] == [true, false, false, false]
	[said.limits.value | some said in _of("limits := 7\nlimits := input.x\n limits := 8 if { 1 == 1 }\nother := 9").rules] == [7, [{"type": "var", "value": "input"}, {"type": "string", "value": "x"}]]
	_rule("limits contains 7").limits == null
	_rule("other := 9").limits == null
}

test_rows_where_the_parser_says_them if {
	rule := object.union(rego.parse_module("a.rego", "package a.b\nc := 1").rules[0], {"row": 7})
	said := facts.of["a.rego"] with input as {"modules": {"a.rego": {"package": {"path": [{"value": "data"}, {"value": "a"}], "row": 5}, "rules": [rule]}}}
	said.row == 5
	[one.row | some one in said.rules] == [7]
	said.imports == []
}

test_nothing_is_said_of_no_module if {
	facts.of == {} with input as {"modules": {}}
}
