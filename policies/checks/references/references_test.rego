package checks.references_test

import data.checks.references
import data.checks.syntax_test as sample

_finding(rule, path) := {
	"key": sprintf("promotion.rules.data.sample%s:%s", [rule, path]),
	"message": sprintf("data.%s leads to no rule", [path]),
	"remedy": "spell it as its package does; undefined, it would silently stop the rule that reads it",
	"file": sample.file,
	"row": 0,
}

_found(text) := found if {
	found := references.findings with input as sample.document(text, {})
}

test_deny_misspelt_path if {
	_found("_x := clock.nov") == {_finding("._x", "promotion.lib.clock.nov")}
	_found("_x := data.promotion.lib.clok.now") == {_finding("._x", "promotion.lib.clok.now")}
	_found("_x := data.promotion.lib.clok[input.x]") == {_finding("._x", "promotion.lib.clok")}
	_found("import data.promotion.lib.clok") == {_finding("", "promotion.lib.clok")}
}

test_deny_data_of_others if {
	_found("_x := data.settings.limit") == {_finding("._x", "settings.limit")}
	_found("_x := data.waivers.by_digest") == {_finding("._x", "waivers.by_digest")}
}

test_deny_another_policy if {
	_found("_x := data.promotion.rules.data.sample._y\n_y := 1") == {{
		"key": "promotion.rules.data.sample._x:promotion.rules.data.sample._y",
		"message": "data.promotion.rules.data.sample._y is another policy",
		"remedy": "put what both need into lib/",
		"file": sample.file,
		"row": 0,
	}}
}

test_allow_rules_packages_and_constants if {
	_found("_x := clock.now\n_y := _x.z\n_w := data.promotion.generated.catalog.policies") == set()
	_found("_x := clock[input.x]") == set()
	_found("_x := data.promotion.lib[input.x]") == set()
}
