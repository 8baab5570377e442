package promotion.rules.explainability.card_agrees_with_evaluation_test

import data.promotion.rules.explainability.card_agrees_with_evaluation as policy

_limits := {"low": 100, "medium": 50, "high": 10}

_metric(value) := {"name": "auc", "value_bp": value}

_says(tier, claimed, measured, denied, thin) if {
	document := {
		"request": {"declared_tier": tier, "use": {"domain": "research", "effect": "none", "autonomy": "advisory", "data": ["public"]}},
		"evidence": {
			"model_card": [{"result": {"metrics": claimed}}],
			"evaluation_report": [{"result": {"metrics": measured}}],
		},
	}
	policy.deny == denied with input as document
	policy.insufficient == thin with input as document
}

_finding(key, words, observed, limit) := {{"key": key, "message": concat(": ", [key, words]), "observed": observed, "limit": limit}}

test_allow_below_and_on_each_limit_either_way if {
	every tier, limit in _limits {
		_says(tier, [_metric(8000 + (limit - 1))], [_metric(8000)], set(), set())
		_says(tier, [_metric(8000 + limit)], [_metric(8000)], set(), set())
		_says(tier, [_metric(8000 - limit)], [_metric(8000)], set(), set())
	}
}

test_deny_above_each_limit_either_way if {
	every tier, limit in _limits {
		every apart in [limit + 1, (0 - limit) - 1] {
			words := sprintf("the card says %d, the evaluation 8000 basis points: %d apart, limit %d", [8000 + apart, limit + 1, limit])
			_says(tier, [_metric(8000 + apart)], [_metric(8000)], _finding("auc", words, limit + 1, limit), set())
		}
	}
}

test_allow_further_metrics_of_the_evaluation if {
	_says("high", [_metric(8000)], [_metric(8000), {"name": "brier", "value_bp": 900}], set(), set())
}

test_deny_metric_never_evaluated if {
	thin := _finding("brier", "the card states it and nobody evaluated it", null, null)
	_says("high", [_metric(8000), {"name": "brier", "value_bp": 900}], [_metric(8000)], set(), thin)
}

test_deny_evaluation_without_metrics if {
	_says("high", [_metric(8000)], [], set(), _finding("auc", "the card states it and nobody evaluated it", null, null))
}

test_deny_two_values if {
	thin := _finding("auc", "it has several values, and none can be believed", null, null)
	_says("low", [_metric(8000), _metric(8001)], [_metric(8000)], set(), thin)
	_says("low", [_metric(8000)], [_metric(8000), _metric(8001)], set(), thin)
}

test_allow_the_same_value_twice if _says("high", [_metric(8000), _metric(8000)], [_metric(8000)], set(), set())
