package promotion.rules.monitoring.no_open_runtime_alert_test

import data.promotion.rules.monitoring.no_open_runtime_alert as policy

_now := 1800000000

_hours := {"low": 24, "medium": 72, "high": 168}

_quiet := {
	"target": "staging/credit-risk", "rules": 90, "omitted": 0, "alerts": [],
	"totals": {"emergency": 0, "alert": 0, "critical": 0, "error": 0, "warning": 0, "notice": 0, "informational": 0, "debug": 0},
	"watched_from": _now - (400 * 3600), "watched_until": _now,
}

_alert(priority, closed_by) := {"rule": "Terminal shell in container", "priority": priority, "count": 2, "last_at": null, "closed_by": closed_by}

_document(tier, change) := {
	"request": {"declared_tier": tier, "use": {"domain": "research", "effect": "none", "autonomy": "advisory", "data": ["public"]}},
	"evidence": {"runtime_alerts": [{"result": object.union(_quiet, change)}]},
}

_denied(tier, change) := found if {
	found := policy.deny with input as _document(tier, change) with time.now_ns as _now * 1000000000
}

_insufficient(tier, change) := found if {
	found := policy.insufficient with input as _document(tier, change) with time.now_ns as _now * 1000000000
}

_finding(key, words, observed, limit) := {"key": key, "message": words, "observed": observed, "limit": limit}

test_allow_quiet if {
	_denied("high", {}) == set()
	_insufficient("high", {}) == set()
}

test_deny_open_alert_of_each_priority if {
	every priority in ["critical", "alert", "emergency"] {
		change := {"alerts": [_alert(priority, null)], "totals": {priority: 2}}
		words := concat(" ", [priority, "alert Terminal shell in container is open on staging/credit-risk, seen 2 times"])
		_denied("low", change) == {_finding("alert=Terminal shell in container", words, 2, 0)}
		_insufficient("low", change) == set()
	}
}

test_allow_closed_alert if {
	change := {"alerts": [_alert("critical", "security officer: a drill")], "totals": {"critical": 2}}
	_denied("low", change) == set()
	_insufficient("low", change) == set()
}

test_allow_what_is_less_than_critical if {
	_insufficient("low", {"totals": {"error": 9, "warning": 9, "notice": 9, "informational": 9, "debug": 9}}) == set()
}

test_deny_no_rules if _insufficient("low", {"rules": 0}) == {_finding("rules", "the sensor had no rules", 0, null)}

_watched(seconds) := {"watched_from": _now - seconds}

_short(limit, hours) := {_finding("watched", words, hours, limit)} if {
	words := sprintf("staging/credit-risk was watched for less than %d hours", [limit])
}

test_allow_on_and_an_hour_above_each_limit if {
	every tier, hours in _hours {
		_insufficient(tier, _watched(hours * 3600)) == set()
		_insufficient(tier, _watched((hours + 1) * 3600)) == set()
	}
}

test_deny_an_hour_or_a_second_below_each_limit if {
	every tier, hours in _hours {
		_insufficient(tier, _watched((hours - 1) * 3600)) == _short(hours, hours - 1)
		_insufficient(tier, _watched((hours * 3600) - 1)) == _short(hours, hours - 1)
	}
}

# A watch that ends before it begins watched nothing.
test_deny_from_after_until if _insufficient("low", _watched(-3600)) == _short(24, -1)

_late := {_finding("until", "staging/credit-risk was not watched until within 2 days of now", null, 2)}

test_allow_watched_until_two_days_ago if {
	_insufficient("high", {"watched_until": _now - (2 * 86400)}) == set()
}

test_deny_watched_until_a_second_longer_ago_or_the_future if {
	_insufficient("high", {"watched_until": (_now - (2 * 86400)) - 1}) == _late
	_insufficient("high", {"watched_until": _now + 1}) == _late
}

_omitted(number) := {_finding("omitted", sprintf("%d alerts are counted but not listed", [number]), number, 0)}

test_deny_counted_but_not_listed if {
	_insufficient("low", {"omitted": 1}) == _omitted(1)
	every priority in ["critical", "alert", "emergency"] {
		_insufficient("low", {"totals": {priority: 3}}) == _omitted(3)
		_insufficient("low", {"totals": {priority: 3}, "alerts": [_alert(priority, "a drill")]}) == _omitted(1)
	}
}

# A listed alert of one priority does not stand for a counted one of another.
test_deny_listed_under_another_priority if {
	_insufficient("low", {"totals": {"emergency": 2}, "alerts": [_alert("critical", "a drill")]}) == _omitted(2)
}
