package promotion.rules.house.jurisdiction_served_test

import data.promotion.rules.house.jurisdiction_served

_asked(jurisdictions) := {"request": {"use": {"jurisdictions": jurisdictions}}}

test_deny_a_jurisdiction_without_support if {
	jurisdiction_served.deny == {{
		"key": "eu",
		"message": "the organisation does not serve eu",
		"observed": "eu",
		"limit": null,
	}} with input as _asked(["us", "eu"])
}

test_allow_those_that_are_served if {
	jurisdiction_served.deny == set() with input as _asked(["us", "uk"])
}
