package promotion.rules.privacy.identifiers_within_limit_test

import data.promotion.rules.privacy.identifiers_within_limit as policy

_document(tier, scan) := {
	"request": {"declared_tier": tier, "use": {"domain": "research", "effect": "none", "autonomy": "advisory", "data": ["internal"]}},
	"evidence": {
		"dataset_card": [{"result": {"datasets": [{"name": "book", "digest": "sha256:dd"}]}}],
		"pii_scan": [{"result": scan}],
	},
}

_scan(hits, rows) := {
	"dataset_digest": "sha256:dd", "hits_total": hits, "rows": rows, "columns": 3,
	"files": [{"path": "a", "digest": "sha256:ee", "rows": rows}], "hits": _listed(hits),
}

_listed(hits) := [{"kind": "ssn", "path": "a", "column": "c", "count": hits}] if hits > 0

else := []

_says(tier, scan, denied, thin) if {
	policy.deny == denied with input as _document(tier, scan)
	policy.insufficient == thin with input as _document(tier, scan)
}

_over(hits, rows, limit) := {
	"key": "identifiers",
	"message": sprintf("%d identifiers in %d rows (ssn), limit %d per 10,000 rows", [hits, rows, limit]),
	"observed": hits,
	"limit": limit,
}

test_allow_below_and_on_each_limit if {
	_says("low", _scan(9, 20000), set(), set())
	_says("low", _scan(10, 20000), set(), set())
	_says("medium", _scan(1, 20000), set(), set())
	_says("medium", _scan(2, 20000), set(), set())
	_says("high", _scan(0, 20000), set(), set())
}

test_deny_above_each_limit if {
	_says("low", _scan(11, 20000), {_over(11, 20000, 5)}, set())
	_says("medium", _scan(3, 20000), {_over(3, 20000, 1)}, set())
	_says("high", _scan(1, 20000), {_over(1, 20000, 0)}, set())
}

test_deny_a_row_too_few_for_the_hits if _says("low", _scan(10, 19999), {_over(10, 19999, 5)}, set())

test_deny_hits_listed_beyond_the_total if {
	_says("high", object.union(_scan(0, 20000), {"hits": _listed(2)}), {_over(2, 20000, 0)}, set())
}

test_deny_hits_counted_beyond_the_list if {
	_says("high", object.union(_scan(1, 20000), {"hits_total": 4}), {_over(4, 20000, 0)}, set())
}

test_deny_rows_beyond_those_of_the_files if {
	_says("low", object.union(_scan(11, 20000), {"rows": 90000}), {_over(11, 20000, 5)}, set())
}

test_deny_rows_of_files_beyond_the_total if {
	scan := object.union(_scan(11, 20000), {"files": [{"path": "a", "digest": "sha256:ee", "rows": 90000}]})
	_says("low", scan, {_over(11, 20000, 5)}, set())
}

test_deny_nothing_scanned if {
	_says("high", _scan(0, 0), set(), {{"key": "rows", "message": "the scan looked at no row", "observed": 0, "limit": null}})
}

test_deny_no_column_scanned if {
	found := {{"key": "columns", "message": "the scan looked at no column", "observed": 0, "limit": null}}
	_says("high", object.union(_scan(0, 9), {"columns": 0}), set(), found)
}

test_deny_other_data_scanned if {
	found := {{"key": "unscanned=book", "message": "no scan names the digest of dataset book", "observed": null, "limit": null}}
	_says("high", object.union(_scan(0, 9), {"dataset_digest": "sha256:00"}), set(), found)
}

test_allow_dataset_scanned_as_a_file if {
	scan := object.union(_scan(0, 9), {"dataset_digest": "sha256:00", "files": [{"path": "a", "digest": "sha256:dd", "rows": 9}]})
	_says("high", scan, set(), set())
}

test_deny_names_each_kind_once if {
	hits := [
		{"kind": "ssn", "path": "a", "column": "c", "count": 1}, {"kind": "email", "path": "a", "column": "d", "count": 1},
		{"kind": "ssn", "path": "a", "column": "e", "count": 1},
	]
	found := {
		"key": "identifiers", "message": "3 identifiers in 20000 rows (email, ssn), limit 0 per 10,000 rows",
		"observed": 3, "limit": 0,
	}
	_says("high", object.union(_scan(3, 20000), {"hits": hits}), {found}, set())
}
