package promotion.rules.supply_chain.inventory_complete_test

import data.promotion.rules.supply_chain.inventory_complete as policy

_model := {"name": "credit-risk", "version": "3", "licence": "Apache-2.0", "sha256": "sha256:aa"}

_data := {"name": "loans", "version": "2025", "licence": "CC-BY-4.0", "sha256": "sha256:dd"}

_complete := {
	"components": 40,
	"without": {"version": [], "licence": [], "sha256": []},
	"without_total": {"version": 0, "licence": 0, "sha256": 0},
	"models": [_model],
	"datasets": [_data],
}

_with(change) := {
	"request": {"model": {"digest": "sha256:aa"}},
	"evidence": {"ml_bom": [{"result": object.union(_complete, change)}]},
}

_denied(change) := found if found := policy.deny with input as _with(change)

_insufficient(change) := found if found := policy.insufficient with input as _with(change)

_finding(key, message, observed, limit) := {"key": key, "message": message, "observed": observed, "limit": limit}

test_allow_complete if {
	_denied({}) == set()
	_insufficient({}) == set()
}

test_allow_promoted_model_beside_its_base if {
	_denied({"models": [object.union(_model, {"name": "base", "sha256": "sha256:bb"}), _model]}) == set()
}

_unlisted := _finding("model", "the inventory does not list the promoted model", null, null)

test_deny_no_model if _denied({"models": []}) == {_unlisted}

test_deny_only_another_model if {
	_denied({"models": [object.union(_model, {"sha256": "sha256:bb"})]}) == {_unlisted}
}

test_deny_no_dataset if {
	_denied({"datasets": []}) == {_finding("dataset", "the inventory does not list any dataset", null, null)}
}

test_deny_each_field_of_a_dataset if {
	every field in ["licence", "sha256", "version"] {
		_denied({"datasets": [_data, object.union(_data, {"name": "bureau", field: null})]}) == {_finding(
			concat(":", ["dataset=bureau", field]),
			concat(" ", ["dataset bureau has no", field]),
			null, null,
		)}
	}
}

test_deny_each_field_of_a_model if {
	every field in ["licence", "sha256", "version"] {
		_denied({"models": [_model, object.union(_model, {"name": "base", field: null})]}) == {_finding(
			concat(":", ["model=base", field]),
			concat(" ", ["model base has no", field]),
			null, null,
		)}
	}
}

test_deny_licence_that_says_nothing if {
	every licence in ["NOASSERTION", "none", "Unknown"] {
		_denied({"models": [object.union(_model, {"licence": licence})]}) == {_finding(
			"model=credit-risk:licence",
			"model credit-risk has no licence",
			null, null,
		)}
	}
}

# Only a licence, digest or version may not say "unknown"; a name may.
test_allow_a_name_that_says_nothing if {
	_denied({"models": [_model, object.union(_model, {"name": "unknown"})]}) == set()
}

test_deny_each_field_of_components if {
	every field in ["licence", "sha256", "version"] {
		_denied({"without": {field: ["a@1", "b@2"]}, "without_total": {field: 2}}) == {_finding(
			concat(":", ["components", field]),
			sprintf("2 components have no %s: a@1, b@2", [field]),
			2, 0,
		)}
	}
}

test_deny_names_are_cut_but_counted if {
	_denied({"without": {"sha256": ["a", "b", "c", "d", "e", "f"]}, "without_total": {"sha256": 9}}) == {_finding(
		"components:sha256",
		"9 components have no sha256: a, b, c, d, e",
		9, 0,
	)}
}

test_deny_names_without_a_total if {
	_denied({"without": {"licence": ["a@1"]}}) == {_finding("components:licence", "1 components have no licence: a@1", 1, 0)}
}

test_deny_total_without_names if {
	_denied({"without_total": {"licence": 1}}) == {_finding("components:licence", "1 components have no licence: ", 1, 0)}
}

test_deny_nothing_looked_at if {
	_denied({"components": 0}) == set()
	_insufficient({"components": 0}) == {_finding("components", "the inventory does not list any component", null, null)}
}
