package promotion.rules.secrets.no_literal_secrets_test

import data.promotion.rules.secrets.no_literal_secrets as policy

_clean := {"files_total": 12, "findings": [], "findings_total": 0}

_with(change) := {"evidence": {"secret_scan": [{"result": object.union(_clean, change)}]}}

_denied(change) := found if found := policy.deny with input as _with(change)

_insufficient(change) := found if found := policy.insufficient with input as _with(change)

_secret := {"path": "train.ipynb", "line": 7, "kind": "AWS Access Key"}

_finding := {
	"key": "train.ipynb:7=AWS Access Key",
	"message": "AWS Access Key in train.ipynb, line 7",
	"observed": null,
	"limit": null,
}

_unlisted(number, total) := {
	"key": "unlisted",
	"message": sprintf("%d further secrets are counted but not listed", [number]),
	"observed": total,
	"limit": 0,
}

test_allow_clean if {
	_denied({}) == set()
	_insufficient({}) == set()
	_insufficient({"files_total": 1}) == set()
}

test_deny_one_secret if _denied({"findings": [_secret], "findings_total": 1}) == {_finding}

test_deny_secret_listed_but_not_counted if _denied({"findings": [_secret]}) == {_finding}

test_deny_each_secret if {
	count(_denied({"findings": [_secret, object.union(_secret, {"line": 8})], "findings_total": 2})) == 2
}

test_deny_counted_but_not_listed if {
	_denied({"findings_total": 1}) == {_unlisted(1, 1)}
	_denied({"findings": [_secret], "findings_total": 3}) == {_finding, _unlisted(2, 3)}
}

test_deny_looked_at_no_file if {
	_denied({"files_total": 0}) == set()
	_insufficient({"files_total": 0}) == {{"key": "files", "message": "the scan looked at no file", "observed": 0, "limit": null}}
}
