package promotion.rules.provenance.one_digest_throughout_test

import data.promotion.rules.provenance.one_digest_throughout as policy

_verbs := {
	"approval": "approved",
	"build_provenance": "built",
	"evaluation_report": "tested",
	"fairness_report": "measured",
}

_same := {type: [{"result": {"model_digest": "sha256:aa"}}] | some type, _ in _verbs}

_denied(change) := found if {
	found := policy.deny with input as {
		"request": {"model": {"digest": "sha256:aa"}},
		"evidence": object.union(_same, change),
	}
}

_tested(rows) := found if {
	found := policy.insufficient with input as {
		"request": {"model": {"digest": "sha256:aa"}},
		"evidence": object.union(_same, {"evaluation_report": [{"result": {"model_digest": "sha256:aa", "rows": rows}}]}),
	}
}

test_allow_one_row if _tested(1) == set()

test_deny_no_row if _tested(0) == {{"key": "rows", "message": "evaluation_report tested no row", "observed": 0, "limit": null}}

_finding(type) := {
	"key": _verbs[type],
	"message": sprintf("%s says that sha256:bb was %s, the request names sha256:aa", [type, _verbs[type]]),
	"observed": "sha256:bb",
	"limit": "sha256:aa",
}

test_allow_one_digest if _denied({}) == set()

test_deny_other_digest_in_each_type if {
	every type, _ in _verbs {
		_denied({type: [{"result": {"model_digest": "sha256:bb"}}]}) == {_finding(type)}
	}
}

test_deny_one_of_two_statements if {
	every type, _ in _verbs {
		_denied({type: [_same[type][0], {"result": {"model_digest": "sha256:bb"}}]}) == {_finding(type)}
	}
}

test_deny_all_about_another_model if {
	change := {type: [{"result": {"model_digest": "sha256:bb"}}] | some type, _ in _verbs}
	_denied(change) == {_finding(type) | some type, _ in _verbs}
}
