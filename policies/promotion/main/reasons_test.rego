package promotion.main_test

import data.promotion.main

# Cases that mutation testing asked for; the document and helpers are those of main_test.rego.

test_severity_is_the_entry_s_or_critical if {
	every severity in ["critical", "high", "medium"] {
		_one({"severity": severity}, _passing).verdicts[0].severity == severity
	}
	every odd in ["low", "High", "", null, 3] {
		_one({"severity": odd}, _passing).verdicts[0].severity == "critical"
	}
}

_error(reason) := {
	"id": "FAKE-001", "outcome": "error", "severity": "high", "reasons": [reason],
	"findings": [], "findings_total": 0, "override": null, "observed": null,
}

test_each_error_says_why if {
	_one({"waivable": "fail"}, _passing).verdicts == [_error("the entry in the catalog is not sound")]
	_one({"evidence": {"a": "scan"}}, _passing).verdicts == [_error("the entry in the catalog is not sound")]
	shapeless := object.union(_input, {"rejected": "none"})
	_decide(shapeless, _policy("one", {}), _passing, []).verdicts == [_error("the input document does not have its shape")]
	broken := object.union(_input, {"quarantined": ["FAKE-001"]})
	_decide(broken, _policy("one", {}), _passing, []).verdicts == [_error("the policy made the engine fail and was quarantined")]
	_one({}, {"deny": {{"key": "a"}}}).verdicts == [_error("a finding lacks its key or message")]
	_one({}, {"deny": {{"key": ["a"], "message": "b"}}}).verdicts == [_error("a finding lacks its key or message")]
}

_trusting(builders) := _outcome(_decide(object.union(_input, {"trust": {"builders": builders}}), _policy("one", {}), _passing, []))

test_builders_have_a_level_from_0_to_4_and_an_id if {
	every level in [0, 1, 2, 3, 4] {
		_trusting([{"id": "b", "level": level}]) == [true, "pass"]
	}
	every odd in [-1, 5, "3", null, 1.5] {
		_trusting([{"id": "b", "level": odd}]) == [false, "error"]
	}
	_trusting([{"id": 7, "level": 3}]) == [false, "error"]
	_trusting({"b": {"id": "b", "level": 3}}) == [false, "error"]
}

test_request_as_text_is_no_request if {
	document := object.union(_input, {"request": json.marshal(_input.request)})
	_outcome(_decide(document, _policy("one", {}), _passing, [])) == [false, "error"]
}

test_conftest_is_told_that_an_unsound_request_is_no_decision if {
	document := object.union(object.remove(_input, ["request"]), {"request": {"model": {}}})
	denied := main.deny with input as document
		with data.promotion.generated.schemas as _schemas
		with data.promotion.generated.catalog.policies as {"FAKE-001": _policy("one", {})}
		with data.promotion.rules.fake as {"one": _passing}
		with time.now_ns as _now * 1000000000
	{"msg": "no complete decision could be made", "id": "", "outcome": "error", "key": ""} in denied
}

test_not_applicable_as_a_list_is_no_excuse if {
	_outcome(_one({}, {"deny": {_finding("a")}, "not_applicable": ["why"]})) == [false, "fail"]
}

test_of_two_waivers_the_longer_is_named if {
	longer := object.union(_waiver(null), {"id": "EXC-2026-0000", "expires": _now + 5})
	decision := _decide(_input, _policy("one", {}), _failing, [_waiver(null), longer])
	decision.verdicts[0].findings[0].waiver == {"id": "EXC-2026-0000", "owner": "olga", "expires": _now + 5}
}

test_of_two_overrides_the_longer_is_named if {
	longer := object.union(_emergency, {"id": "OVR-2026-0000", "expires": _now + 3601})
	both := main.decision with input as _input
		with data.promotion.generated.schemas as _schemas
		with data.promotion.generated.catalog.policies as {"FAKE-001": _policy("one", {"overridable": true})}
		with data.promotion.rules.fake as {"one": _failing}
		with data.waivers as {"by_digest": {}, "overrides": {"m": [_emergency, longer]}}
		with time.now_ns as _now * 1000000000
	both.verdicts[0].override.id == "OVR-2026-0000"
}
