package promotion.lib.overrides_test

import data.promotion.lib.overrides

# Cases that mutation testing asked for; the override and helpers are those of overrides_test.rego.

test_hours_of_each_tier if overrides.max_hours == {"low": 72, "medium": 48, "high": 24}

test_a_word_without_date_of_merge_holds_from_its_signature if {
	alone := object.union(_word("ben", "compliance"), {"published_at": null})
	_changed({"approvals": [_word("ann", "model-risk"), alone]}) == true
	_changed({"approvals": [_word("ann", "model-risk"), object.union(alone, {"approved_at": _now + 1})]}) == false
	_changed({"approvals": [_word("ann", "model-risk"), object.union(alone, {"approved_at": _now})]}) == true
}

test_a_review_is_no_approval if {
	review := object.union(_word("ben", "compliance"), {"decision": "review"})
	_changed({"approvals": [_word("ann", "model-risk"), review]}) == false
}

test_revoked_this_second_is_revoked if {
	revoked := {"decision": "revoke", "approved_at": _now, "published_at": null}
	_changed({"approvals": _one_more(revoked)}) == false
	_changed({"approvals": _one_more(object.union(revoked, {"approved_at": _now + 1}))}) == true
}

test_types_of_what_is_read if {
	_changed({"requester": 7}) == false
	_changed({"approvals": {"a": _word("ann", "model-risk"), "b": _word("ben", "compliance")}}) == false
	_changed({"approvals": _one_more({"approved_at": "now", "published_at": null})}) == false
	_changed({"approvals": _one_more({"valid_until": "never"})}) == false
	_changed({"approvals": _one_more({"published_at": "now"})}) == false
	every odd in [null, "now", [], {}] {
		_changed({"opened": odd}) == false
		_changed({"expires": odd}) == false
	}
}

_read(change, name) := found[name] if {
	all := overrides.standings([object.union(_override, change)]) with data.promotion.generated.catalog.policies as _catalog
		with data.waivers.overrides as {"m": [object.union(_override, change)]}
		with time.now_ns as _now * 1000000000
	found := all["OVR-2026-0001"]
}

test_standing_names_the_tiers_in_which_it_is_short_enough if {
	_read({}, "tiers") == ["low", "medium", "high"]
	_read({"expires": _override.opened + (48 * _hour)}, "tiers") == ["low", "medium"]
	_read({"expires": _override.opened + (73 * _hour)}, "tiers") == []
}

test_standing_names_barred_approvers_and_reviewers if {
	_read({"touched_by": ["ann"]}, "barred") == ["ann"]
	_read({"touched_by": ["cat"], "approvals": _one_more({"decision": "review"})}, "barred") == ["cat"]
	_read({"touched_by": ["cat"], "approvals": _one_more({"decision": "revoke"})}, "barred") == []
	_read({"touched_by": null}, "barred") == []
}

test_standing_matches_nobody_where_it_cannot_be_read if {
	_read({}, "matched") == 2
	_read({"touched_by": null}, "matched") == 0
	_read({"approvals": _one_more({"valid_until": "never"})}, "matched") == 0
}

test_no_review_is_due_before_anybody_approved if {
	_read({"claimed_at": null}, "review_by") == null
	_read({}, "review_by") == (_now - 60) + (7 * _day)
}

_was_reviewed(change) := found if {
	found := count([1 | overrides.reviewed(object.union(_override, change))]) == 1 with time.now_ns as _now * 1000000000
}

_as_review(change) := object.union({"identity": "cat", "role": "privacy", "decision": "review", "approved_at": _now, "valid_until": _now + 9, "published_at": _now}, change)

test_a_review_counts_from_the_end_of_the_emergency_and_its_merge if {
	over := {"expires": _now}
	_was_reviewed(object.union(over, {"approvals": array.concat(_override.approvals, [_as_review({})])})) == true
	_was_reviewed(object.union(over, {"approvals": array.concat(_override.approvals, [_as_review({"approved_at": _now - 1})])})) == false
	_was_reviewed(object.union(over, {"approvals": array.concat(_override.approvals, [_as_review({"published_at": _now + 1})])})) == false
	_was_reviewed(object.union(over, {"touched_by": null, "approvals": array.concat(_override.approvals, [_as_review({})])})) == false
	_was_reviewed(object.union(over, {"approvals": array.concat(_override.approvals, [_as_review({}), _as_review({"identity": "dan", "valid_until": "x"})])})) == false
}

test_a_word_whose_date_of_merge_is_neither_time_nor_null_stops_it if {
	every odd in ["today", false, [], {}] {
		_changed({"approvals": _one_more({"published_at": odd})}) == false
	}
}

# The later of signature and merge is a number here, and hides that the signature has no date.
test_a_word_without_date_of_signature_stops_it_although_it_is_merged if {
	_changed({"approvals": _one_more({"approved_at": null})}) == false
}

test_untold_by_a_list if {
	overrides.told == false with data.waivers.overrides as []
	overrides.told == false with data.waivers.overrides as [[]]
}

test_standing_bars_nobody_by_what_cannot_be_read if {
	_read({"touched_by": {"first": "ann"}}, "barred") == []
	_read({"requester": null, "touched_by": null, "approvals": [_word(null, "privacy")]}, "barred") == []
}

test_too_long_for_every_tier_is_not_in_force if {
	_read({"expires": _override.opened + (72 * _hour)}, "status") == "in_force"
	_read({"expires": (_override.opened + (72 * _hour)) + 1}, "status") == "approved"
}
