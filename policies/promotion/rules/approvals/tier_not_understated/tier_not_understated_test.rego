package promotion.rules.approvals.tier_not_understated_test

import data.promotion.rules.approvals.tier_not_understated as policy

_uses := {
	"low": {"domain": "research", "effect": "none", "autonomy": "advisory", "data": ["public"]},
	"medium": {"domain": "marketing", "effect": "limited", "autonomy": "advisory", "data": ["internal"]},
	"high": {"domain": "credit", "effect": "legal", "autonomy": "human_review", "data": ["personal"]},
}

_denied(declared, use) := found if {
	found := policy.deny with input as {"request": {"declared_tier": declared, "use": use}}
}

_understated(declared, computed) := {
	"key": "tier",
	"message": sprintf("declared tier is %s, the use computes to %s", [declared, computed]),
	"observed": declared,
	"limit": computed,
}

test_allow_declared_as_computed if {
	every tier, use in _uses {
		_denied(tier, use) == set()
	}
}

test_allow_declared_above_computed if {
	_denied("medium", _uses.low) == set()
	_denied("high", _uses.low) == set()
	_denied("high", _uses.medium) == set()
}

test_deny_declared_below_computed if {
	_denied("low", _uses.medium) == {_understated("low", "medium")}
	_denied("low", _uses.high) == {_understated("low", "high")}
	_denied("medium", _uses.high) == {_understated("medium", "high")}
}

test_deny_each_prohibited_use if {
	every domain in ["emotion_inference_at_work", "social_scoring", "subliminal_manipulation", "untargeted_face_scraping"] {
		_denied("high", object.union(_uses.high, {"domain": domain})) == {{
			"key": concat("=", ["use", domain]),
			"message": concat(" ", [domain, "is a prohibited use"]),
			"observed": domain,
			"limit": null,
		}}
	}
}

test_deny_prohibited_and_understated if {
	found := _denied("low", object.union(_uses.high, {"domain": "social_scoring"}))
	{finding.key | some finding in found} == {"tier", "use=social_scoring"}
}

_moved(from_stage, to_stage) := found if {
	found := policy.deny with input as {"request": {
		"from_stage": from_stage,
		"to_stage": to_stage,
		"declared_tier": "low",
		"use": _uses.low,
	}}
}

test_allow_each_way_up if {
	_moved("development", "staging") == set()
	_moved("development", "production") == set()
	_moved("staging", "production") == set()
}

test_deny_each_way_that_is_not_up if {
	every way in [
		["development", "development"], ["staging", "staging"], ["production", "production"],
		["production", "staging"], ["production", "development"], ["staging", "development"],
	] {
		_moved(way[0], way[1]) == {{
			"key": "stage",
			"message": sprintf("from %s to %s is not up", way),
			"observed": way[1],
			"limit": null,
		}}
	}
}

_misnamed(purpose, named, domain) := {
	"key": "domain",
	"message": sprintf("purpose %s belongs to domain %s, the request says %s", [purpose, named, domain]),
	"observed": domain,
	"limit": named,
}

test_allow_purpose_of_its_domain_or_of_none if {
	_denied("high", object.union(_uses.high, {"purpose": "credit_scoring"})) == set()
	_denied("low", object.union(_uses.low, {"purpose": "topic_sorting"})) == set()
}

test_deny_purpose_that_names_another_domain if {
	use := object.union(_uses.low, {"purpose": "credit_scoring"})
	_denied("high", use) == {_misnamed("credit_scoring", "credit", "research")}
	_denied("low", use) == {_misnamed("credit_scoring", "credit", "research"), _understated("low", "high")}
	_denied("high", object.union(_uses.high, {"purpose": "recruitment"})) == {_misnamed("recruitment", "employment", "credit")}
}
