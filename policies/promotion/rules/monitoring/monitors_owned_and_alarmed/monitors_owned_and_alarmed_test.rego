package promotion.rules.monitoring.monitors_owned_and_alarmed_test

import data.promotion.rules.monitoring.monitors_owned_and_alarmed as policy

_psi := {"low": 2500, "medium": 2000, "high": 1000}

_interval := {"low": 720, "medium": 168, "high": 24}

_inputs := {
	"name": "inputs", "watches": "input_drift", "statistic": "psi", "alarm_bp": 500,
	"interval_hours": 1, "owner": "model owner", "channel": "on call",
}

_outputs := object.union(_inputs, {"name": "outputs", "watches": "output_drift"})

_outcomes := object.union(_inputs, {"name": "outcomes", "watches": "performance", "statistic": "rate", "alarm_bp": 9000})

_denied(tier, monitors) := found if {
	found := policy.deny with input as {
		"request": {"declared_tier": tier, "use": {"domain": "research", "effect": "none", "autonomy": "advisory", "data": ["public"]}},
		"evidence": {"monitoring_plan": [{"result": {"monitors": monitors}}]},
	}
}

_with(tier, change) := _denied(tier, [object.union(_inputs, change), _outputs, _outcomes])

_finding(key, words, observed, limit) := {"key": key, "message": words, "observed": observed, "limit": limit}

_unwatched(what) := _finding(concat("=", ["watch", what]), concat(" ", ["nothing watches", what]), null, null)

test_allow_one_below_and_on_each_alarm_limit if {
	every tier, limit in _psi {
		_with(tier, {"alarm_bp": limit - 1}) == set()
		_with(tier, {"alarm_bp": limit}) == set()
	}
}

test_deny_alarm_one_above_each_limit if {
	every tier, limit in _psi {
		words := sprintf("inputs alarms at %d ten-thousandths, limit %d", [limit + 1, limit])
		_with(tier, {"alarm_bp": limit + 1}) == {_finding("psi=inputs", words, limit + 1, limit)}
	}
}

test_allow_one_below_and_on_each_interval if {
	every tier, hours in _interval {
		_with(tier, {"interval_hours": hours - 1}) == set()
		_with(tier, {"interval_hours": hours}) == set()
	}
}

test_deny_interval_one_above_each_limit if {
	every tier, hours in _interval {
		words := sprintf("inputs looks every %d hours, limit %d", [hours + 1, hours])
		_with(tier, {"interval_hours": hours + 1}) == {_finding("interval=inputs", words, hours + 1, hours)}
	}
}

test_allow_what_each_tier_asks_for if {
	_denied("low", [_inputs]) == set()
	_denied("medium", [_inputs, _outcomes]) == set()
	_denied("high", [_inputs, _outputs, _outcomes]) == set()
}

test_deny_what_is_not_watched if {
	_denied("medium", [_inputs]) == {_unwatched("performance")}
	_denied("high", [_inputs]) == {_unwatched("output_drift"), _unwatched("performance")}
}

_by_no_psi(limit) := _finding("psi", "no monitor of input drift compares by the population stability index", null, limit)

_without_psi := _by_no_psi(2500)

test_deny_inputs_not_watched_at_each_tier if {
	_denied("low", []) == {_unwatched("input_drift"), _without_psi}
	_denied("medium", [_outcomes]) == {_unwatched("input_drift"), _by_no_psi(2000)}
	_denied("high", [_outputs, _outcomes]) == {_unwatched("input_drift"), _by_no_psi(1000)}
}

test_deny_drift_of_inputs_by_another_statistic if {
	_denied("low", [object.union(_inputs, {"statistic": "ks"}), _outputs]) == {_without_psi}
}

test_deny_no_owner_no_channel_no_alarm if {
	_with("low", {"owner": null}) == {_finding("owner=inputs", "inputs has no owner", null, null)}
	_with("low", {"channel": null}) == {_finding("channel=inputs", "inputs has no channel for its alarm", null, null)}
	_with("low", {"alarm_bp": null}) == {_finding("alarm_bp=inputs", "inputs has no alarm", null, null)}
}

test_deny_owner_that_names_nobody if {
	every words in ["", " ", "-", "N/A", "nobody", "none", "TBD", "todo ", "Unknown"] {
		_with("low", {"owner": words}) == {_finding("owner=inputs", "inputs has no owner", null, null)}
	}
}
