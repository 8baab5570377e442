package checks.syntax_test

import data.checks.facts
import data.checks.syntax

# METADATA
# description: File of the policy that document makes.
file := "policies/promotion/rules/data/sample/sample.rego"

_lib := "policies/promotion/lib/clock/clock.rego"

_policy := {
	"id": "DAT-001", "family": "data", "name": "sample", "evidence": ["pii_scan"], "limits": [], "waivable": [],
	"controls": ["gdpr:6"], "effective_from": 5, "file": file, "row": 3,
}

# METADATA
# description: An input document with one policy and one library, for the tests of all checks.
document(text, policy) := {
	"modules": {
		file: rego.parse_module(file, concat("\n", ["package promotion.rules.data.sample", "import data.promotion.lib.clock", text])),
		_lib: rego.parse_module(_lib, "package promotion.lib.clock\n now := input.now\n late(time) if time > now\n early if input.request.x"),
	},
	"facts": {},
	"tests": {replace(file, ".rego", "_test.rego"): "test_allow_a if true\n\ntest_deny_a if true\n"},
	"catalog": [object.union(_policy, policy)],
	"retired": [{"id": "DAT-009", "name": "gone"}],
	"schemas": {"types": ["pii_scan", "secret_scan"], "fields": ["rows"]},
	"register": {"gdpr:6": {"status": "in_force", "since": 0, "until": null, "superseded_by": null}},
	"now": 10,
}

_refs(text) := found if {
	found := {[ref.root, concat(".", ref.path), ref.whole, ref.own] | some ref in syntax.refs; ref["in"].file == file; ref["in"].name == "a"} with input as document(text, {})
}

test_refs_of_input if {
	_refs("a if input.x.y[z].w == 1") == {["input", "x.y", false, false], ["data", "promotion.rules.data.sample.a", true, true]}
	_refs(`a := input["x"]`) == {["input", "x", true, false], ["data", "promotion.rules.data.sample.a", true, true]}
}

test_refs_through_imports_and_own_rules if {
	_refs("a := clock.now\nb := 1") == {["data", "promotion.lib.clock.now", true, false], ["data", "promotion.rules.data.sample.a", true, true]}
	_refs("a := b.c\nb := 1") == {["data", "promotion.rules.data.sample.b.c", true, true], ["data", "promotion.rules.data.sample.a", true, true]}
}

test_head_of_a_reference_is_no_reference if {
	_refs("a := [input.x]") == {["input", "x", true, false], ["data", "promotion.rules.data.sample.a", true, true]}
	_refs("a := [input]") == {["input", "", true, false], ["data", "promotion.rules.data.sample.a", true, true]}
}

test_else_and_comprehensions_are_walked if {
	found := {call.name | some call in syntax.calls; call["in"].file == file} with input as document("a := 1 if count([1 | lower(\"x\") == \"x\"]) == 1\nelse := 2 if round(3) == 3", {})
	found == {"count", "equal", "lower", "round"}
}

test_known if {
	syntax.known == {"promotion.rules.data.sample.a", "promotion.lib.clock.now", "promotion.lib.clock.late", "promotion.lib.clock.early"} with input as document("a := 1", {})
}

test_fields_of_local_names_are_references_and_names_of_builtins_are_none if {
	own := ["data", "promotion.rules.data.sample.a", true, true]
	_refs("a if { x := {1}; x.y.z; x; lower(x[0]); regex.match(x.w, x) }") == {["local", "y.z", true, false], ["local", "w", true, false], own}
}

# What was said of a module before stands for the module itself; a module that is there is read.
test_what_was_said_before_counts_like_the_module if {
	fresh := document("a if { some x in clock.late; x.y == input.z }\nb := a", {})
	said := json.unmarshal(json.marshal(facts.of)) with input as fresh
	kept := object.union(object.remove(fresh, ["modules", "facts"]), {"modules": {}, "facts": said})
	found := _found with input as fresh
	count(found.refs) == 12
	found == _found with input as kept
	stale := object.union(fresh, {"facts": {file: object.union(said[file], {"rules": []})}})
	found == _found with input as stale
}

_found := {
	"refs": {object.union(object.remove(ref, ["in"]), {"id": ref["in"].id}) | some ref in syntax.refs},
	"calls": [[call["in"].id, call.name] | some call in syntax.calls],
	"imports": syntax.imports,
	"packages": syntax.packages,
	"known": syntax.known,
}
