package promotion.lib.waivers_test

import data.promotion.lib.waivers

_now := 1800000000

_word(identity, role) := {"identity": identity, "role": role, "decision": "approve", "approved_at": _now - 5, "valid_until": _now + 5, "published_at": null, "rule_digest": "sha256:11"}

_catalog := {"FAIR-001": {"severity": "high", "rule_digest": "sha256:11"}, "FAIR-002": {"severity": "medium", "rule_digest": "sha256:22"}}

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
		with data.promotion.generated.catalog.policies as _catalog
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

test_longest_life_by_severity_and_tier if {
	day := 86400
	_changed({"expires": (_now - 10) + (90 * day)}) == true
	_changed({"expires": ((_now - 10) + (90 * day)) + 1}) == false
	waiver := object.union(_waiver, {"expires": (_now - 10) + (180 * day)})
	tiers := [tier |
		some tier in ["low", "medium", "high", "none"]
		waivers.short_enough(waiver, tier) with data.promotion.generated.catalog.policies as _catalog
	]
	tiers == ["low"]
}

test_stricter_severity_and_tier_never_allow_more if {
	every longest in waivers.max_days {
		longest.low >= longest.medium
		longest.medium >= longest.high
		every tier, days in longest {
			days <= waivers.max_days.medium[tier]
			days >= waivers.max_days.critical[tier]
		}
	}
}

test_policy_out_of_the_catalog_has_no_waiver if {
	found := waivers.in_force("FAIR-001") with input as {"request": _request}
		with data.waivers.by_digest as {"sha256:aa": [_waiver]}
		with data.promotion.generated.catalog.policies as {}
		with time.now_ns as _now * 1000000000
	found == set()
}

test_approval_of_another_rule_does_not_count if {
	first := _waiver.approvals[0]
	every digest in ["sha256:22", null] {
		_changed({"approvals": [first, object.union(_word("ben", "compliance"), {"rule_digest": digest})]}) == false
	}
	_changed({"approvals": [first, object.remove(_word("ben", "compliance"), ["rule_digest"])]}) == false
}

test_approval_holds_from_its_merge_on if {
	first := _waiver.approvals[0]
	every merged, holds in {_now: true, _now - 50: true, _now + 1: false} {
		_changed({"approvals": [first, object.union(_word("ben", "compliance"), {"published_at": merged})]}) == holds
	}
	_changed({"approvals": [first, object.remove(_word("ben", "compliance"), ["published_at"])]}) == false
	_changed({"approvals": [first, object.union(_word("ben", "compliance"), {"published_at": "today"})]}) == false
}

test_rejection_stands_until_the_same_person_approves_later if {
	rejected := object.union(_word("ann", "model-risk"), {"decision": "reject", "approved_at": _now - 6})
	_changed({"approvals": array.concat(_waiver.approvals, [rejected])}) == true
	_changed({"approvals": array.concat(_waiver.approvals, [object.union(rejected, {"approved_at": _now - 5})])}) == false
	_changed({"approvals": array.concat(_waiver.approvals, [object.union(rejected, {"identity": "cat"})])}) == false
}

test_revocation_ends_it_at_once_and_for_good if {
	_one_more({"decision": "revoke", "approved_at": _now}) == false
	_one_more({"decision": "revoke", "approved_at": _now, "published_at": _now + 99}) == false
	_one_more({"decision": "revoke", "valid_until": _now - 1}) == false
	_one_more({"decision": "revoke", "rule_digest": null}) == false
	_one_more({"decision": "revoke", "approved_at": _now + 1}) == true
}

test_withdrawal_by_requester_or_owner_alone if {
	every who, holds in {"rae": false, "olga": false, "cat": true} {
		_one_more({"decision": "withdraw", "identity": who}) == holds
	}
}

test_word_nobody_knows_stops_it if _one_more({"decision": "applaud"}) == false

_standing(change, others) := found["EXC-2026-0001"] if {
	found := waivers.standings(array.concat([object.union(_waiver, change)], others))
		with data.promotion.generated.catalog.policies as _catalog
		with time.now_ns as _now * 1000000000
}

_status(change) := _standing(change, []).status

_with(word) := array.concat(_waiver.approvals, [object.union(_word("cat", "privacy"), word)])

test_whole_standing if _standing({"approvals": [_word("ann", "model-risk"), _word("tom", "compliance")]}, []) == {
	"status": "proposed", "band": "moderate", "score": 6, "needed": 2, "matched": 1,
	"tiers": ["low", "medium", "high"], "versions": null, "barred": ["tom"], "outdated": [], "powerless": [],
}

_under(catalog, asked) := count(found) if {
	found := waivers.in_force(asked) with input as {"request": _request}
		with data.waivers.by_digest as {"sha256:aa": [_waiver]}
		with data.promotion.generated.catalog.policies as catalog
		with time.now_ns as _now * 1000000000
}

test_policy_with_another_id_keeps_its_waivers if {
	renamed := {"FAIR-009": {"severity": "high", "rule_digest": "sha256:11", "aliases": ["FAIR-001"]}}
	_under(renamed, "FAIR-009") == 1
	_under({"FAIR-009": object.union(renamed["FAIR-009"], {"aliases": []})}, "FAIR-009") == 0
	_under({"FAIR-009": object.union(renamed["FAIR-009"], {"rule_digest": "sha256:22"})}, "FAIR-009") == 0
	_under({"FAIR-009": object.union(renamed["FAIR-009"], {"severity": "low"})}, "FAIR-009") == 0
	_under(object.union(renamed, {"FAIR-001": _catalog["FAIR-001"]}), "FAIR-009") == 0
}

test_requester_is_barred_without_history_too if {
	_standing({"requester": "ann", "touched_by": null}, []).barred == ["ann"]
	_standing({"touched_by": null}, []).barred == []
}

test_status if {
	_status({}) == "expiring"
	_status({"expires": _now + (31 * 86400)}) == "in_force"
	_status({"expires": _now + (30 * 86400)}) == "expiring"
	_status({"opened": _now + 1}) == "approved"
	_status({"expires": _now + (900 * 86400)}) == "approved"
	_status({"expires": _now}) == "expired"
	_status({"approvals": []}) == "proposed"
	_status({"touched_by": null}) == "proposed"
	_status({"policy": "GONE-001"}) == "proposed"
	_status({"approvals": _with({"decision": "reject"})}) == "rejected"
	_status({"approvals": _with({"decision": "revoke"})}) == "revoked"
	_status({"approvals": _with({"decision": "withdraw", "identity": "rae"})}) == "withdrawn"
	_status({"approvals": _with({"decision": "withdraw"})}) == "expiring"
}

test_renewed_once_the_renewal_is_approved if {
	next := object.union(_waiver, {"id": "EXC-2026-0002", "renews": "EXC-2026-0001"})
	_standing({"expires": _now}, [next]).status == "renewed"
	_standing({"expires": _now}, [object.union(next, {"approvals": []})]).status == "expired"
}

test_standing_names_words_that_do_not_count if {
	outdated := _standing({"approvals": _with({"rule_digest": "sha256:22"})}, [])
	outdated.outdated == ["cat"]
	powerless := _standing({"approvals": _with({"decision": "withdraw"})}, [])
	powerless.powerless == ["cat"]
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
