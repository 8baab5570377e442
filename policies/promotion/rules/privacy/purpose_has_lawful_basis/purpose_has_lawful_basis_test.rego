package promotion.rules.privacy.purpose_has_lawful_basis_test

import data.promotion.rules.privacy.purpose_has_lawful_basis as policy

_denied(basis, classes, places, purposes) := found if {
	found := policy.deny with input as {
		"request": {"use": {"purpose": "credit_scoring", "data": classes, "jurisdictions": places}},
		"evidence": {"dataset_card": [{"result": {"lawful_basis": basis, "purposes": purposes}}]},
	}
}

_same := ["credit_scoring"]

_finding(key, words, observed) := {"key": key, "message": words, "observed": observed, "limit": null}

test_allow_every_basis_for_personal_data if {
	every basis in ["consent", "contract", "legal_obligation", "vital_interest", "public_task", "legitimate_interest"] {
		_denied(basis, ["personal", "payment_card"], ["eu", "uk"], ["marketing", "credit_scoring"]) == set()
	}
}

test_deny_no_basis if {
	_denied("none", ["public"], ["us"], _same) == {_finding("basis", "no lawful basis is given", "none")}
}

test_deny_public_availability_under_gdpr if {
	every place in ["eu", "uk"] {
		every class in ["personal", "special_category", "health", "payment_card"] {
			words := sprintf("public availability is no basis for %s data", [class])
			_denied("public_data", [class], ["us", place], _same) == {_finding(concat("=", ["basis", class]), words, "public_data")}
		}
	}
}

test_allow_public_data_elsewhere_or_impersonal if {
	_denied("public_data", ["personal"], ["us", "us_federal", "other"], _same) == set()
	_denied("public_data", ["public", "internal"], ["eu"], _same) == set()
}

test_deny_special_categories_by_contract_or_interest if {
	every basis in ["contract", "legitimate_interest"] {
		every class in ["special_category", "health"] {
			words := sprintf("%s is no basis for %s data", [basis, class])
			_denied(basis, [class], ["eu"], _same) == {_finding(concat("=", ["basis", class]), words, basis)}
		}
	}
}

test_allow_special_categories_otherwise if {
	every basis in ["consent", "legal_obligation", "vital_interest", "public_task"] {
		_denied(basis, ["special_category", "health"], ["eu"], _same) == set()
	}
	_denied("contract", ["health"], ["us"], _same) == set()
}

test_deny_other_purpose if {
	words := "purpose credit_scoring is not among those of the data: marketing, support"
	_denied("consent", ["personal"], ["us"], ["support", "marketing"]) == {_finding("purpose=credit_scoring", words, "credit_scoring")}
}

test_deny_one_card_of_two if {
	cards := [{"result": {"lawful_basis": "consent", "purposes": _same}}, {"result": {"lawful_basis": "none", "purposes": _same}}]
	policy.deny == {_finding("basis", "no lawful basis is given", "none")} with input as {
		"request": {"use": {"purpose": "credit_scoring", "data": ["personal"], "jurisdictions": ["us"]}},
		"evidence": {"dataset_card": cards},
	}
}
