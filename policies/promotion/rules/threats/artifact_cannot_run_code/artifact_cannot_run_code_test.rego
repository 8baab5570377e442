package promotion.rules.threats.artifact_cannot_run_code_test

import data.promotion.rules.threats.artifact_cannot_run_code as policy

_file(format, readable) := {"path": concat(".", ["model", format]), "format": format, "readable": readable}

_with(files, findings) := {"evidence": {"artifact_scan": [{"result": {"files": files, "findings": findings}}]}}

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
