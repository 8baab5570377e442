package checks.evidence_test

import data.checks.evidence
import data.checks.syntax_test as sample

_finding(key, message, remedy, row) := {"key": key, "message": message, "remedy": remedy, "file": sample.file, "row": row}

_found(body) := found if {
	found := evidence.findings with input as sample.document(sprintf("deny contains 1 if { %s }", [body]), {})
}

_pii := "some x in input.evidence.pii_scan"

_undeclared := _finding(
	"DAT-001:secret_scan", "secret_scan is read and METADATA does not name it",
	"add it to `evidence` of METADATA: where it is missing the rule would not deny", 0,
)

test_deny_undeclared_type if {
	_found(concat("; ", [_pii, "some y in input.evidence.secret_scan"])) == {_undeclared}
	_found(`some type in ["pii_scan", "secret_scan"]; some x in input.evidence[type]`) == {_undeclared}
}

test_deny_unread_type if {
	_found("input.request.x") == {_finding("DAT-001:pii_scan", "METADATA names pii_scan, which no rule reads", "read it, or take it out of `evidence`", 3)}
}

test_deny_what_cannot_be_seen if {
	hidden := _finding("promotion.rules.data.sample.deny", "which evidence is read cannot be seen", "name the types in this rule", 0)
	_found(concat("; ", [_pii, "some y in input.evidence[input.request.x]"])) == {hidden}
	_found(concat("; ", [_pii, "walk(input.evidence, [_, y])"])) == {hidden}
	whole := _finding("promotion.rules.data.sample.deny", "the whole input is read", "read the members you need, so that they can be seen", 0)
	_found(concat("; ", [_pii, "walk(input, [_, y])"])) == {whole}
}

test_allow_declared_type_that_is_read if {
	_found(_pii) == set()
	_found(`some type in ["pii_scan"]; some x in input.evidence[type]`) == set()
}

_parsed(name, body) := found if {
	file := sprintf("policies/promotion/lib/%s/%s.rego", [name, name])
	module := rego.parse_module(file, sprintf("package promotion.lib.%s\nimport data.promotion.lib.versions\n%s", [name, body]))
	found := {[finding.key, finding.message] | some finding in evidence.findings} with input as {"modules": {file: module}}
}

test_signed_version_is_for_waivers_alone if {
	_parsed("versions", "signed := input.evidence.ml_bom") == set()
	_parsed("versions", "other := input.evidence.ml_bom") == {["promotion.lib.versions.other", "a library reads evidence"]}
	_parsed("waivers", "x := versions.signed") == set()
	_parsed("waivers", "x := input.evidence.ml_bom") == {["promotion.lib.waivers.x", "a library reads evidence"]}
	wrong := "it reads the signed version, which is for lib/waivers alone"
	_parsed("clock", "x := versions.signed") == {["promotion.lib.clock.x", wrong]}
	_parsed("clock", "x := data.promotion.lib.versions.signed") == {["promotion.lib.clock.x", wrong]}
	_parsed("clock", "x := versions.release(input.request.model.version)") == set()
}

test_deny_library_that_reads_evidence if {
	file := "policies/promotion/lib/clock/clock.rego"
	found := evidence.findings with input as {"modules": {file: rego.parse_module(file, "package promotion.lib.clock\nx := input.evidence.pii_scan")}}
	found == {{
		"key": "promotion.lib.clock.x",
		"message": "a library reads evidence",
		"remedy": "hand it over as an argument, from the policy that names it",
		"file": file,
		"row": 0,
	}}
}
