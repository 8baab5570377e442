package promotion.rules.privacy.no_account_numbers_test

import data.promotion.rules.privacy.no_account_numbers as policy

_hit(kind, count) := {"kind": kind, "path": "train.csv", "column": "note", "count": count}

_says(scans, denied, thin) if {
	document := {"evidence": {"pii_scan": [{"result": scan} | some scan in scans]}}
	policy.deny == denied with input as document
	policy.insufficient == thin with input as document
}

_scan(rows, hits, total) := {"rows": rows, "hits": hits, "hits_total": total}

_found(count) := {{
	"key": "train.csv=note",
	"message": sprintf("%d account numbers in train.csv, column note", [count]),
	"observed": count,
	"limit": 0,
}}

test_allow_none_and_other_identifiers if {
	_says([_scan(1, [], 0)], set(), set())
	_says([_scan(1, [_hit("email", 9), _hit("iban", 9)], 18)], set(), set())
}

test_deny_a_single_number if {
	_says([_scan(1000000, [_hit("pan", 1)], 1)], _found(1), set())
	_says([_scan(1, [], 0), _scan(1, [_hit("email", 1), _hit("pan", 3)], 4)], _found(3), set())
}

test_deny_hits_that_are_not_listed if {
	thin := {{"key": "unlisted", "message": "1 identifiers are counted and not listed", "observed": 1, "limit": 0}}
	_says([_scan(1, [_hit("email", 2)], 3)], set(), thin)
	_says([_scan(1, [], 1)], set(), thin)
}

test_allow_more_listed_than_counted if _says([_scan(1, [_hit("email", 3)], 2)], set(), set())

test_deny_nothing_scanned if {
	_says([_scan(0, [], 0)], set(), {{"key": "rows", "message": "the scan looked at no row", "observed": 0, "limit": null}})
}
