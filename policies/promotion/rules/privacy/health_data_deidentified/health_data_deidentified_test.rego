package promotion.rules.privacy.health_data_deidentified_test

import data.promotion.rules.privacy.health_data_deidentified as policy

_now := 1800000000

_all := [
	"names", "geographic", "dates", "telephone", "fax", "email", "ssn", "mrn", "health_plan",
	"account", "licence", "vehicle", "device", "url", "ip", "biometric", "photo", "other_unique",
]

_removal(method) := {"method": method, "identifiers_removed": _all, "residual_knowledge_excluded": true, "expert_dated_at": _now}

_says(classes, health, removal, kinds, denied, thin) if {
	document := {
		"request": {"use": {"data": classes}},
		"evidence": {
			"dataset_card": [{"result": {"contains_health_information": health, "deidentification": removal}}],
			"pii_scan": [{"result": {"hits": [{"kind": kind} | some kind in kinds]}}],
		},
	}
	policy.deny == denied with input as document with time.now_ns as _now * 1000000000
	policy.insufficient == thin with input as document with time.now_ns as _now * 1000000000
}

_finding(key, words, observed) := {"key": key, "message": concat(" ", ["health data", words]), "observed": observed, "limit": null}

test_allow_safe_harbor if _says(["health"], true, _removal("safe_harbor"), ["npi"], set(), set())

test_allow_expert if _says(["health"], true, _removal("expert_determination"), ["ssn"], set(), set())

test_allow_no_health_data if {
	every method in ["none", "not_applicable"] {
		_says(["personal"], false, _removal(method), ["ssn"], set(), set())
	}
}

test_deny_no_method if {
	every method in ["none", "not_applicable"] {
		_says(["personal"], true, _removal(method), [], {_finding("method", "is identifiable and no method removed that", method)}, set())
	}
}

test_deny_each_identifier_kept if {
	every kept in _all {
		removal := object.union(_removal("safe_harbor"), {"identifiers_removed": [one | some one in _all; one != kept]})
		found := {_finding(concat("=", ["kept", kept]), sprintf("has not had %s removed", [kept]), null)}
		_says(["health"], true, removal, [], found, set())
	}
}

test_allow_expert_keeps_identifiers if {
	removal := object.union(_removal("expert_determination"), {"identifiers_removed": [], "residual_knowledge_excluded": false})
	_says(["health"], true, removal, [], set(), set())
}

test_deny_knowledge_remains if {
	removal := object.union(_removal("safe_harbor"), {"residual_knowledge_excluded": false})
	_says(["health"], true, removal, [], {_finding("knowledge", "may identify people as far as its owner knows", false)}, set())
}

test_deny_each_kind_found_by_the_scan if {
	every kind, name in {"ssn": "ssn", "pan": "account", "iban": "account", "email": "email", "phone": "telephone", "mrn": "mrn", "ip": "ip"} {
		found := {_finding(concat("=", ["found", kind]), sprintf("still holds %s by the scan", [name]), null)}
		_says(["health"], true, _removal("safe_harbor"), [kind], found, set())
	}
}

test_deny_expert_without_date if {
	removal := object.union(_removal("expert_determination"), {"expert_dated_at": null})
	_says(["health"], true, removal, [], {_finding("expert", "has an undated expert determination", null)}, set())
}

test_deny_expert_of_tomorrow if {
	removal := object.union(_removal("expert_determination"), {"expert_dated_at": _now + 1})
	thin := {_finding("expert", "has an expert determination dated in the future", _now + 1)}
	_says(["health"], true, removal, [], set(), thin)
}

test_allow_date_is_of_no_interest_to_safe_harbor if {
	_says(["health"], true, object.union(_removal("safe_harbor"), {"expert_dated_at": null}), [], set(), set())
	_says(["health"], true, object.union(_removal("safe_harbor"), {"expert_dated_at": _now + 1}), [], set(), set())
}

test_deny_request_and_card_disagree if {
	every method in ["none", "not_applicable"] {
		thin := {_finding("declared", "is none by its card, but the request processes health data", false)}
		_says(["health"], false, _removal(method), [], set(), thin)
	}
}

test_allow_deidentified_data_are_no_health_information if _says(["health"], false, _removal("safe_harbor"), [], set(), set())

test_deny_record_numbers_where_there_should_be_none if {
	thin := {_finding("mrn", "is none by its card, but the scan found medical record numbers", false)}
	_says(["internal"], false, _removal("not_applicable"), ["mrn"], set(), thin)
}

test_allow_record_numbers_where_an_expert_judged if {
	_says(["health"], true, _removal("expert_determination"), ["mrn"], set(), set())
}

test_deny_no_method_and_the_card_agrees_with_the_request if {
	_says(["health"], true, _removal("none"), [], {_finding("method", "is identifiable and no method removed that", "none")}, set())
}
