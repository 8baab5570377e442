package promotion.replay_test

import data.promotion.replay

_catalog := {"FAKE-001": {
	"family": "fake", "name": "one", "severity": "high", "evidence": [],
	"waivable": [], "effective_from": 1800000000,
}}

_decided(now) := found if {
	found := replay.decision with input as {"now": now, "quarantined": []}
		with data.promotion.generated.catalog.policies as _catalog
		with data.promotion.generated.schemas as {"request": {}, "evidence": {}}
}

test_time_comes_from_the_input if {
	_decided(1799999999).verdicts[0].outcome == "pending"
	_decided(1799999999).decided_at == 1799999999
	_decided(1800000000).verdicts[0].outcome == "error"
	_decided(1800000000).decided_at == 1800000000
}

test_waivers_are_judged_at_that_time if {
	_decided(0).allowed == false
}

_missing := {"msg": "input.now, in whole seconds, is missing", "id": "", "outcome": "error", "key": ""}

test_no_time_no_decision if {
	every odd in [{}, {"now": null}, {"now": "1800000000"}, {"now": 1.5}, {"now": -1}, {"now": []}] {
		count([answer | answer := replay.decision with input as odd]) == 0
		replay.deny == {_missing} with input as odd
		replay.warn == set() with input as odd
	}
}

_conftest(now, name) := found if {
	found := replay[name] with input as {"now": now, "quarantined": []}
		with data.promotion.generated.catalog.policies as _catalog
		with data.promotion.generated.schemas as {"request": {}, "evidence": {}}
}

test_conftest_at_that_time if {
	{message.msg | some message in _conftest(1800000000, "deny")} == {
		"no complete decision could be made",
		"FAKE-001 error: the request does not have the shape of its schema",
	}
	_conftest(1800000000, "warn") == set()
	{message.msg | some message in _conftest(1799999999, "warn")} == {"FAKE-001 pending: not yet in force"}
}

test_silence_of_main_denies if {
	silent := {"msg": "no complete decision could be made", "id": "", "outcome": "error", "key": ""}
	replay.deny == {silent} with input as {"now": 5} with data.promotion.main as {"allowed": true}
	replay.warn == set() with input as {"now": 5} with data.promotion.main as {"allowed": true}
}

test_conftest_denies_at_that_time_to_the_second if {
	{message.msg | some message in _conftest(1799999999, "deny")} == {"no complete decision could be made"}
}
