package promotion.rules.supply_chain.scans_fresh_test

import data.promotion.rules.supply_chain.scans_fresh as policy

_now := 1800000000

_days := {"low": 30, "medium": 7, "high": 1}

_types := ["artifact_scan", "pii_scan", "secret_scan", "vulnerability_report"]

_evidence := {
	"artifact_scan": [{"collected_at": _now, "result": {"model_digest": "sha256:aa"}}],
	"pii_scan": [{"collected_at": _now, "result": {}}],
	"secret_scan": [{"collected_at": _now, "result": {}}],
	"vulnerability_report": [_report({})],
	"ml_bom": [{"raw_digest": "sha256:bb", "result": {}}],
}

_report(change) := {"collected_at": _now, "result": object.union({"target_digest": "sha256:aa", "database_at": _now}, change)}

_document(tier, change) := {
	"request": {
		"declared_tier": tier, "model": {"digest": "sha256:aa"},
		"use": {"domain": "research", "effect": "none", "autonomy": "advisory", "data": ["public"]},
	},
	"evidence": object.union(_evidence, change),
}

_denied(tier, change) := found if {
	found := policy.deny with input as _document(tier, change) with time.now_ns as _now * 1000000000
}

_insufficient(tier, change) := found if {
	found := policy.insufficient with input as _document(tier, change) with time.now_ns as _now * 1000000000
}

_aged(type, age) := {type: [object.union(_evidence[type][0], {"collected_at": _now - age, "result": {"database_at": _now - age}})]}

_old(type, age, limit) := {
	"key": concat("=", ["age", type]),
	"message": sprintf("%s: scan is %d days old, limit %d", [type, age, limit]),
	"observed": age,
	"limit": limit,
}

test_allow_fresh if {
	_denied("high", {}) == set()
	_insufficient("high", {}) == set()
}

test_allow_a_second_below_and_on_each_limit if {
	every type in _types {
		every tier, days in _days {
			_denied(tier, _aged(type, (days * 86400) - 1)) == set()
			_denied(tier, _aged(type, days * 86400)) == set()
		}
	}
}

test_deny_a_second_above_each_limit if {
	every type in _types {
		every tier, days in _days {
			_denied(tier, _aged(type, (days * 86400) + 1)) == {_old(type, days + 1, days)}
		}
	}
}

test_deny_one_old_among_fresh if {
	scans := [_evidence.secret_scan[0], _aged("secret_scan", 3 * 86400).secret_scan[0]]
	_denied("high", {"secret_scan": scans}) == {_old("secret_scan", 3, 1)}
}

test_allow_old_bill_of_materials if {
	_denied("high", {"ml_bom": [{"raw_digest": null, "collected_at": 0, "result": {}}]}) == set()
}

test_allow_database_on_each_limit_when_scanned if {
	every tier, days in _days {
		_denied(tier, {"vulnerability_report": [_report({"database_at": _now - (days * 86400)})]}) == set()
	}
}

test_deny_database_above_each_limit_when_scanned if {
	every tier, days in _days {
		_denied(tier, {"vulnerability_report": [_report({"database_at": (_now - (days * 86400)) - 1})]}) == {{
			"key": "database=vulnerability_report",
			"message": sprintf("vulnerability_report: database at the time of the scan is %d days old, limit %d", [days + 1, days]),
			"observed": days + 1,
			"limit": days,
		}}
	}
}

_undated := {
	"key": "database=vulnerability_report",
	"message": "vulnerability_report: the database has no date, or one after the scan",
	"observed": null,
	"limit": 1,
}

test_deny_database_without_a_date if {
	change := {"vulnerability_report": [_report({"database_at": null})]}
	_denied("high", change) == set()
	_insufficient("high", change) == {_undated}
}

test_deny_database_dated_after_the_scan if {
	change := {"vulnerability_report": [_report({"database_at": _now + 1})]}
	_denied("high", change) == set()
	_insufficient("high", change) == {_undated}
}

_other(type, digest) := {
	"key": concat("=", ["digest", type]),
	"message": sprintf("%s: scanned %s, which is not this release", [type, digest]),
	"observed": digest,
	"limit": null,
}

test_allow_vulnerabilities_of_the_bill_of_materials if {
	_denied("high", {"vulnerability_report": [_report({"target_digest": "sha256:bb"})]}) == set()
}

test_deny_vulnerabilities_of_something_else if {
	_denied("high", {"vulnerability_report": [_report({"target_digest": "sha256:cc"})]}) == {_other("vulnerability_report", "sha256:cc")}
}

test_deny_vulnerabilities_of_another_bill_of_materials if {
	change := {"ml_bom": [{"raw_digest": null, "result": {}}], "vulnerability_report": [_report({"target_digest": "sha256:bb"})]}
	_denied("high", change) == {_other("vulnerability_report", "sha256:bb")}
}

# The model is scanned itself; a scan of its bill of materials is none.
test_deny_artifact_scan_of_something_else if {
	change := {"artifact_scan": [{"collected_at": _now, "result": {"model_digest": "sha256:bb"}}]}
	_denied("high", change) == {_other("artifact_scan", "sha256:bb")}
}
