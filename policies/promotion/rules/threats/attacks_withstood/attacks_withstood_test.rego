package promotion.rules.threats.attacks_withstood_test

import data.promotion.rules.threats.attacks_withstood as policy

_loss := {"low": 3000, "medium": 2000, "high": 1000}

_rows := {"low": 100, "medium": 300, "high": 1000}

_attack := {"name": "pgd", "rows": 10000, "correct": 9000}

_report := {"model_digest": "sha256:aa", "clean": {"rows": 5000, "correct": 4500}, "attacks": [_attack]}

_document(tier, change) := {
	"request": {
		"declared_tier": tier, "model": {"digest": "sha256:aa"},
		"use": {"domain": "research", "effect": "none", "autonomy": "advisory", "data": ["public"]},
	},
	"evidence": {"robustness_report": [{"result": object.union(_report, change)}]},
}

_denied(tier, change) := found if found := policy.deny with input as _document(tier, change)

_insufficient(tier, change) := found if found := policy.insufficient with input as _document(tier, change)

_finding(key, words, observed, limit) := {"key": key, "message": words, "observed": observed, "limit": limit}

_under(correct) := {"attacks": [object.union(_attack, {"correct": correct})]}

test_allow_a_row_better_and_on_each_limit if {
	every tier, limit in _loss {
		_denied(tier, _under((9000 - limit) + 1)) == set()
		_denied(tier, _under(9000 - limit)) == set()
	}
	_denied("high", _under(10000)) == set()
	_insufficient("high", {}) == set()
}

test_deny_a_row_worse_than_each_limit if {
	every tier, limit in _loss {
		correct := 8999 - limit
		words := sprintf("4500 of 5000 rows are right and %d of 10000 under pgd, limit %d basis points of loss", [correct, limit])
		_denied(tier, _under(correct)) == {_finding("pgd", words, correct, limit)}
	}
}

test_deny_any_attack_that_costs_too_much if {
	found := _denied("high", {"attacks": [_attack, {"name": "random_noise", "rows": 2000, "correct": 1000}]})
	words := "4500 of 5000 rows are right and 1000 of 2000 under random_noise, limit 1000 basis points of loss"
	found == {_finding("random_noise", words, 1000, 1000)}
}

test_deny_another_model if {
	_denied("low", {"model_digest": "sha256:bb"}) == {_finding("model", "another model was attacked", "sha256:bb", null)}
}

test_deny_no_named_attack if {
	every names in [[], ["random_noise"], ["other", "random_noise"]] {
		attacks := [object.union(_attack, {"name": name}) | some name in names]
		_insufficient("low", {"attacks": attacks}) == {_finding("attacks", "no attack that has a name was tried", null, null)}
	}
}

test_allow_on_and_above_the_least_rows if {
	every tier, rows in _rows {
		every enough in [rows, rows + 1] {
			_insufficient(tier, {"attacks": [{"name": "pgd", "rows": enough, "correct": 0}]}) == set()
			_insufficient(tier, {"clean": {"rows": enough, "correct": 0}}) == set()
		}
	}
}

test_deny_too_few_rows if {
	every tier, rows in _rows {
		few := {"rows": rows - 1, "correct": 0}
		_insufficient(tier, {"attacks": [object.union(few, {"name": "pgd"})]}) == {_finding("rows=pgd", sprintf("pgd: %d rows were tried, limit %d", [rows - 1, rows]), rows - 1, rows)}
		_insufficient(tier, {"clean": few}) == {_finding("rows=clean", sprintf("clean: %d rows were tried, limit %d", [rows - 1, rows]), rows - 1, rows)}
	}
}

test_deny_nothing_tried if {
	found := _insufficient("low", {"clean": {"rows": 0, "correct": 0}, "attacks": [{"name": "pgd", "rows": 0, "correct": 0}]})
	{one.key | some one in found} == {"rows=clean", "rows=pgd"}
}

test_deny_more_right_than_tried if {
	_insufficient("high", {"clean": {"rows": 5000, "correct": 5001}}) == {_finding("counts=clean", "clean: more rows are right than were tried", 5001, 5000)}
	_insufficient("high", _under(10001)) == {_finding("counts=pgd", "pgd: more rows are right than were tried", 10001, 10000)}
}

test_allow_every_row_right if _insufficient("high", {"clean": {"rows": 5000, "correct": 5000}}) == set()

# So many rows that a rounding of one in ten thousand would show.
test_deny_one_row_of_a_million_worse if {
	million := {"rows": 1000000, "correct": 900000}
	count(_denied("high", {"clean": million, "attacks": [{"name": "pgd", "rows": 1000000, "correct": 799999}]})) == 1
	_denied("high", {"clean": million, "attacks": [{"name": "pgd", "rows": 1000000, "correct": 800000}]}) == set()
}
