package checks.fields_test

import data.checks.fields
import data.checks.syntax_test as sample

_finding(rule, words, field) := {
	"key": sprintf("promotion.rules.data.sample.%s:%s", [rule, field]),
	"message": sprintf("%s: no schema and no object in this file or its libraries has a field %s", [words, field]),
	"remedy": "spell it as the schema does; undefined, it would take its finding away silently",
	"file": sample.file,
	"row": 0,
}

_found(text) := found if {
	found := fields.findings with input as sample.document(text, {})
}

test_deny_misspelt_field_of_a_parameter if {
	_found("_f(scan) := scan.rowz") == {_finding("_f", "scan.rowz", "rowz")}
	_found("_f(scan) if scan.rows.x > 1") == {_finding("_f", "scan.rows.x", "x")}
}

test_allow_fields_of_schemas_and_own_objects if {
	_found("_f(scan) := scan.rows") == set()
	_found("_f(made) := made.own\n_g := {\"own\": 1}") == set()
	_found("_f(x) := lower(x)\n_g := regex.match(\"x\", \"x\")") == set()
	_found("_f(x) := json.match_schema(x, {})[0]") == set()
}
