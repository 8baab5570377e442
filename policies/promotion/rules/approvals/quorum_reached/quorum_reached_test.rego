package promotion.rules.approvals.quorum_reached_test

import data.promotion.rules.approvals.quorum_reached as policy

_word(identity, role, decision) := {
	"signer": {"identity": identity, "kind": "person", "roles": [role, "walker"]},
	"result": {"role": role, "decision": decision, "reason": "the drift monitor is missing"},
}

_three := [_word("ann", "model-risk", "approve"), _word("ben", "compliance", "approve"), _word("cat", "model-owner", "approve")]

_denied(tier, approvals) := found if {
	found := policy.deny with input as {
		"request": {"declared_tier": tier, "use": {"domain": "research", "effect": "none", "autonomy": "advisory", "data": ["public"]}},
		"evidence": {"approval": approvals},
	}
}

_finding(reached, limit, roles) := {
	"key": "quorum",
	"message": sprintf("%d people in different roles approve, limit %d (roles heard: %s)", [reached, limit, roles]),
	"observed": reached,
	"limit": limit,
}

test_allow_low_on_and_above_the_limit if {
	_denied("low", array.slice(_three, 0, 1)) == set()
	_denied("low", array.slice(_three, 0, 2)) == set()
}

test_deny_low_below_the_limit if _denied("low", []) == {_finding(0, 1, "")}

test_allow_medium_on_and_above_the_limit if {
	_denied("medium", array.slice(_three, 0, 2)) == set()
	_denied("medium", _three) == set()
}

test_deny_medium_below_the_limit if {
	_denied("medium", array.slice(_three, 0, 1)) == {_finding(1, 2, "model-risk")}
}

test_allow_high_on_and_above_the_limit if {
	_denied("high", _three) == set()
	_denied("high", array.concat(_three, [_word("dan", "security-officer", "approve")])) == set()
}

test_deny_high_below_the_limit if {
	_denied("high", array.slice(_three, 0, 2)) == {_finding(2, 3, "compliance, model-risk")}
}

test_deny_one_person_in_two_roles if {
	words := [_word("ann", "model-risk", "approve"), _word("ann", "compliance", "approve")]
	_denied("medium", words) == {_finding(1, 2, "compliance, model-risk")}
}

test_deny_two_people_in_one_role if {
	words := [_word("ann", "model-risk", "approve"), _word("ben", "model-risk", "approve")]
	_denied("medium", words) == {_finding(1, 2, "model-risk")}
}

test_deny_role_not_held if {
	word := object.union(_word("ann", "model-risk", "approve"), {"signer": {"roles": ["release-manager"]}})
	_denied("low", [word]) == {_finding(0, 1, "")}
}

test_deny_machine_does_not_approve if {
	word := object.union(_word("pipeline", "model-risk", "approve"), {"signer": {"kind": "machine"}})
	_denied("low", [word]) == {_finding(0, 1, "")}
}

_rejected := {
	"key": "rejected=dan",
	"message": "dan rejects as security-officer: the drift monitor is missing",
	"observed": null,
	"limit": null,
}

test_deny_rejection_beside_a_quorum if {
	_denied("high", array.concat(_three, [_word("dan", "security-officer", "reject")])) == {_rejected}
}

test_deny_rejection_does_not_count_for_the_quorum if {
	_denied("low", [_word("dan", "security-officer", "reject")]) == {_rejected, _finding(0, 1, "")}
}

test_deny_computed_tier_asks_for_more if {
	policy.deny == {_finding(1, 3, "model-risk")} with input as {
		"request": {"declared_tier": "low", "use": {"domain": "credit", "effect": "legal", "autonomy": "advisory", "data": ["public"]}},
		"evidence": {"approval": array.slice(_three, 0, 1)},
	}
}
