package promotion.rules.fairness.no_protected_credit_feature_test

import data.promotion.rules.fairness.no_protected_credit_feature as policy

_denied(features) := found if {
	found := policy.deny with input as {"evidence": {"model_card": [{"result": {"features": features}}]}}
}

_feature(name, change) := object.union({"name": name, "protected": null, "proxy_for": null}, change)

_finding(kind, name, characteristic, verb) := {
	"key": concat("=", [kind, name]),
	"message": sprintf("feature %s %s %s", [name, verb, replace(characteristic, "_", " ")]),
	"observed": characteristic,
	"limit": null,
}

test_allow_plain_features if {
	every name in ["income", "page views", "average balance", "package", "sextant count", "message length", "storage", "mortgage", "duration", "raceway"] {
		_denied([_feature(name, {})]) == set()
	}
}

test_deny_stated_characteristic if {
	_denied([_feature("f1", {"protected": "marital_status"})]) == {_finding("protected", "f1", "marital_status", "states")}
}

test_deny_proxy if {
	_denied([_feature("f1", {"proxy_for": "race"})]) == {_finding("proxy", "f1", "race", "stands for")}
}

test_deny_names_that_give_it_away if {
	names := {
		"age": "age", "ApplicantAge": "age", "date_of_birth": "age", "sex": "sex", "is-female": "sex", "pregnancy": "sex",
		"MaritalStatus": "marital_status", "zip": "race", "zip_code": "race", "zip3": "race", "surname": "race",
		"foreign_worker": "national_origin", "Mother tongue": "national_origin", "religion": "religion",
		"public_assistance_income": "public_assistance",
	}
	every name, characteristic in names {
		_denied([_feature(name, {})]) == {_finding("name", name, characteristic, "by its name states or stands for")}
	}
}

test_deny_each_word_that_names_one if {
	names := {
		"age": [
			"age", "ages", "birthdate", "birth date", "birthday", "birth year",
			"date of birth", "dob", "year of birth",
		],
		"marital_status": ["divorced", "marital", "marital status", "married", "spouse", "widowed"],
		"national_origin": [
			"accent", "birthplace", "citizenship", "country of birth", "ethnicity", "foreign worker",
			"language", "mother tongue", "nationality", "national origin",
		],
		"public_assistance": ["benefits recipient", "food stamps", "medicaid", "public assistance", "snap", "tanf", "welfare"],
		"race": [
			"census tract", "color of skin", "colour of skin", "first name", "forename", "given name",
			"neighborhood", "neighbourhood", "postal code", "postcode", "race", "racial", "surname",
			"last name", "zip", "zipcode", "zip code", "zip3", "zip 5",
		],
		"religion": ["church", "mosque", "religion", "religious", "synagogue"],
		"sex": ["female", "gender", "male", "maternity", "pregnant", "sex"],
	}
	every characteristic, words in names {
		every name in words {
			_denied([_feature(name, {})]) == {_finding("name", name, characteristic, "by its name states or stands for")}
		}
	}
}

test_deny_each_of_several if {
	count(_denied([_feature("income", {}), _feature("age", {"protected": "age"}), _feature("f2", {"proxy_for": "race"})])) == 3
}

test_allow_not_applicable_outside_credit if {
	policy.not_applicable == {"no credit is granted or refused"} with input as {"request": {"use": {"domain": "clinical"}}}
}

test_deny_applicable_to_credit if policy.not_applicable == set() with input as {"request": {"use": {"domain": "credit"}}}
