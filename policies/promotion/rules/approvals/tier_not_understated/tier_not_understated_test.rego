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
