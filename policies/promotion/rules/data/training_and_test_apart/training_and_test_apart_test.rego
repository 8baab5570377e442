package promotion.rules.data.training_and_test_apart_test

import data.promotion.rules.data.training_and_test_apart as policy

_apart := {"identified_by": "patient", "test_digest": "sha256:ee", "training": 900, "test": 100, "shared": 0}

_document(overlap) := {"evidence": {
	"data_profile": [{"result": {"rows": 1000, "overlap": overlap}}],
	"evaluation_report": [{"result": {"dataset_digest": "sha256:ee"}}],
}}

_denied(change) := found if found := policy.deny with input as _document(object.union(_apart, change))

_insufficient(change) := found if found := policy.insufficient with input as _document(object.union(_apart, change))

_finding(key, words, observed, limit) := {"key": key, "message": words, "observed": observed, "limit": limit}

test_allow_nobody_in_both if {
	_denied({}) == set()
	_insufficient({}) == set()
}

test_deny_one_in_both if {
	_denied({"shared": 1}) == {_finding("shared", "1 of 100 in the test data were in training, told apart by patient", 1, 0)}
	_insufficient({"shared": 1}) == set()
}

test_deny_nobody_counted if {
	found := policy.insufficient with input as _document(null)
	found == {_finding("overlap", "nobody counted who is in both training and test data", null, 0)}
	denied := policy.deny with input as _document(null)
	denied == set()
}

test_deny_nobody_told_apart if {
	_insufficient({"test": 0}) == {_finding("test", "the test data hold nobody who was told apart", 0, null)}
	_insufficient({"training": 0}) == {_finding("training", "the training data hold nobody who was told apart", 0, null)}
}

_contradiction := {_finding("counts", "more people are counted than there are rows or people", null, null)}

test_allow_counts_on_their_bounds if {
	_insufficient({"training": 1000}) == set()
	_insufficient({"shared": 100}) == set()
	_insufficient({"training": 50, "shared": 50}) == set()
}

test_deny_counts_that_cannot_be if {
	_insufficient({"training": 1001}) == _contradiction
	_insufficient({"shared": 101}) == _contradiction
	_insufficient({"training": 50, "shared": 51}) == _contradiction
}

test_deny_other_test_data if {
	_insufficient({"test_digest": "sha256:dd"}) == {_finding("test_digest", "the overlap was counted with data that the evaluation did not use", "sha256:dd", null)}
}
