package promotion.rules.data.datasheet_complete_test

import data.promotion.rules.data.datasheet_complete as policy

_now := 1800000000

_dataset := {
	"name": "loans", "origin": "own loan book", "collected_from": 1700000000, "collected_until": 1750000000,
	"consent": "not_needed", "gaps": "no closed branches",
}

_european := {"use": {"jurisdictions": ["eu"], "data": ["personal"]}}

_document(request, card, dataset) := {"request": request, "evidence": {"dataset_card": [{"result": object.union(
	{"lawful_basis": "contract", "processing_record": "ROPA-1", "datasets": [object.union(_dataset, dataset)]},
	card,
)}]}}

_denied(dataset) := found if {
	found := policy.deny with input as _document(_european, {}, dataset) with time.now_ns as _now * 1000000000
}

_carded(request, card) := found if {
	found := policy.deny with input as _document(request, card, {}) with time.now_ns as _now * 1000000000
}

_finding(field, words) := {
	"key": sprintf("%s=loans", [field]),
	"message": concat(" ", ["dataset loans", words]),
	"observed": null,
	"limit": null,
}

test_allow_complete if _denied({}) == set()

test_deny_origin_or_gaps_that_say_nothing if {
	every field in ["origin", "gaps"] {
		every words in [
			"", "  ", "-", "Internet", "many", "misc", "n/a", "NA", "none",
			"scraped", "TBD", "todo", "Unknown", "various", "web",
		] {
			_denied({field: words}) == {_finding(field, concat(" ", ["has no", field, "that says anything"]))}
		}
	}
	_denied({"gaps": null}) == {_finding("gaps", "has no gaps that says anything")}
}

test_deny_no_dates if {
	_denied({"collected_from": null}) == {_finding("collected_from", "has no date collected_from")}
	_denied({"collected_until": null}) == {_finding("collected_until", "has no date collected_until")}
}

test_allow_one_moment_and_until_now if {
	_denied({"collected_until": 1700000000}) == set()
	_denied({"collected_until": _now}) == set()
}

test_deny_dates_that_cannot_be if {
	_denied({"collected_until": 1699999999}) == {_finding("collected_until", "ends before it begins")}
	_denied({"collected_until": _now + 1}) == {_finding("collected_until", "ends in the future")}
}

test_deny_consent_unknown if _denied({"consent": "unknown"}) == {_finding("consent", "does not say whether people agreed")}

test_deny_consent_as_basis_and_not_obtained if {
	every consent in ["not_needed", "no_people"] {
		found := policy.deny with input as _document(_european, {"lawful_basis": "consent"}, {"consent": consent}) with time.now_ns as _now * 1000000000
		found == {_finding("consent", "rests on consent that was not obtained")}
	}
}

test_allow_consent_as_basis_and_obtained if {
	found := policy.deny with input as _document(_european, {"lawful_basis": "consent"}, {"consent": "obtained"}) with time.now_ns as _now * 1000000000
	found == set()
}

_unrecorded := {{"key": "processing_record", "message": "the processing stands in no record", "observed": null, "limit": null}}

test_deny_no_record_of_processing_in_europe if {
	every record in [null, "", "none"] {
		_carded(_european, {"processing_record": record}) == _unrecorded
	}
}

test_allow_no_record_elsewhere_or_without_people if {
	_carded({"use": {"jurisdictions": ["us"], "data": ["personal"]}}, {"processing_record": null}) == set()
	_carded({"use": {"jurisdictions": ["eu"], "data": ["public"]}}, {"processing_record": null}) == set()
}
