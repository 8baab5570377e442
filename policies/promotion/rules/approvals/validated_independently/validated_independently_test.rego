package promotion.rules.approvals.validated_independently_test

import data.promotion.rules.approvals.validated_independently as policy

_now := 1800000000

_good := {
	"model_digest": "sha256:aa", "validators": ["val"], "team": "Model validation", "development_team": "Scoring",
	"concluded_at": _now, "conclusion": "fit", "open_conditions": 0,
}

_says(change, denied, thin) if {
	document := {
		"request": {
			"declared_tier": "high", "model": {"digest": "sha256:aa"},
			"people": {"authors": ["ann", "ben"], "requester": "rae", "promoter": "pat"},
		},
		"evidence": {"validation_report": [{"result": object.union(_good, change)}]},
	}
	policy.deny == denied with input as document with time.now_ns as _now * 1000000000
	policy.insufficient == thin with input as document with time.now_ns as _now * 1000000000
}

_finding(key, words, observed) := {{"key": key, "message": words, "observed": observed, "limit": null}}

test_allow_independent if {
	_says({}, set(), set())
	_says({"validators": ["val", "vic"], "conclusion": "fit_with_conditions"}, set(), set())
}

test_deny_validator_with_a_stake if {
	every who, duty in {"ann": "author", "ben": "author", "rae": "requester", "pat": "promoter"} {
		words := sprintf("%s validates and is %s", [who, duty])
		_says({"validators": ["val", who]}, _finding(concat("=", ["validator", who]), words, who), set())
	}
}

test_deny_own_team if {
	every team in ["Scoring", "scoring ", "SCOR-ING"] {
		words := sprintf("the validators are of the team that developed it: %s", [team])
		_says({"team": team}, _finding("team", words, team), set())
	}
}

test_deny_other_model if {
	_says({"model_digest": "sha256:bb"}, _finding("model", "another model was validated", "sha256:bb"), set())
}

test_deny_unfit if _says({"conclusion": "unfit"}, _finding("conclusion", "the validators found it unfit", "unfit"), set())

test_deny_open_condition if {
	_says({"conclusion": "fit_with_conditions", "open_conditions": 1}, _finding("conditions", "1 conditions of the validators are not met", 1), set())
}

test_deny_concluded_tomorrow if {
	_says({"concluded_at": _now + 1}, set(), _finding("concluded", "the validation is dated in the future", null))
}

_reasons(tier) := found if {
	found := policy.not_applicable with input as {"request": {"declared_tier": tier, "use": {
		"domain": "research", "effect": "none",
		"autonomy": "advisory", "data": ["public"],
	}}}
}

test_allow_not_applicable_at_the_low_tier if _reasons("low") == {"of the low tier"}

test_deny_applicable_above_the_low_tier if {
	_reasons("medium") == set()
	_reasons("high") == set()
}
