package promotion.lib.waivers_test

import data.promotion.lib.waivers

_now := 1800000000

_word(identity, role) := {"identity": identity, "role": role, "decision": "approve", "approved_at": _now - 5, "valid_until": _now + 5}

_waiver := {
	"id": "EXC-2026-0001", "policy": "FAIR-001", "owner": "olga", "requester": "rae", "findings": null,
	"subject": {"name": "m", "digests": ["sha256:bb", "sha256:aa"], "to_stage": "production"},
	"risk": {"residual": {"likelihood": 2, "impact": 3}}, "opened": _now - 10, "expires": _now + 10,
	"touched_by": ["tom"], "approvals": [_word("ann", "model-risk"), _word("ben", "compliance")],
}

_request := {"model": {"name": "m", "digest": "sha256:aa"}, "to_stage": "production"}

_in_force(waiver) := count(found) == 1 if {
	found := waivers.in_force("FAIR-001") with input as {"request": _request}
		with data.waivers.by_digest as {"sha256:aa": [waiver]}
		with time.now_ns as _now * 1000000000
}

_changed(change) := _in_force(object.union(_waiver, change))

test_in_force if _changed({})

test_no_bundle_no_waiver if waivers.in_force("FAIR-001") == set() with input as {"request": _request} with time.now_ns as _now * 1000000000

test_other_policy if _changed({"policy": "FAIR-002"}) == false

test_other_subject if {
	_changed({"subject": {"name": "n"}}) == false
	_changed({"subject": {"to_stage": "staging"}}) == false
	_changed({"subject": {"digests": ["sha256:bb"]}}) == false
}

test_dates if {
	_changed({"opened": _now}) == true
	_changed({"opened": _now + 1}) == false
	_changed({"expires": _now + 1}) == true
	_changed({"expires": _now}) == false
}

test_dates_of_another_type_hold_never if {
	every odd in [null, "2027-01-01T00:00:00Z", [], {}] {
		_changed({"opened": odd}) == false
		_changed({"expires": odd}) == false
	}
}

test_quorum_by_residual_risk if {
	people := ["ann", "ben", "cat", "dan"]
	every score, needed in {[1, 1]: 1, [1, 4]: 1, [1, 5]: 2, [3, 3]: 2, [2, 5]: 3, [4, 4]: 3, [4, 5]: 4, [5, 5]: 4} {
		enough := [_word(who, concat("-", ["role", who])) | some who in array.slice(people, 0, needed)]
		risk := {"residual": {"likelihood": score[0], "impact": score[1]}}
		_changed({"risk": risk, "approvals": enough}) == true
		_changed({"risk": risk, "approvals": array.slice(enough, 1, needed)}) == false
	}
}

test_band_off_the_scale_is_none if {
	every score in [[0, 3], [6, 1], [3, "3"], [null, 3], [1.5, 2], [-1, -1]] {
		_changed({"risk": {"residual": {"likelihood": score[0], "impact": score[1]}}}) == false
	}
	_in_force(object.remove(_waiver, ["risk"])) == false
}

test_people_and_roles_count_once if {
	_changed({"approvals": [_word("ann", "model-risk"), _word("ann", "compliance")]}) == false
	_changed({"approvals": [_word("ann", "model-risk"), _word("ben", "model-risk")]}) == false
}

test_requester_is_barred if _changed({"requester": "ann"}) == false

test_whoever_touched_the_file_is_barred if _changed({"touched_by": ["tom", "ben"]}) == false

test_barred_words_do_not_spoil_a_quorum if {
	_changed({"requester": "cat", "approvals": [_word("ann", "model-risk"), _word("ben", "compliance"), _word("cat", "privacy")]}) == true
}

test_nobody_is_cleared_without_history if {
	every odd in [null, "ann", {}] {
		_changed({"touched_by": odd}) == false
	}
	_in_force(object.remove(_waiver, ["touched_by"])) == false
	_in_force(object.remove(_waiver, ["requester"])) == false
}

_one_more(change) := _changed({"approvals": array.concat(_waiver.approvals, [object.union(_word("cat", "privacy"), change)])})

test_rejection_in_force_stops_it if _one_more({"decision": "reject"}) == false

test_rejection_out_of_date_does_not if {
	_one_more({"decision": "reject", "valid_until": _now}) == true
	_one_more({"decision": "reject", "approved_at": _now + 1}) == true
}

test_word_without_dates_stops_it if {
	_one_more({"decision": "reject", "approved_at": null}) == false
	_one_more({"valid_until": "later"}) == false
}

test_approval_out_of_date_does_not_count if {
	first := _waiver.approvals[0]
	every change in [{"valid_until": _now}, {"approved_at": _now + 1}] {
		_changed({"approvals": [first, object.union(_word("ben", "compliance"), change)]}) == false
	}
	_changed({"approvals": [first, object.union(_word("ben", "compliance"), {"approved_at": _now, "valid_until": _now + 1})]}) == true
}

test_no_approvals if {
	_changed({"approvals": []}) == false
	_changed({"approvals": null}) == false
	_in_force(object.remove(_waiver, ["approvals"])) == false
}

_kinds := ["fail", "insufficient", "evidence"]

_covered(findings, waivable) := {finding.key |
	some finding in [
		{"kind": "fail", "key": "age"}, {"kind": "insufficient", "key": "insufficient:age"},
		{"kind": "evidence", "key": "evidence:scan"}, {"kind": "fail", "key": "sex"},
	]
	waivers.covers({"findings": findings}, waivable, finding)
}

test_without_keys_it_covers_plain_findings_alone if _covered(null, _kinds) == {"age", "sex"}

test_with_keys_it_covers_these_alone if {
	_covered(["age"], _kinds) == {"age"}
	_covered(["insufficient:age", "evidence:scan"], _kinds) == {"insufficient:age", "evidence:scan"}
}

test_metadata_has_the_last_word if {
	_covered(null, []) == set()
	_covered(null, ["insufficient", "evidence"]) == set()
	_covered(["age", "insufficient:age", "evidence:scan"], ["insufficient"]) == {"insufficient:age"}
}

test_findings_left_out_cover_nothing if {
	every odd in [{}, {"findings": "age"}, {"findings": []}] {
		uncovered := {"kind": "fail", "key": "age"}
		not waivers.covers(odd, _kinds, uncovered)
	}
}
