package promotion.main_test

import data.promotion.main

_now := 1800000000

_policy(name, change) := object.union(
	{"family": "fake", "name": name, "severity": "high", "evidence": ["scan"], "waivable": ["fail", "insufficient", "evidence"], "effective_from": 0, "rule_digest": "sha256:11"},
	change,
)

_schemas := {
	"request": {"type": "object", "required": ["sound"]},
	"evidence": {"scan": {"statements": `"scan": {"items": {"type": "object"}}`, "max_age_days": 10}},
	"frame": {"opening": `{"additionalProperties": false, "properties": {`, "closing": "}}"},
}

_statement := {
	"file": "scan.json", "status": "measured", "subject": {"name": "m", "digest": "sha256:aa"},
	"signer": {"evidence_types": ["scan"]}, "collected_at": _now, "valid_until": _now + 9,
	"population": {"count": 1}, "completeness": {"expected": 1, "observed": 1},
}

_input := {
	"request": {
		"sound": true, "model": {"name": "m", "digest": "sha256:aa"}, "to_stage": "production", "declared_tier": "low",
		"use": {"domain": "research", "effect": "none", "autonomy": "advisory", "data": ["public"]},
	},
	"evidence": {"scan": [_statement]}, "rejected": [], "trust": {"builders": [], "model_signers": []}, "quarantined": [],
}

_finding(key) := {"key": key, "message": sprintf("%s is wrong", [key]), "observed": 1, "limit": 2}

_waiver(findings) := {
	"id": "EXC-2026-0001", "policy": "FAKE-001", "owner": "olga", "requester": "rae", "findings": findings,
	"subject": {"name": "m", "digests": ["sha256:aa"], "to_stage": "production"},
	"risk": {"residual": {"likelihood": 1, "impact": 1}}, "opened": _now, "expires": _now + 1, "touched_by": [],
	"approvals": [{"identity": "ann", "role": "model-risk", "decision": "approve", "approved_at": _now, "valid_until": _now + 1, "published_at": null, "rule_digest": "sha256:11"}],
}

# A decision about one policy whose rules are given.
_decide(document, entry, rules, waivers) := found if {
	found := main.decision with input as document
		with data.promotion.generated.schemas as _schemas
		with data.promotion.generated.catalog.policies as {"FAKE-001": entry}
		with data.promotion.rules.fake as {"one": rules}
		with data.waivers.by_digest as {"sha256:aa": waivers}
		with time.now_ns as _now * 1000000000
}

_emergency := {
	"id": "OVR-2026-0001", "policies": ["FAKE-001"], "owner": "olga", "requester": "rae",
	"subject": {"name": "m", "digest": "sha256:aa", "to_stage": "production"},
	"opened": _now, "expires": _now + 3600, "touched_by": [], "claimed_at": _now,
	"approvals": [
		{"identity": "ann", "role": "model-risk", "decision": "approve", "approved_at": _now, "valid_until": _now + 9, "published_at": null},
		{"identity": "ben", "role": "compliance", "decision": "approve", "approved_at": _now, "valid_until": _now + 9, "published_at": null},
	],
}

_in_emergency(document, change, rules, waivers) := found if {
	entry := object.union(_policy("one", {"overridable": true}), change)
	found := _decide(document, entry, rules, waivers) with data.waivers.overrides as {"m": [_emergency]}
}

test_overridden_is_an_outcome_of_its_own if {
	found := _in_emergency(_input, {}, _failing, [])
	_outcome(found) == [true, "overridden"]
	found.verdicts[0].override == {"id": "OVR-2026-0001", "owner": "olga", "expires": _now + 3600, "review_by": _now + (7 * 86400)}
	found.verdicts[0].findings == [{"covered": false, "kind": "fail", "key": "a", "message": "a is wrong", "observed": 1, "limit": 2, "waiver": null}]
}

test_gaps_and_thin_evidence_are_overridden_as_well if {
	_outcome(_in_emergency(object.union(_input, {"evidence": {"scan": []}}), {}, _failing, [])) == [true, "overridden"]
	_outcome(_in_emergency(_input, {}, {"insufficient": {_finding("a")}}, [])) == [true, "overridden"]
}

test_an_override_changes_no_other_answer if {
	passed := _in_emergency(_input, {}, _passing, [])
	[_outcome(passed), passed.verdicts[0].override] == [[true, "pass"], null]
	waived := _in_emergency(_input, {}, _failing, [_waiver(null)])
	[_outcome(waived), waived.verdicts[0].override] == [[true, "waived"], null]
	broken := _in_emergency(object.union(_input, {"quarantined": ["FAKE-001"]}), {}, _failing, [])
	_outcome(broken) == [false, "error"]
	_outcome(_in_emergency(_input, {}, {}, [])) == [false, "error"]
	_outcome(_in_emergency(_input, {"overridable": false}, _failing, [])) == [false, "fail"]
}

test_conftest_warns_of_what_is_overridden if {
	denied := main.deny with input as _input
		with data.promotion.generated.schemas as _schemas
		with data.promotion.generated.catalog.policies as {"FAKE-001": _policy("one", {"overridable": true})}
		with data.promotion.rules.fake as {"one": _failing}
		with data.waivers as {"by_digest": {}, "overrides": {"m": [_emergency]}}
		with time.now_ns as _now * 1000000000
	denied == set()
	warned := main.warn with input as _input
		with data.promotion.generated.schemas as _schemas
		with data.promotion.generated.catalog.policies as {"FAKE-001": _policy("one", {"overridable": true})}
		with data.promotion.rules.fake as {"one": _failing}
		with data.waivers as {"by_digest": {}, "overrides": {"m": [_emergency]}}
		with time.now_ns as _now * 1000000000
	warned == {{"msg": "FAKE-001 overridden: a is wrong", "id": "FAKE-001", "outcome": "overridden", "key": "a"}}
}

_one(change, rules) := _decide(_input, _policy("one", change), rules, [])

_outcome(decision) := [decision.allowed, decision.verdicts[0].outcome]

_passing := {"deny": set()}

_failing := {"deny": {_finding("a")}}

test_pass if {
	_one({}, _passing) == {
		"allowed": true, "decided_at": _now, "tier": "low",
		"verdicts": [{"id": "FAKE-001", "outcome": "pass", "severity": "high", "reasons": [], "findings": [], "findings_total": 0, "override": null, "observed": null}],
	}
	_outcome(_one({}, {"insufficient": set()})) == [true, "pass"]
}

test_fail if {
	_one({}, _failing) == {
		"allowed": false, "decided_at": _now, "tier": "low",
		"verdicts": [{
			"id": "FAKE-001", "outcome": "fail", "severity": "high", "reasons": [], "findings_total": 1, "override": null, "observed": null,
			"findings": [{"covered": false, "kind": "fail", "key": "a", "message": "a is wrong", "observed": 1, "limit": 2, "waiver": null}],
		}],
	}
}

test_insufficient if {
	_one({}, {"insufficient": {_finding("a")}}).verdicts[0].findings == [{
		"covered": false, "kind": "insufficient", "key": "insufficient:a",
		"message": "a is wrong", "observed": 1, "limit": 2, "waiver": null,
	}]
	_outcome(_one({}, {"insufficient": {_finding("a")}})) == [false, "insufficient"]
}

test_fail_goes_before_insufficient if {
	decision := _one({}, {"deny": {_finding("a")}, "insufficient": {_finding("a")}})
	_outcome(decision) == [false, "fail"]
	decision.verdicts[0].findings_total == 2
}

test_pending_is_first if {
	broken := object.union(_input, {"quarantined": ["FAKE-001"]})
	later := _policy("one", {"effective_from": _now + 1})
	_decide(broken, later, {}, []).verdicts[0].outcome == "pending"
	_decide({}, later, {}, []).verdicts[0].outcome == "pending"
	_outcome(_decide(broken, _policy("one", {"effective_from": _now}), _passing, [])) == [false, "error"]
}

test_all_pending_is_no_allow if _outcome(_one({"effective_from": _now + 1}, _passing)) == [false, "pending"]

test_error_goes_before_not_applicable if {
	broken := object.union(_input, {"quarantined": ["FAKE-001"]})
	_outcome(_decide(broken, _policy("one", {}), {"deny": set(), "not_applicable": {"why"}}, [])) == [false, "error"]
}

test_not_applicable_goes_before_gaps_and_findings if {
	rules := {"deny": {_finding("a")}, "not_applicable": {"why"}}
	decision := _decide(object.union(_input, {"evidence": {"scan": []}}), _policy("one", {}), rules, [])
	_outcome(decision) == [true, "not_applicable"]
	decision.verdicts[0].reasons == ["why"]
}

test_not_applicable_of_another_shape_is_no_excuse if {
	_outcome(_one({}, {"deny": {_finding("a")}, "not_applicable": true})) == [false, "fail"]
	_outcome(_one({}, {"deny": {_finding("a")}, "not_applicable": set()})) == [false, "fail"]
}

test_gap_goes_before_rules if {
	decision := _decide(object.union(_input, {"evidence": {"scan": []}}), _policy("one", {}), _failing, [])
	_outcome(decision) == [false, "insufficient"]
	decision.verdicts[0].findings == [{
		"covered": false, "kind": "evidence", "key": "evidence:scan", "fault": "missing",
		"message": "scan: no evidence of this type was given", "observed": null, "limit": null, "waiver": null,
	}]
}

test_rejected_of_no_type_is_a_gap if {
	rejected := {"rejected": [{"file": "x", "type": null, "fault": "unreadable", "message": "is no JSON"}]}
	_outcome(_decide(object.union(_input, rejected), _policy("one", {}), _passing, [])) == [false, "insufficient"]
}

test_no_evidence_asked_no_gap if {
	_outcome(_decide(object.union(_input, {"evidence": {"scan": []}}), _policy("one", {"evidence": []}), _passing, [])) == [true, "pass"]
}

test_unsound_input_is_error if {
	every path in ["request", "request/sound", "evidence", "rejected", "trust", "trust/builders", "trust/model_signers", "quarantined"] {
		decision := _decide(json.patch(_input, [{"op": "remove", "path": path}]), _policy("one", {"evidence": []}), _passing, [])
		_outcome(decision) == [false, "error"]
	}
	every path in ["request", "evidence", "rejected", "trust", "trust/builders", "trust/model_signers", "quarantined"] {
		every odd in [null, "text", 5, true] {
			decision := _decide(json.patch(_input, [{"op": "replace", "path": path, "value": odd}]), _policy("one", {"evidence": []}), _passing, [])
			_outcome(decision) == [false, "error"]
		}
	}
}

test_builder_of_no_level_is_error if {
	every level in ["9", 5, 1e30, null] {
		document := object.union(_input, {"trust": {"builders": [{"id": "b", "level": 3}, {"id": "c", "level": level}]}})
		_outcome(_decide(document, _policy("one", {}), _passing, [])) == [false, "error"]
	}
	_outcome(_decide(object.union(_input, {"trust": {"builders": [{"id": "b", "level": 3}]}}), _policy("one", {}), _passing, [])) == [true, "pass"]
}

test_unsound_request_has_no_tier if {
	_decide(object.union(_input, {"request": {"sound": null}}), _policy("one", {}), _passing, []).tier == "low"
	_decide(object.union(_input, {"request": []}), _policy("one", {}), _passing, []).tier == null
}

test_empty_catalog_allows_nothing if {
	decision := main.decision with input as _input
		with data.promotion.generated.schemas as _schemas
		with data.promotion.generated.catalog as {"policies": {}}
		with time.now_ns as _now * 1000000000
	decision == {"allowed": false, "decided_at": _now, "tier": "low", "verdicts": []}
}

test_no_catalog_allows_nothing if {
	main.allowed == false with input as _input with data.promotion.generated.catalog as {} with data.promotion.generated.schemas as _schemas
}

test_unsound_entry_is_error if {
	every part in ["evidence", "waivable", "effective_from"] {
		_outcome(_decide(_input, object.remove(_policy("one", {}), [part]), _passing, [])) == [false, "error"]
	}
	_outcome(_one({"evidence": [null]}, _passing)) == [false, "error"]
	_outcome(_one({"effective_from": "2026"}, _passing)) == [false, "error"]
	unrated := _decide(_input, object.remove(_policy("one", {}), ["severity"]), _passing, [])
	unrated.verdicts[0].severity == "critical"
}

test_rules_that_could_not_deny_are_error if {
	every rules in [{}, {"denies": set()}, {"deny": true}, {"deny": "x"}, {"deny": {"a": 1}}, {"deny": false}, {"deny": null}, {"deny": [], "insufficient": set()}] {
		_outcome(_one({}, rules)) == [false, "error"]
	}
	_outcome(_one({"name": "gone"}, _passing)) == [false, "error"]
}

test_findings_without_key_or_message_are_error if {
	every odd in ["text", 5, {}, {"key": "a"}, {"message": "a"}, {"key": 5, "message": "a"}, {"key": "a", "message": null}] {
		_outcome(_one({}, {"deny": {odd}})) == [false, "error"]
		_outcome(_one({}, {"deny": {_finding("a")}, "insufficient": {odd}})) == [false, "error"]
	}
}

test_keys_that_borrow_a_prefix_are_error if {
	every key in ["evidence:scan", "insufficient:a"] {
		_outcome(_one({}, {"deny": {_finding(key)}})) == [false, "error"]
		_outcome(_one({}, {"insufficient": {_finding(key)}})) == [false, "error"]
	}
}

test_findings_cannot_say_that_they_are_waived if {
	lying := object.union(_finding("a"), {"covered": true, "kind": "none", "waiver": {"id": "x"}, "more": 1})
	decision := _one({}, {"deny": {lying}})
	_outcome(decision) == [false, "fail"]
	decision.verdicts[0].findings == [{"covered": false, "kind": "fail", "key": "a", "message": "a is wrong", "observed": 1, "limit": 2, "waiver": null}]
}

test_findings_without_numbers_get_null if {
	_one({}, {"deny": {{"key": "a", "message": "b"}}}).verdicts[0].findings[0].observed == null
}

_mark := {"id": "EXC-2026-0001", "owner": "olga", "expires": _now + 1}

test_waived_stays_in_sight if {
	decision := _decide(_input, _policy("one", {}), _failing, [_waiver(null)])
	_outcome(decision) == [true, "waived"]
	decision.verdicts[0].findings == [{"covered": true, "kind": "fail", "key": "a", "message": "a is wrong", "observed": 1, "limit": 2, "waiver": _mark}]
}

test_one_finding_uncovered_is_fail if {
	decision := _decide(_input, _policy("one", {}), {"deny": {_finding("a"), _finding("b")}}, [_waiver(["a"])])
	_outcome(decision) == [false, "fail"]
	[finding.key | some finding in decision.verdicts[0].findings] == ["b", "a"]
}

test_waived_fail_leaves_insufficient if {
	rules := {"deny": {_finding("a")}, "insufficient": {_finding("a")}}
	_outcome(_decide(_input, _policy("one", {}), rules, [_waiver(null)])) == [false, "insufficient"]
	_outcome(_decide(_input, _policy("one", {}), rules, [_waiver(["a", "insufficient:a"])])) == [true, "waived"]
}

test_gap_waived_only_by_name_and_where_allowed if {
	document := object.union(_input, {"evidence": {"scan": []}})
	_outcome(_decide(document, _policy("one", {}), _failing, [_waiver(["evidence:scan"])])) == [true, "waived"]
	_outcome(_decide(document, _policy("one", {}), _failing, [_waiver(null)])) == [false, "insufficient"]
	_outcome(_decide(document, _policy("one", {"waivable": ["fail"]}), _failing, [_waiver(["evidence:scan"])])) == [false, "insufficient"]
}

test_waiver_of_another_policy if {
	_outcome(_decide(_input, _policy("one", {}), _failing, [object.union(_waiver(null), {"policy": "FAKE-002"})])) == [false, "fail"]
}

test_waiver_without_owner_covers_nothing if {
	_outcome(_decide(_input, _policy("one", {}), _failing, [object.remove(_waiver(null), ["owner"])])) == [false, "fail"]
}

test_cap_keeps_the_uncovered_first if {
	keys := [sprintf("k%03d", [number]) | some number in numbers.range(1, 60)]
	rules := {"deny": {_finding(key) | some key in keys}}
	decision := _decide(_input, _policy("one", {}), rules, [_waiver(array.slice(keys, 0, 55))])
	decision.verdicts[0].findings_total == 60
	count(decision.verdicts[0].findings) == 50
	[finding.covered | some finding in array.slice(decision.verdicts[0].findings, 0, 6)] == [false, false, false, false, false, true]
	_outcome(decision) == [false, "fail"]
}

test_order_and_whole_catalog if {
	decision := main.decision with input as _input
		with data.promotion.generated.schemas as _schemas
		with data.promotion.generated.catalog.policies as {"FAKE-002": _policy("two", {}), "FAKE-001": _policy("one", {})}
		with data.promotion.rules.fake as {"one": _failing, "two": _passing}
		with time.now_ns as _now * 1000000000
	decision.allowed == false
	[[verdict.id, verdict.outcome] | some verdict in decision.verdicts] == [["FAKE-001", "fail"], ["FAKE-002", "pass"]]
}

_conftest(entry, rules, waivers) := {"deny": denied, "warn": warned} if {
	denied := main.deny with input as _input
		with data.promotion.generated.schemas as _schemas
		with data.promotion.generated.catalog.policies as {"FAKE-001": _policy("one", entry), "FAKE-002": _policy("two", {})}
		with data.promotion.rules.fake as {"one": rules, "two": _passing}
		with data.waivers.by_digest as {"sha256:aa": waivers}
		with time.now_ns as _now * 1000000000
	warned := main.warn with input as _input
		with data.promotion.generated.schemas as _schemas
		with data.promotion.generated.catalog.policies as {"FAKE-001": _policy("one", entry), "FAKE-002": _policy("two", {})}
		with data.promotion.rules.fake as {"one": rules, "two": _passing}
		with data.waivers.by_digest as {"sha256:aa": waivers}
		with time.now_ns as _now * 1000000000
}

test_conftest_says_nothing_of_a_pass if _conftest({}, _passing, []) == {"deny": set(), "warn": set()}

test_conftest_denies_what_blocks if {
	_conftest({}, _failing, []) == {"deny": {{"msg": "FAKE-001 fail: a is wrong", "id": "FAKE-001", "outcome": "fail", "key": "a"}}, "warn": set()}
	_conftest({}, {}, []).deny == {{"msg": "FAKE-001 error: the policy has no rule that could deny", "id": "FAKE-001", "outcome": "error", "key": ""}}
	_conftest({}, {"insufficient": {_finding("a")}}, []).deny == {{
		"msg": "FAKE-001 insufficient: a is wrong", "id": "FAKE-001", "outcome": "insufficient", "key": "insufficient:a",
	}}
}

test_conftest_warns_of_waived_and_pending if {
	_conftest({}, _failing, [_waiver(null)]) == {"deny": set(), "warn": {{"msg": "FAKE-001 waived: a is wrong", "id": "FAKE-001", "outcome": "waived", "key": "a"}}}
	_conftest({"effective_from": _now + 1}, _failing, []) == {"deny": set(), "warn": {{
		"msg": "FAKE-001 pending: not yet in force", "id": "FAKE-001", "outcome": "pending", "key": "",
	}}}
}

test_conftest_denies_an_empty_input if {
	{"msg": "no complete decision could be made", "id": "", "outcome": "error", "key": ""} in main.deny with input as {} with data.promotion.generated.catalog as {"policies": {}}
}
