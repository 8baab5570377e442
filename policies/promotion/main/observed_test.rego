package promotion.main_test

# What a track only observes; the document and helpers are those of main_test.rego.

_by(name, change) := object.union({"by": "baseline", "model": name, "since": _now - 9, "until": _now + 1}, change)

_by_rollout := {"by": "rollout", "model": null, "since": _now - 9, "until": _now + 5}

_observing(change, entries, rules) := _one(object.union({"observed": entries}, change), rules)

test_a_baseline_shows_the_finding_and_does_not_block if {
	_observing({}, [_by("m", {})], _failing) == {
		"allowed": true, "decided_at": _now, "tier": "low",
		"verdicts": [{
			"id": "FAKE-001", "outcome": "pending", "severity": "high", "findings_total": 1,
			"reasons": ["only observed, by the baseline of its track"],
			"override": null, "observed": {"by": "baseline", "until": _now + 1},
			"findings": [{"covered": false, "kind": "fail", "key": "a", "message": "a is wrong", "observed": 1, "limit": 2, "waiver": null}],
		}],
	}
}

test_a_baseline_is_about_one_model if {
	every other in ["n", "M", "m ", "", null, 3, ["m"]] {
		_outcome(_observing({}, [object.remove(_by("n", {}), ["model"]), _by("n", {"model": other})], _passing)) == [true, "pass"]
	}
	every other in ["n", "M", "m ", "", 3, ["m"]] {
		_outcome(_observing({}, [_by(other, {})], _failing)) == [false, "fail"]
	}
	_outcome(_observing({}, [object.remove(_by("m", {}), ["model"])], _failing)) == [false, "fail"]
}

test_a_baseline_holds_to_the_second if {
	_outcome(_observing({}, [_by("m", {"since": _now})], _failing)) == [true, "pending"]
	_outcome(_observing({}, [_by("m", {"since": _now + 1, "until": _now + 2})], _failing)) == [false, "fail"]
	_outcome(_observing({}, [_by("m", {"until": _now})], _failing)) == [false, "fail"]
	_outcome(_observing({}, [_by("m", {"until": _now - 1})], _failing)) == [false, "fail"]
}

test_a_baseline_without_its_times_observes_nothing if {
	every odd in [null, "2099", {}, [], true] {
		_outcome(_observing({}, [_by("m", {"until": odd})], _failing)) == [false, "fail"]
		_outcome(_observing({}, [_by("m", {"since": odd})], _failing)) == [false, "fail"]
	}
	_outcome(_observing({}, [object.remove(_by("m", {}), ["until"])], _failing)) == [false, "fail"]
	_outcome(_observing({}, [object.remove(_by("m", {}), ["by"])], _failing)) == [false, "fail"]
	every odd in [null, "all", 5, {}] {
		_outcome(_observing({}, odd, _failing)) == [false, "fail"]
	}
}

test_a_rollout_is_about_every_model_and_the_longest_is_told if {
	said := _observing({}, [_by("m", {}), _by_rollout], _failing)
	_outcome(said) == [true, "pending"]
	said.verdicts[0].observed == {"by": "rollout", "until": _now + 5}
}

test_only_what_a_waiver_could_let_pass_is_observed if {
	thin := {"insufficient": {_finding("a")}}
	_outcome(_observing({"waivable": []}, [_by("m", {}), _by_rollout], _failing)) == [false, "fail"]
	_outcome(_observing({"waivable": ["insufficient"]}, [_by("m", {})], _failing)) == [false, "fail"]
	_outcome(_observing({"waivable": ["insufficient"]}, [_by("m", {})], thin)) == [true, "pending"]
	_outcome(_observing({"waivable": ["fail"]}, [_by("m", {})], thin)) == [false, "insufficient"]
	_outcome(_observing({"waivable": ["fail"]}, [_by("m", {})], object.union(_failing, thin))) == [false, "fail"]
	gap := object.union(_input, {"evidence": {"scan": []}})
	_outcome(_decide(gap, _policy("one", {"observed": [_by("m", {})], "waivable": ["evidence"]}), _failing, [])) == [true, "pending"]
	_outcome(_decide(gap, _policy("one", {"observed": [_by("m", {})], "waivable": ["insufficient"]}), _failing, [])) == [true, "pending"]
	_outcome(_decide(gap, _policy("one", {"observed": [_by("m", {})], "waivable": ["fail"]}), _failing, [])) == [false, "insufficient"]
}

test_what_is_observed_changes_no_other_answer if {
	entry := _policy("one", {"observed": [_by("m", {})]})
	passed := _decide(_input, entry, _passing, [])
	[_outcome(passed), passed.verdicts[0].observed] == [[true, "pass"], null]
	waived := _decide(_input, entry, _failing, [_waiver(null)])
	[_outcome(waived), waived.verdicts[0].observed] == [[true, "waived"], null]
	_outcome(_decide(object.union(_input, {"quarantined": ["FAKE-001"]}), entry, _failing, [])) == [false, "error"]
	_outcome(_decide(_input, entry, {}, [])) == [false, "error"]
	_outcome(_decide(_input, object.union(entry, {"effective_from": _now + 1}), _failing, [])) == [false, "pending"]
}

test_an_emergency_is_not_needed_where_nothing_blocks if {
	said := _in_emergency(_input, {"observed": [_by("m", {})]}, _failing, [])
	[_outcome(said), said.verdicts[0].override] == [[true, "pending"], null]
}

test_a_waiver_of_one_finding_leaves_the_other_to_the_baseline if {
	said := _decide(_input, _policy("one", {"observed": [_by("m", {})]}), {"deny": {_finding("a"), _finding("b")}}, [_waiver(["a"])])
	_outcome(said) == [true, "pending"]
	[finding.covered | some finding in said.verdicts[0].findings] == [false, true]
}

test_a_baseline_of_every_policy_was_judged_all_the_same if {
	_outcome(_observing({}, [_by("m", {})], _failing)) == [true, "pending"]
	_outcome(_one({"effective_from": _now + 1}, _failing)) == [false, "pending"]
}

test_conftest_warns_of_what_is_observed if {
	_conftest({"observed": [_by("m", {})]}, _failing, []) == {"deny": set(), "warn": {
		{"msg": "FAKE-001 pending: a is wrong", "id": "FAKE-001", "outcome": "pending", "key": "a"},
		{"msg": "FAKE-001 pending: only observed, by the baseline of its track", "id": "FAKE-001", "outcome": "pending", "key": ""},
	}}
}
