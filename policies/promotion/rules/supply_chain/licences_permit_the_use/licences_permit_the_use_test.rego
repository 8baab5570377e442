package promotion.rules.supply_chain.licences_permit_the_use_test

import data.promotion.rules.supply_chain.licences_permit_the_use as policy

_request := {"to_stage": "production", "use": {"domain": "credit", "effect": "legal", "autonomy": "human_review"}}

_research := {"to_stage": "staging", "use": {"domain": "research", "effect": "none", "autonomy": "advisory"}}

_found(request, models, datasets) := {"deny": deny, "insufficient": insufficient} if {
	document := {"request": request, "evidence": {"ml_bom": [{"result": {
		"models": [{"name": name, "licence": licence} | some name, licence in models],
		"datasets": [{"name": name, "licence": licence} | some name, licence in datasets],
	}}]}}
	deny := policy.deny with input as document
	insufficient := policy.insufficient with input as document
}

_model(request, licence) := _found(request, {"base": licence}, {}).deny

_dataset(request, licence) := _found(request, {}, {"loans": licence}).deny

_finding(part, licence, words) := {
	"key": sprintf("licence:%s", [replace(part, " ", "=")]),
	"message": sprintf("%s is under %s, which %s", [part, licence, words]),
	"observed": licence,
	"limit": null,
}

test_allow_free_own_and_share_alike if {
	every licence in ["Apache-2.0", "MIT", "CC-BY-4.0", "CC0-1.0", "ODbL-1.0", "CC-BY-SA-4.0", "proprietary", "LicenseRef-contract"] {
		_model(_request, licence) == set()
		_dataset(_request, licence) == set()
		_found(_request, {"base": licence}, {"loans": licence}).insufficient == set()
	}
}

test_allow_joined if {
	_model(_request, "Apache-2.0 AND MIT") == set()
	_model(_request, "CC-BY-NC-4.0 OR MIT") == set()
	_model(_request, "MIT AND CC-BY-NC-4.0 OR Apache-2.0") == set()
}

test_deny_joined_so_that_nothing_is_left if {
	every licence in ["MIT AND CC-BY-NC-4.0", "CC-BY-NC-4.0 OR CC-BY-NC-3.0", "MIT AND CC-BY-NC-4.0 OR CC-BY-NC-3.0"] {
		_model(_request, licence) == {_finding("model base", licence, "permits no commerce")}
	}
}

test_deny_unlisted if {
	every licence in ["Beerware", "other", "unknown", "(MIT OR Apache-2.0)", "Apache-2.0 WITH LLVM-exception", "Apache", "MIT and GPL"] {
		_model(_request, licence) == {_finding("model base", licence, "is not on the list of licences")}
	}
}

test_deny_commerce if {
	_model(_request, "CC-BY-NC-4.0") == {_finding("model base", "CC-BY-NC-4.0", "permits no commerce")}
	_dataset(_request, "MIT AND CC-BY-NC-SA-4.0") == {_finding("dataset loans", "MIT AND CC-BY-NC-SA-4.0", "permits no commerce")}
}

test_allow_research_that_reaches_nobody if _model(_research, "CC-BY-NC-4.0") == set()

test_deny_research_that_reaches_somebody if {
	every change in [{"to_stage": "production"}, {"use": {"effect": "limited"}}, {"use": {"domain": "marketing"}}] {
		_model(object.union(_research, change), "CC-BY-NC-4.0") == {_finding("model base", "CC-BY-NC-4.0", "permits no commerce")}
	}
}

test_deny_derived_data if {
	_dataset(_request, "CC-BY-ND-4.0") == {_finding("dataset loans", "CC-BY-ND-4.0", "permits nothing derived")}
	_model(_request, "CC-BY-ND-4.0") == set()
	count(_dataset(_request, "CC-BY-NC-ND-4.0")) == 2
}

test_deny_field_of_use if {
	clinical := object.union(_request, {"use": {"domain": "clinical"}})
	_model(clinical, "OpenRAIL++") == {_finding("model base", "OpenRAIL++", "keeps out the field clinical")}
	_model(_request, "OpenRAIL++") == set()
}

test_deny_decision_without_a_person if {
	alone := object.union(_request, {"use": {"autonomy": "automated"}})
	_model(alone, "bigscience-openrail-m") == {_finding("model base", "bigscience-openrail-m", "permits no decision about people without a person")}
	_model(alone, "MIT") == set()
	_model(object.union(alone, {"use": {"effect": "limited"}}), "bigscience-openrail-m") == set()
}

test_deny_no_licence if {
	found := _found(_request, {"base": null}, {})
	found.deny == set()
	found.insufficient == {{
		"key": "unlicensed:model=base",
		"message": "model base has no licence that could permit anything",
		"observed": null,
		"limit": null,
	}}
}
