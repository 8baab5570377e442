package promotion.rules.threats.artifact_cannot_run_code_test

import data.promotion.rules.threats.artifact_cannot_run_code as policy

_file(format, readable) := {"path": concat(".", ["model", format]), "format": format, "readable": readable, "digest": "sha256:aa"}

_with(files, findings) := _scan("sha256:aa", "sha256:aa", files, findings)

_scan(asked, said, files, findings) := {
	"request": {"model": {"digest": asked}},
	"evidence": {"artifact_scan": [{"result": {"model_digest": said, "files": files, "findings": findings}}]},
}

_denied(files, findings) := found if found := policy.deny with input as _with(files, findings)

_insufficient(files) := found if found := policy.insufficient with input as _with(files, [])

_finding(key, message, observed) := {"key": key, "message": message, "observed": observed, "limit": null}

test_allow_each_data_format if {
	every format in ["json", "onnx", "safetensors", "text"] {
		_denied([_file(format, true)], []) == set()
		_insufficient([_file(format, true)]) == set()
	}
}

test_deny_each_other_format if {
	every format in ["numpy", "pickle", "unknown"] {
		_denied([_file("safetensors", true), _file(format, true)], []) == {_finding(
			concat(".", ["format=model", format]),
			sprintf("model.%s: format %s is not on the list", [format, format]),
			format,
		)}
	}
}

test_deny_unreadable if {
	_denied([_file("safetensors", false), _file("text", true)], []) == {_finding(
		"unreadable=model.safetensors",
		"model.safetensors: could not be read to the end",
		null,
	)}
}

test_deny_each_kind_of_finding if {
	every kind in ["unlisted_global", "unreadable_member", "executable_format", "trailing_data", "invalid_header"] {
		_denied([_file("safetensors", true)], [{"path": "model.safetensors", "kind": kind, "detail": "timeit.timeit"}]) == {_finding(
			concat("=", [kind, "model.safetensors"]),
			"model.safetensors: timeit.timeit",
			null,
		)}
	}
}

test_deny_nothing_scanned if {
	_denied([], []) == set()
	_insufficient([]) == {_finding("files=model", "model: nothing was scanned", null)}
}

_digests(asked, said, digests) := found if {
	files := [object.union(_file("safetensors", true), {"digest": digest}) | some digest in digests]
	found := policy.insufficient with input as _scan(asked, said, files, [])
}

_joint := "sha256:bf5a373751df09537bc2414c1155c388f48d28eb9e9a46a086e719234c999b43"

_unlisted := _finding("digest=files", "files: no scanned file is the model, nor are all together", null)

_other(said) := _finding("digest=model", "model: the scan is of another model", said)

test_allow_the_model_among_the_files_or_all_together if {
	_digests("sha256:aa", "sha256:aa", ["sha256:aa"]) == set()
	_digests("sha256:aa", "sha256:aa", ["sha256:bb", "sha256:aa"]) == set()
	_digests(_joint, _joint, ["sha256:bb", "sha256:aa"]) == set()
}

test_deny_files_that_are_not_the_model if {
	_digests("sha256:aa", "sha256:aa", ["sha256:bb"]) == {_unlisted}
	_digests("sha256:aa", "sha256:aa", ["sha256:bb", "sha256:cc"]) == {_unlisted}
	_digests(_joint, _joint, ["sha256:aa"]) == {_unlisted}
	_digests(_joint, _joint, ["sha256:aa", "sha256:bb", "sha256:cc"]) == {_unlisted}
}

test_deny_scan_of_another_model if {
	_digests("sha256:aa", "sha256:bb", ["sha256:aa"]) == {_other("sha256:bb")}
	_digests("sha256:aa", "sha256:bb", ["sha256:bb"]) == {_other("sha256:bb"), _unlisted}
}
