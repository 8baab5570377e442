package promotion.rules.provenance.build_level_reached_test

import data.promotion.rules.provenance.build_level_reached as policy

_levels := {"low": 1, "medium": 2, "high": 3}

_document(tier, claimed, builders) := {
	"request": {"declared_tier": tier, "use": {"domain": "research", "effect": "none", "autonomy": "advisory", "data": ["public"]}},
	"trust": {"builders": builders},
	"evidence": {"build_provenance": [{"result": {"builder": "https://ci.example/hosted", "level": claimed}}]},
}

_denied(tier, claimed, builders) := found if found := policy.deny with input as _document(tier, claimed, builders)

_granted(level) := [{"id": "https://ci.example/other", "level": 4}, {"id": "https://ci.example/hosted", "level": level}]

_finding(believed, limit, words) := {
	"key": "builder=https://ci.example/hosted",
	"message": sprintf("build level of https://ci.example/hosted is %d, limit %d: %s", [believed, limit, words]),
	"observed": believed,
	"limit": limit,
}

test_allow_on_and_above_each_limit if {
	every tier, level in _levels {
		_denied(tier, level, _granted(level)) == set()
		_denied(tier, level + 1, _granted(level + 1)) == set()
	}
}

test_deny_claim_below_each_limit if {
	every tier, level in _levels {
		words := sprintf("level %d is claimed and 4 granted", [level - 1])
		_denied(tier, level - 1, _granted(4)) == {_finding(level - 1, level, words)}
	}
}

test_deny_grant_below_each_limit if {
	every tier, level in _levels {
		words := sprintf("level 4 is claimed and %d granted", [level - 1])
		_denied(tier, 4, _granted(level - 1)) == {_finding(level - 1, level, words)}
	}
}

test_deny_builder_listed_twice_gets_the_lower_level if {
	_denied("high", 3, array.concat(_granted(3), _granted(2))) == {_finding(2, 3, "level 3 is claimed and 2 granted")}
}

_unlisted := {_finding(0, 1, "the builder is not listed")}

test_deny_builder_not_listed if {
	_denied("low", 4, [{"id": "https://ci.example/other", "level": 4}]) == _unlisted
	_denied("low", 4, []) == _unlisted
}

test_deny_no_builder_is_trusted if {
	policy.deny == _unlisted with input as object.remove(_document("low", 4, []), ["trust"])
}

test_deny_one_of_two_builds if {
	good := _document("low", 4, _granted(4))
	laptop := {"result": {"builder": "laptop", "level": 4}}
	document := object.union(good, {"evidence": {"build_provenance": array.concat(good.evidence.build_provenance, [laptop])}})
	policy.deny == {{
		"key": "builder=laptop",
		"message": "build level of laptop is 0, limit 1: the builder is not listed",
		"observed": 0,
		"limit": 1,
	}} with input as document
}
