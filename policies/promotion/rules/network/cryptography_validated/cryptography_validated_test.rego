package promotion.rules.network.cryptography_validated_test

import data.promotion.rules.network.cryptography_validated as policy

_now := 1800000000

_limits := {"low": 90, "medium": 90, "high": 30}

_module := {"name": "boring", "version": "1", "standard": "fips_140_3", "certificate": 5000, "status": "active", "sunset_at": _now + 1}

_document(tier, change, age) := {
	"request": {
		"declared_tier": tier,
		"use": {"domain": "research", "effect": "none", "autonomy": "advisory", "data": ["public"], "jurisdictions": ["us_federal"]},
	},
	"evidence": {"cryptographic_modules": [{"result": {"looked_up_at": _now - age, "modules": [object.union(_module, change)]}}]},
}

_denied(tier, change, age) := found if found := policy.deny with input as _document(tier, change, age) with time.now_ns as _now * 1000000000

_insufficient(change, age) := found if found := policy.insufficient with input as _document("high", change, age) with time.now_ns as _now * 1000000000

_finding(what, words, observed) := {{"key": concat("=", ["boring", what]), "message": concat(" ", ["boring", words]), "observed": observed, "limit": null}}

test_allow_active if {
	_denied("high", {}, 0) == set()
	_insufficient({}, 0) == set()
}

test_allow_a_second_below_and_on_each_limit if {
	every tier, days in _limits {
		_denied(tier, {}, (days * 86400) - 1) == set()
		_denied(tier, {}, days * 86400) == set()
	}
}

test_deny_a_second_above_each_limit if {
	every tier, days in _limits {
		_denied(tier, {}, (days * 86400) + 1) == {{
			"key": "age",
			"message": sprintf("the list was looked up %d days ago, limit %d", [days + 1, days]),
			"observed": days + 1,
			"limit": days,
		}}
	}
}

test_deny_other_standards if {
	every standard in ["fips_140_2", "none"] {
		_denied("high", {"standard": standard}, 0) == _finding("standard", "is not validated to FIPS 140-3", standard)
	}
}

test_deny_without_certificate if _denied("high", {"certificate": null}, 0) == _finding("certificate", "has no certificate", null)

test_deny_other_status if {
	every status in ["historical", "revoked", "in_process", "unknown"] {
		_denied("high", {"status": status}, 0) == _finding("status", sprintf("has a certificate that is %s", [status]), status)
	}
}

test_deny_certificate_that_ended if {
	_denied("high", {"sunset_at": _now}, 0) == _finding("sunset", "has a certificate that has ended", _now)
	_denied("high", {"sunset_at": _now + 1}, 0) == set()
	_denied("high", {"sunset_at": null}, 0) == set()
	_insufficient({"sunset_at": null}, 0) == _finding("sunset", "has a certificate without an end", null)
}

test_deny_looked_up_in_the_future if {
	_insufficient({}, -1) == {{"key": "age", "message": "the list was looked up in the future", "observed": null, "limit": 30}}
}

test_allow_what_is_not_federal if {
	elsewhere := {"not a federal use in the United States"}
	every places, answer in {["us"]: elsewhere, ["us_federal", "us"]: set(), ["eu"]: elsewhere} {
		found := policy.not_applicable with input as {"request": {"use": {"jurisdictions": places}}}
		found == answer
	}
}
