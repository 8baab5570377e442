package promotion.rules.human_oversight.decisions_can_be_contested_test

import data.promotion.rules.human_oversight.decisions_can_be_contested as policy

_denied(change) := found if {
	plan := object.union({"contest_channel": "letter", "contest_deadline_hours": 240}, change)
	found := policy.deny with input as {"evidence": {"oversight_plan": [{"result": plan}]}}
}

_finding(key, words, observed, limit) := {{"key": key, "message": words, "observed": observed, "limit": limit}}

test_allow_below_and_on_the_longest if {
	_denied({"contest_deadline_hours": 743}) == set()
	_denied({"contest_deadline_hours": 744}) == set()
}

test_deny_an_hour_longer if {
	_denied({"contest_deadline_hours": 745}) == _finding("deadline", "an answer may take 745 hours, limit 744", 745, 744)
}

test_deny_no_deadline if {
	_denied({"contest_deadline_hours": null}) == _finding("deadline", "the plan promises no answer by any day", null, 744)
}

test_deny_no_channel if {
	_denied({"contest_channel": null}) == _finding("channel", "the plan names no way to contest a decision", null, null)
}

_reasons(effect, domain) := found if {
	found := policy.not_applicable with input as {"request": {"declared_tier": "low", "use": {
		"domain": domain, "effect": effect,
		"autonomy": "advisory", "data": ["personal"],
	}}}
}

test_allow_not_applicable_to_minor_uses if {
	_reasons("limited", "marketing") == {"no legal or significant effect, and not of the high tier"}
}

test_deny_applicable_to_grave_uses if {
	_reasons("significant", "marketing") == set()
	_reasons("none", "credit") == set()
}
