package promotion.lib.overrides_test

import data.promotion.lib.overrides

_now := 1800000000

_hour := 3600

_day := 86400

_word(identity, role) := {
	"identity": identity, "role": role, "decision": "approve",
	"approved_at": _now - 60, "valid_until": _now + _day, "published_at": _now - 50,
}

_override := {
	"id": "OVR-2026-0001", "policies": ["FAIR-001", "SUP-002"], "owner": "olga", "requester": "rae",
	"subject": {"name": "m", "digest": "sha256:aa", "to_stage": "production"},
	"opened": _now - _hour, "expires": _now + _hour, "touched_by": ["tom"], "claimed_at": _now - 60,
	"approvals": [_word("ann", "model-risk"), _word("ben", "compliance")],
}

_catalog := {"FAIR-001": {"overridable": true}, "SUP-002": {"overridable": false}}

_request := {
	"model": {"name": "m", "digest": "sha256:aa"}, "to_stage": "production", "declared_tier": "low",
	"use": {"domain": "research", "effect": "none", "autonomy": "advisory", "data": ["public"]},
}

_holds(policy, request, change) := count(found) == 1 if {
	found := overrides.in_force(policy) with input as {"request": request}
		with data.waivers.overrides as {"m": [object.union(_override, change)]}
		with data.promotion.generated.catalog.policies as _catalog
		with time.now_ns as _now * 1000000000
}

_changed(change) := _holds("FAIR-001", _request, change)

test_in_force if _changed({})

test_metadata_may_forbid_it if {
	_holds("SUP-002", _request, {}) == false
	_holds("GONE-001", _request, {"policies": ["GONE-001"]}) == false
}

test_policies_that_it_names_alone if _changed({"policies": ["FAIR-002"]}) == false

test_exact_subject_and_stage if {
	every part in [{"name": "n"}, {"digest": "sha256:bb"}, {"to_stage": "staging"}] {
		_changed({"subject": object.union(_override.subject, part)}) == false
	}
}

test_to_the_second if {
	_changed({"opened": _now}) == true
	_changed({"opened": _now + 1}) == false
	_changed({"expires": _now + 1}) == true
	_changed({"expires": _now}) == false
}

test_hours_and_no_more if {
	every tier, hours in overrides.max_hours {
		override := object.union(_override, {"expires": _override.opened + (hours * _hour)})
		overrides.short_enough(override, tier)
		longer := object.union(override, {"expires": override.expires + 1})
		count([1 | overrides.short_enough(longer, tier)]) == 0
	}
	overrides.max_hours.high < overrides.max_hours.medium
	overrides.max_hours.medium < overrides.max_hours.low
	overrides.max_hours.low <= 72
	_changed({"expires": _override.opened + (72 * _hour)}) == true
	_changed({"expires": (_override.opened + (72 * _hour)) + 1}) == false
}

test_two_people_in_two_roles if {
	_changed({"approvals": [_word("ann", "model-risk")]}) == false
	_changed({"approvals": [_word("ann", "model-risk"), _word("ann", "compliance")]}) == false
	_changed({"approvals": [_word("ann", "model-risk"), _word("ben", "model-risk")]}) == false
	_changed({"approvals": []}) == false
	_changed({"approvals": null}) == false
}

test_nobody_approves_their_own if {
	_changed({"requester": "ann"}) == false
	_changed({"touched_by": ["ben"]}) == false
	_changed({"touched_by": null}) == false
}

_one_more(change) := array.concat(_override.approvals, [object.union(_word("cat", "privacy"), change)])

test_words_hold_from_their_merge_until_their_end if {
	first := _word("ann", "model-risk")
	every change in [{"published_at": _now + 1}, {"approved_at": _now + 1}, {"valid_until": _now}, {"published_at": "now"}] {
		_changed({"approvals": [first, object.union(_word("ben", "compliance"), change)]}) == false
	}
}

test_revoked_at_once if {
	_changed({"approvals": _one_more({"decision": "revoke", "published_at": null})}) == false
	_changed({"approvals": _one_more({"decision": "revoke", "approved_at": _now + 1})}) == true
}

test_word_nobody_knows_stops_it if _changed({"approvals": _one_more({"decision": "applaud"})}) == false

_overdue(change) := found if {
	found := overrides.overdue("m") with data.waivers.overrides as {"m": [object.union(_override, change)]}
		with time.now_ns as _now * 1000000000
}

_debt := {"OVR-2026-0001": _now - 1}

_past := {"claimed_at": (_now - (7 * _day)) - 1, "opened": _now - (8 * _day), "expires": _now - (7 * _day)}

test_review_is_owed_after_its_days if {
	_overdue({}) == {}
	_overdue(_past) == _debt
	_overdue({"claimed_at": (_now - (7 * _day)) + 1}) == {}
	_overdue({"claimed_at": _now - (7 * _day)}) == {"OVR-2026-0001": _now}
}

test_nothing_is_owed_for_what_nobody_approved if _overdue(object.union(_past, {"claimed_at": null})) == {}

test_a_debt_without_its_date_stands if {
	every odd in ["long ago", [], {}] {
		_overdue(object.union(_past, {"claimed_at": odd})) == {"OVR-2026-0001": null}
	}
}

test_a_later_end_or_a_key_that_was_lost_lifts_no_debt if {
	_overdue(object.union(_past, {"expires": _now + (99 * _day)})) == _debt
	_overdue(object.union(_past, {"approvals": []})) == _debt
}

_review(change) := {"approvals": array.concat(
	_override.approvals,
	[object.union(_word("cat", "privacy"), object.union({"decision": "review"}, change))],
)}

_reviewed(change) := count(_overdue(object.union(_past, _review(change)))) == 0

test_review_by_somebody_without_a_part_in_it if {
	_reviewed({}) == true
	_reviewed({"valid_until": _now - 9}) == true
	every who in ["rae", "tom", "ann"] {
		_reviewed({"identity": who}) == false
	}
}

test_review_is_merged_and_comes_after_the_emergency if {
	_reviewed({"published_at": null}) == false
	_reviewed({"published_at": _now + 1}) == false
	_reviewed({"approved_at": _past.expires - 1}) == false
	ended := {"decision": "revoke", "approved_at": _past.expires - 9}
	words := array.concat(_review({"approved_at": _past.expires - 1}).approvals, [object.union(_word("dan", "security"), ended)])
	_overdue(object.union(_past, {"approvals": words})) == {}
}

test_untold_without_a_bundle if {
	overrides.told == false
	overrides.told == false with data.waivers as {"by_digest": {}}
	overrides.told == false with data.waivers.overrides as {"m": null}
	overrides.told == true with data.waivers.overrides as {}
	overrides.told == true with data.waivers.overrides as {"m": []}
}

_standing(change) := found["OVR-2026-0001"] if {
	found := overrides.standings([object.union(_override, change)])
		with data.promotion.generated.catalog.policies as _catalog
		with time.now_ns as _now * 1000000000
}

test_whole_standing if _standing({"approvals": [_word("ann", "model-risk"), _word("tom", "compliance")]}) == {
	"status": "proposed", "needed": 2, "matched": 1, "review_by": (_now - 60) + (7 * _day),
	"tiers": ["low", "medium", "high"], "forbidden": ["SUP-002"], "barred": ["tom"],
}

test_requester_is_barred_without_history_too if {
	_standing({"requester": "ann", "touched_by": null}).barred == ["ann"]
	_standing({"touched_by": null}).barred == []
}

test_status if {
	_standing({}).status == "in_force"
	_standing({"opened": _now + 1}).status == "approved"
	_standing({"expires": _now}).status == "expired"
	_standing({"approvals": _one_more({"decision": "revoke"})}).status == "revoked"
	_standing({"approvals": []}).status == "proposed"
	_standing(_past).status == "overdue"
	_standing(object.union(_past, _review({}))).status == "reviewed"
}
