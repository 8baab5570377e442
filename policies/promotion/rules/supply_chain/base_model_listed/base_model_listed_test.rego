package promotion.rules.supply_chain.base_model_listed_test

import data.promotion.rules.supply_chain.base_model_listed as policy

_own := {"name": "credit-risk", "publisher": null, "sha256": "sha256:aa"}

_base := {"name": "tiny-bert", "publisher": "huawei-noah", "sha256": "sha256:bb"}

_known := {"name": "tiny-bert", "publisher": "huawei-noah", "digest": "sha256:bb"}

_denied(models, listed) := found if {
	found := policy.deny with input as {
		"request": {"model": {"digest": "sha256:aa"}},
		"evidence": {"ml_bom": [{"result": {"models": models}}]},
		"trust": {"base_models": listed},
	}
}

_with(change) := _denied([_own, object.union(_base, change)], [_known])

_unlisted(model) := {
	"key": concat("=", ["unlisted", model.name]),
	"message": sprintf("%s of %s, %s, is no base model of trust/sources.yaml", [model.name, model.publisher, model.sha256]),
	"observed": model.sha256,
	"limit": null,
}

_lacking(what) := {
	"key": concat("", [what, "=tiny-bert"]),
	"message": concat(" ", ["the bill of materials gives base model tiny-bert no", what]),
	"observed": null,
	"limit": null,
}

test_allow_no_base_model if _denied([_own], []) == set()

test_allow_listed if _with({}) == set()

test_deny_nothing_listed if _denied([_own, _base], []) == {_unlisted(_base)}

test_deny_each_part_that_differs if {
	every change in [{"name": "tinybert"}, {"publisher": "huawei-n0ah"}, {"sha256": "sha256:cc"}] {
		_with(change) == {_unlisted(object.union(_base, change))}
	}
}

test_deny_no_publisher if _with({"publisher": null}) == {_lacking("publisher")}

test_deny_no_digest if _with({"sha256": null}) == {_lacking("digest")}

test_deny_neither if _with({"publisher": null, "sha256": null}) == {_lacking("publisher"), _lacking("digest")}

test_deny_trust_that_lists_no_base_models if {
	found := policy.deny with input as {
		"request": {"model": {"digest": "sha256:aa"}},
		"evidence": {"ml_bom": [{"result": {"models": [_base]}}]},
		"trust": {},
	}
	found == {_unlisted(_base)}
}
