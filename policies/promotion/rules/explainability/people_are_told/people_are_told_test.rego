package promotion.rules.explainability.people_are_told_test

import data.promotion.rules.explainability.people_are_told as policy

_now := 1800000000

_good := {
	"notice_id": "N-7", "published_at": _now, "place": "application form",
	"tells_ai": true, "tells_logic": true, "tells_rights": true, "marks_content": true,
}

_says(use, change, denied, thin) if {
	document := {
		"request": {"use": object.union({"effect": "legal", "model_kind": "predictive"}, use)},
		"evidence": {"transparency_notice": [{"result": object.union(_good, change)}]},
	}
	policy.deny == denied with input as document with time.now_ns as _now * 1000000000
	policy.insufficient == thin with input as document with time.now_ns as _now * 1000000000
}

_finding(key, words, observed) := {{"key": key, "message": words, "observed": observed, "limit": null}}

test_allow_a_full_notice if {
	_says({}, {}, set(), set())
	_says({"model_kind": "generative"}, {}, set(), set())
}

test_deny_no_notice if _says({}, {"notice_id": null}, _finding("notice", "there is no notice", null), set())

test_deny_notice_that_nobody_sees if {
	_says({}, {"published_at": null}, _finding("published", "nobody sees the notice", null), set())
	_says({}, {"place": null}, _finding("published", "nobody sees the notice", null), set())
}

test_deny_notice_of_tomorrow if {
	_says({}, {"published_at": _now + 1}, set(), _finding("published", "the notice is dated in the future", _now + 1))
}

test_deny_silence_about_the_machine if {
	_says({"effect": "limited"}, {"tells_ai": false}, _finding("ai", "the notice does not say that an AI system is used", false), set())
}

test_deny_silence_about_logic_and_rights if {
	every effect in ["legal", "significant"] {
		_says({"effect": effect}, {"tells_logic": false}, _finding("logic", "the notice does not explain logic and consequences", false), set())
		words := "the notice does not say how to object, contest or reach a person"
		_says({"effect": effect}, {"tells_rights": false}, _finding("rights", words, false), set())
	}
}

test_allow_short_notice_of_small_effects if {
	every effect in ["none", "limited"] {
		_says({"effect": effect}, {"tells_logic": false, "tells_rights": false}, set(), set())
	}
}

test_deny_unmarked_content if {
	_says({"model_kind": "generative"}, {"marks_content": false}, _finding("marked", "what the model makes is not marked", false), set())
}

test_allow_predictions_without_mark if _says({}, {"marks_content": false}, set(), set())

_reasons(kind, classes) := found if {
	found := policy.not_applicable with input as {"request": {"use": {"model_kind": kind, "data": classes}}}
}

test_allow_not_applicable_without_people if {
	_reasons("predictive", ["public", "internal"]) == {"no personal data is used, and nobody reads what the model writes"}
}

test_deny_applicable_with_people if {
	_reasons("generative", ["public"]) == set()
	every class in ["health", "payment_card", "personal", "special_category"] {
		_reasons("predictive", ["public", class]) == set()
	}
}
