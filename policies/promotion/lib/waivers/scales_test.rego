package promotion.lib.waivers_test

import data.promotion.lib.waivers

# Cases that mutation testing asked for; the waiver and helpers are those of waivers_test.rego.

_day_of_seconds := 86400

test_longest_life_by_severity_and_tier_to_the_second if {
	every severity, tiers in {
		"critical": {"low": 90, "medium": 75, "high": 60},
		"high": {"low": 180, "medium": 120, "high": 90},
		"medium": {"low": 365, "medium": 270, "high": 180},
	} {
		every tier, days in tiers {
			_short(severity, tier, days * _day_of_seconds) == 1
			_short(severity, tier, (days * _day_of_seconds) + 1) == 0
		}
	}
}

_short(severity, tier, seconds) := found if {
	waiver := object.union(_waiver, {"expires": _waiver.opened + seconds})
	found := count([1 | waivers.short_enough(waiver, tier)]) with data.promotion.generated.catalog.policies as {"FAIR-001": {"severity": severity}}
}

test_band_of_each_field_of_the_scale if {
	bands := [[waivers.band(likelihood, impact) | some impact in [1, 2, 3, 4, 5]] | some likelihood in [1, 2, 3, 4, 5]]
	bands == [
		["low", "low", "low", "low", "moderate"],
		["low", "low", "moderate", "moderate", "high"],
		["low", "moderate", "moderate", "high", "high"],
		["low", "moderate", "high", "high", "extreme"],
		["moderate", "high", "high", "extreme", "extreme"],
	]
}

test_off_the_scale_there_is_no_band if {
	every score in [[1, 6], [6, 1], [1, 8], [2, 0], [1.5, 4], [4, 2.5], [0.5, 2]] {
		count([1 | waivers.band(score[0], score[1])]) == 0
	}
}

test_a_waiver_of_another_policy_for_the_same_model if {
	other := object.union(_waiver, {"policy": "FAIR-003"})
	found := waivers.in_force("FAIR-001") with input as {"request": _request}
		with data.waivers.by_digest as {"sha256:aa": [other]}
		with data.promotion.generated.catalog.policies as object.union(_catalog, {"FAIR-003": _catalog["FAIR-001"]})
		with time.now_ns as _now * 1000000000
	found == set()
}

test_a_word_merged_before_its_signature_holds_from_the_signature if {
	late := {"approved_at": _now + 1, "published_at": _now - 1}
	_changed({"approvals": [_word("ann", "model-risk"), object.union(_word("ben", "compliance"), late)]}) == false
	signed := {"approved_at": _now, "published_at": _now - 1}
	_changed({"approvals": [_word("ann", "model-risk"), object.union(_word("ben", "compliance"), signed)]}) == true
}

test_words_that_are_not_approval_do_not_count_as_one if {
	withdrawn := object.union(_word("ben", "compliance"), {"decision": "withdraw"})
	_changed({"approvals": [_word("ann", "model-risk"), withdrawn]}) == false
}

test_requester_and_approvals_have_their_type if {
	_changed({"requester": 7}) == false
	_changed({"requester": null}) == false
	_changed({"approvals": {"a": _word("ann", "model-risk"), "b": _word("ben", "compliance")}}) == false
	_changed({"approvals": [_word("ann", "model-risk"), object.union(_word("ben", "compliance"), {"approved_at": "2026"})]}) == false
}

_stands_of(change) := found["EXC-2026-0001"] if {
	found := waivers.standings([object.union(_waiver, change)]) with data.promotion.generated.catalog.policies as _catalog
		with time.now_ns as _now * 1000000000
}

test_standing_names_the_tiers_in_which_it_is_short_enough if {
	_stands_of({}).tiers == ["low", "medium", "high"]
	_stands_of({"expires": _waiver.opened + (120 * _day_of_seconds)}).tiers == ["low", "medium"]
	_stands_of({"expires": _waiver.opened + (180 * _day_of_seconds)}).tiers == ["low"]
	_stands_of({"expires": _waiver.opened + (181 * _day_of_seconds)}).tiers == []
}

test_standing_without_history_matches_nobody_and_bars_nobody if {
	standing := _stands_of({"touched_by": null})
	standing.matched == 0
	standing.barred == []
	_stands_of({}).matched == 2
	_stands_of({"touched_by": ["ben"]}).barred == ["ben"]

	# Words whose times cannot be read count for nobody, even where others could be read.
	_stands_of({"approvals": array.concat(_waiver.approvals, [object.union(_word("cat", "privacy"), {"valid_until": "never"})])}).matched == 0
}

test_standing_names_who_withdrew_and_may_not if {
	every who, powerless in {"olga": [], "rae": [], "ann": ["ann"]} {
		withdrawn := object.union(_word(who, "privacy"), {"decision": "withdraw"})
		_stands_of({"approvals": array.concat(_waiver.approvals, [withdrawn])}).powerless == powerless
	}
}

test_a_word_whose_date_of_merge_is_neither_time_nor_null_stops_it if {
	every odd in ["today", false, [], {}] {
		_one_more({"published_at": odd}) == false
	}
}

# The later of signature and merge is a number here, and hides that the signature has no date.
test_a_word_without_date_of_signature_stops_it_although_it_is_merged if {
	_one_more({"decision": "reject", "approved_at": null, "published_at": _now}) == false
}

test_a_policy_is_found_by_its_own_former_ids_alone if {
	renamed := {"FAIR-009": {"severity": "high", "rule_digest": "sha256:11", "aliases": ["FAIR-007", "FAIR-008"]}}
	_under(renamed, "FAIR-009") == 0
}

test_standing_bars_nobody_by_what_cannot_be_read if {
	_stands_of({"touched_by": {"first": "ann"}}).barred == []
	unknown := {"requester": null, "touched_by": null, "approvals": [_word(null, "privacy")]}
	_stands_of(unknown).barred == []
}

test_a_late_waiver_that_has_ended_is_not_overdue_because_another_holds if {
	kept := object.union(_waiver, {"remediation": {"due": _now + 1}})
	ended := object.union(_waiver, {"id": "EXC-2026-0002", "expires": _now, "remediation": {"due": _now - 1}})
	found := waivers.overdue with input as {"request": _request}
		with data.waivers.by_digest as {"sha256:aa": [kept, ended]}
		with data.promotion.generated.catalog.policies as _catalog
		with time.now_ns as _now * 1000000000
	found == set()
}
