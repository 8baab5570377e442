package promotion.rules.secrets.no_literal_secrets_test

import data.promotion.rules.secrets.no_literal_secrets as policy

_clean := {
	"target_digest": "sha256:bf5a373751df09537bc2414c1155c388f48d28eb9e9a46a086e719234c999b43", "files_total": 2, "files": _files(["sha256:aa", "sha256:bb"]),
	"findings": [], "findings_total": 0,
}

_files(each) := [{"path": digest, "digest": digest} | some digest in each]

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
	_insufficient({"files_total": 1, "files": _files(["sha256:aa"]), "target_digest": "sha256:aa"}) == set()
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

_short(listed, total, expected) := {{
	"key": "listed",
	"message": sprintf("%d files are listed of %d, not %d", [listed, total, expected]),
	"observed": listed,
	"limit": expected,
}}

_elsewhere(said, target) := {{
	"key": "target",
	"message": "the files listed are not what was scanned",
	"observed": said,
	"limit": target,
}}

_many(number) := _files([sprintf("sha256:%d", [each]) | some each in numbers.range(1, number)])

test_allow_a_thousand_listed_of_more if _insufficient({"files_total": 1001, "files": _many(1000)}) == set()

test_deny_fewer_or_more_files_listed_than_counted if {
	_insufficient({"files_total": 3}) == _short(2, 3, 3)
	_insufficient({"files_total": 1}) == _short(2, 1, 1)
	_insufficient({"files_total": 1001, "files": _many(999)}) == _short(999, 1001, 1000)
}

test_deny_other_files_than_were_scanned if {
	_insufficient({"files": _files(["sha256:aa", "sha256:cc"])}) == _elsewhere(_clean.target_digest, "sha256:a38b4d5944501c497e1f987700c104f4bd0a866d224aa313e40826ecb10d06d7")
	_insufficient({"files_total": 1, "files": _files(["sha256:aa"])}) == _elsewhere(_clean.target_digest, "sha256:aa")
	_insufficient({"target_digest": "sha256:aa"}) == _elsewhere("sha256:aa", _clean.target_digest)
}
