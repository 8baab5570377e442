package promotion.rules.fairness.required_attributes_measured_test

import data.promotion.rules.fairness.required_attributes_measured as policy

_document(domain, effect, places, attributes) := {
	"request": {"use": {"domain": domain, "effect": effect, "jurisdictions": places}},
	"evidence": {"fairness_report": [{"result": {"rows": 10, "attributes": attributes}}]},
}

_attribute(name) := {"name": name, "groups": [{"name": "a", "rows": 4}, {"name": "b", "rows": 6}]}

_thin(domain, effect, places, attributes) := found if {
	found := policy.insufficient with input as _document(domain, effect, places, attributes)
}

_unmeasured(name) := {"key": name, "message": sprintf("attribute %s was not measured", [name]), "observed": null, "limit": null}

_domains := ["biometric_identification", "clinical", "credit", "education", "employment", "insurance", "law_enforcement", "public_benefits"]

_expected(place, domain) := ({"age", "sex"} | {"race" | domain in _race[place]}) | {"disability" | domain in _disability[place]}

_race := {
	"us": ["biometric_identification", "clinical", "education", "employment", "law_enforcement", "public_benefits"],
	"us_federal": ["biometric_identification", "clinical", "education", "employment", "law_enforcement", "public_benefits"],
	"eu": ["biometric_identification", "law_enforcement"],
	"uk": ["biometric_identification", "employment", "law_enforcement"],
	"other": [],
}

_disability := {"us": [], "us_federal": ["employment", "public_benefits"], "eu": ["employment"], "uk": ["employment"], "other": []}

test_deny_what_each_place_and_domain_ask_for if {
	every place, _ in _race {
		every domain in _domains {
			_thin(domain, "limited", [place], []) == {_unmeasured(name) | some name in _expected(place, domain)}
		}
	}
}

test_allow_what_each_place_and_domain_ask_for if {
	every place, _ in _race {
		every domain in _domains {
			_thin(domain, "limited", [place], [_attribute(name) | some name in _expected(place, domain)]) == set()
		}
	}
}

test_deny_effect_on_people_in_other_domains if {
	every effect in ["significant", "legal"] {
		_thin("fraud_detection", effect, ["us"], [_attribute("sex")]) == {_unmeasured("age")}
	}
}

test_deny_places_add_up if _thin("employment", "legal", ["eu", "us"], [_attribute("age"), _attribute("sex")]) == {_unmeasured("race"), _unmeasured("disability")}

test_allow_not_applicable_without_effect if {
	every effect in ["none", "limited"] {
		policy.not_applicable == {"no attribute is required for this use"} with input as _document("fraud_detection", effect, ["us"], [])
	}
}

test_deny_applicable_where_something_is_required if {
	policy.not_applicable == set() with input as _document("credit", "none", ["other"], [])
}

_both(wrong) := [_attribute("age"), object.union(_attribute("sex"), wrong)]

_finding(key, words) := {"key": key, "message": words, "observed": null, "limit": null}

test_deny_single_group if {
	_thin("credit", "legal", ["us"], _both({"groups": [{"name": "a", "rows": 10}]})) == {_finding("sex", "attribute sex has no second group")}
}

test_deny_group_left_out if {
	attributes := _both({"groups": [{"name": "a", "rows": 4}, {"name": "c", "rows": 5}]})
	_thin("credit", "legal", ["us"], attributes) == {_finding("sex", "groups of sex hold 9 of 10 rows")}
}

test_deny_more_rows_than_measured if {
	attributes := _both({"groups": [{"name": "a", "rows": 4}, {"name": "b", "rows": 7}]})
	_thin("credit", "legal", ["us"], attributes) == {_finding("sex", "groups of sex hold 11 of 10 rows")}
}
