package promotion.rules.data.data_complete_and_unique_test

import data.promotion.rules.data.data_complete_and_unique as policy

_limits := {"low": 1000, "medium": 500, "high": 100}

_clean := {
	"dataset_digest": "sha256:aa", "rows": 20000, "columns_total": 2, "broken_rows": 0, "duplicate_rows": 0,
	"columns": [{"name": "income", "nulls": 0}, {"name": "age", "nulls": 0}],
}

_document(tier, change) := {
	"request": {"declared_tier": tier, "use": {"domain": "research", "effect": "none", "autonomy": "advisory", "data": ["public"]}},
	"evidence": {
		"data_profile": [{"result": object.union(_clean, change)}],
		"dataset_card": [{"result": {"datasets": [{"name": "loans", "digest": "sha256:aa"}]}}],
	},
}

_denied(tier, change) := found if found := policy.deny with input as _document(tier, change)

_insufficient(tier, change) := found if found := policy.insufficient with input as _document(tier, change)

_finding(key, words, observed, limit) := {"key": key, "message": words, "observed": observed, "limit": limit}

# What is wrong with so many rows, by key.
_wrong(rows) := {
	"broken": {"change": {"broken_rows": rows}, "words": "break the declared schema"},
	"duplicates": {"change": {"duplicate_rows": rows}, "words": "repeat another"},
	"empty=age": {"change": {"columns": [{"name": "income", "nulls": 0}, {"name": "age", "nulls": rows}]}, "words": "are empty in age"},
}

test_allow_one_below_and_on_each_limit if {
	every tier, limit in _limits {
		every rows in [(limit * 2) - 1, limit * 2] {
			every _, wrong in _wrong(rows) {
				_denied(tier, wrong.change) == set()
			}
		}
	}
	_insufficient("high", {}) == set()
}

test_deny_one_above_each_limit if {
	every tier, limit in _limits {
		rows := (limit * 2) + 1
		every key, wrong in _wrong(rows) {
			words := sprintf("%d of 20000 rows %s, limit %d basis points", [rows, wrong.words, limit])
			_denied(tier, wrong.change) == {_finding(key, words, rows, limit)}
		}
	}
}

test_deny_no_row if {
	_insufficient("low", {"rows": 0}) == {_finding("rows", "no row was counted", 0, null)}
}

test_deny_no_schema if {
	_denied("low", {"broken_rows": null}) == set()
	_insufficient("low", {"broken_rows": null}) == {_finding("broken", "no schema was declared that rows could break", null, 1000)}
}

test_deny_columns_off_the_list if {
	_insufficient("low", {"columns_total": 3}) == {_finding("columns", "2 different columns are listed of 3", 2, 3)}
	twice := [{"name": "age", "nulls": 0}, {"name": "age", "nulls": 0}]
	_insufficient("low", {"columns": twice}) == {_finding("columns", "1 different columns are listed of 2", 1, 2)}
}

test_deny_profile_of_other_data if {
	_insufficient("low", {"dataset_digest": "sha256:bb"}) == {_finding("unprofiled=loans", "no profile is of dataset loans", null, null)}
}

_two := [{"name": "loans", "digest": "sha256:aa"}, {"name": "bureau", "digest": "sha256:bb"}]

_of_two(digests) := found if {
	document := json.patch(_document("low", {}), [
		{"op": "replace", "path": "/evidence/dataset_card/0/result/datasets", "value": _two},
		{"op": "replace", "path": "/evidence/data_profile", "value": [{"result": object.union(_clean, {"dataset_digest": digest})} | some digest in digests]},
	])
	found := policy.insufficient with input as document
}

test_allow_one_profile_each_or_one_of_all if {
	_of_two(["sha256:aa", "sha256:bb"]) == set()
	_of_two([concat("", ["sha256:", crypto.sha256("sha256:aa\nsha256:bb\n")])]) == set()
}

test_deny_profile_of_one_of_two if {
	_of_two(["sha256:aa"]) == {_finding("unprofiled=bureau", "no profile is of dataset bureau", null, null)}
}
