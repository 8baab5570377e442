package promotion.rules.llm.retrieval_guarded_and_grounded_test

import data.promotion.rules.llm.retrieval_guarded_and_grounded as policy

_limits := {"low": 8000, "medium": 9000, "high": 9500}

_answers := {"low": 100, "medium": 300, "high": 1000}

_says(tier, retrieval, grounded, answers, denied, thin) if {
	document := {
		"request": {"declared_tier": tier, "use": {"domain": "research", "effect": "none", "autonomy": "advisory", "data": ["public"]}},
		"evidence": {
			"llm_configuration": [{"result": {"retrieval": retrieval}}],
			"llm_evaluation": [{"result": {"grounded": grounded, "answers": answers}}],
		},
	}
	policy.deny == denied with input as document
	policy.insufficient == thin with input as document
}

_guarded := {"index": "help", "access": "tenant_filter"}

_finding(key, words, observed, limit) := {{"key": key, "message": words, "observed": observed, "limit": limit}}

test_allow_above_and_on_each_limit if {
	every tier, limit in _limits {
		_says(tier, _guarded, limit + 1, 10000, set(), set())
		_says(tier, _guarded, limit, 10000, set(), set())
	}
	_says("high", {"index": "help", "access": "document_rights"}, 10000, 10000, set(), set())
}

test_deny_below_each_limit if {
	every tier, limit in _limits {
		words := sprintf("%d of 10000 answers are supported, limit %d basis points", [limit - 1, limit])
		_says(tier, _guarded, limit - 1, 10000, _finding("grounded", words, limit - 1, limit), set())
	}
}

test_deny_too_few_answers if {
	every tier, least in _answers {
		_says(tier, _guarded, least, least, set(), set())
		_says(tier, _guarded, least + 1, least + 1, set(), set())
		_says(tier, _guarded, least - 1, least - 1, set(), _finding("answers", sprintf("%d answers were judged, limit %d", [least - 1, least]), least - 1, least))
	}
}

test_deny_no_answer if _says("high", _guarded, 0, 0, set(), _finding("answers", "0 answers were judged, limit 1000", 0, 1000))

test_deny_impossible_counts if {
	_says("high", _guarded, 1001, 1000, set(), _finding("counts", "1001 of 1000 answers cannot be supported", 1001, 1000))
}

test_deny_shared_index if {
	words := "nothing keeps a reader of help from what others may see"
	_says("high", {"index": "help", "access": "nothing"}, 1000, 1000, _finding("access", words, "nothing", null), set())
}

test_allow_no_search if _says("high", null, 0, 0, set(), set())

_reasons(kind) := found if {
	found := policy.not_applicable with input as {"request": {"use": {"model_kind": kind}}}
}

test_allow_not_applicable_to_predictions if _reasons("predictive") == {"the model writes nothing: it is predictive"}

test_deny_applicable_to_generation if _reasons("generative") == set()
