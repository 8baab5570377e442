package promotion.lib.attributes_test

import data.promotion.lib.attributes

_required(change) := found if {
	use := object.union({"domain": "marketing", "effect": "limited", "jurisdictions": ["other"]}, change)
	found := attributes.required with input as {"request": {"use": use}}
}

test_nothing_where_no_people_are_concerned if _required({}) == set()

test_age_and_sex_by_effect_or_domain if {
	_required({"effect": "legal"}) == {"age", "sex"}
	_required({"effect": "significant"}) == {"age", "sex"}
	_required({"domain": "credit"}) == {"age", "sex"}
}

test_further_ones_by_jurisdiction if {
	_required({"domain": "credit", "jurisdictions": ["us"]}) == {"age", "sex"}
	_required({"domain": "clinical", "jurisdictions": ["us"]}) == {"age", "race", "sex"}
	_required({"domain": "public_benefits", "jurisdictions": ["us_federal"]}) == {"age", "disability", "race", "sex"}
	_required({"domain": "employment", "jurisdictions": ["eu", "uk"]}) == {"age", "disability", "race", "sex"}
}
