package promotion.lib.deadlines_test

import data.promotion.lib.deadlines

_hours(sector, domain, places, classes) := found if {
	use := {"domain": domain, "jurisdictions": places, "data": classes}
	found := deadlines.hours with input as {"request": {"sector": sector, "use": use}}
}

test_no_clock_without_a_law if _hours("general", "marketing", ["us", "eu"], ["internal"]) == {}

test_personal_data_in_europe if {
	every place in ["eu", "uk"] {
		every class in ["health", "payment_card", "personal", "special_category"] {
			_hours("general", "marketing", [place], [class]) == {"gdpr:33(1)": 72}
		}
	}
}

test_health_data_in_the_united_states if {
	_hours("healthcare", "clinical", ["us"], ["health"]) == {"hipaa:164.404(b)": 1440}
	_hours("general", "clinical", ["us"], ["health"]) == {"hipaa:164.404(b)": 1440}
	_hours("healthcare", "marketing", ["us_federal"], ["health"]) == {"hipaa:164.404(b)": 1440, "fisma:3554(b)(7)": 168}
	_hours("healthcare", "clinical", ["us"], ["personal"]) == {}
	_hours("general", "marketing", ["us"], ["health"]) == {}
}

test_banks_and_agencies if {
	_hours("finance", "credit", ["us"], ["personal"]) == {"bank-incident:53.3": 36}
	_hours("finance", "credit", ["other"], ["personal"]) == {}
	_hours("government", "public_benefits", ["us_federal"], ["internal"]) == {"fisma:3554(b)(7)": 168}
}

test_health_data_elsewhere if _hours("healthcare", "clinical", ["other"], ["health"]) == {}
