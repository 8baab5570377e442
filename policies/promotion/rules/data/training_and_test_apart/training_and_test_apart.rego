# METADATA
# scope: package
# title: Nobody is in both training and test data
# description: >-
#   A model that has seen a patient or customer in training recognises them in the test, and
#   its figures promise what it cannot do. Counted are people or units, not rows, for two
#   rows of one person are enough. The test data must be those of the evaluation; counts that
#   cannot be, or of nobody, carry no verdict.
# custom:
#   id: DAT-005
#   severity: critical
#   evidence: [data_profile, evaluation_report]
#   waivable: [fail, insufficient]
#   controls: ["fda-gmlp:4", "nist-ai-rmf:MEASURE-2.3"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Split by person or unit instead of by row, train and evaluate again, and count the
#     overlap by the same identity against the test data that the evaluation names.
package promotion.rules.data.training_and_test_apart

deny contains finding if {
	some overlap in _overlaps
	overlap.shared > 0
	words := sprintf("%d of %d in the test data were in training, told apart by %s", [overlap.shared, overlap.test, overlap.identified_by])
	finding := _finding("shared", words, overlap.shared, 0)
}

insufficient contains _finding("overlap", "nobody counted who is in both training and test data", null, 0) if {
	some profile in input.evidence.data_profile
	is_null(profile.result.overlap)
}

insufficient contains _finding(part, sprintf("the %s data hold nobody who was told apart", [part]), 0, null) if {
	some overlap in _overlaps
	some part in ["test", "training"]
	overlap[part] == 0
}

insufficient contains _finding("counts", "more people are counted than there are rows or people", null, null) if {
	some overlap in _overlaps
	_impossible(overlap)
}

insufficient contains _finding("test_digest", "the overlap was counted with data that the evaluation did not use", overlap.test_digest, null) if {
	some overlap in _overlaps
	digest := overlap.test_digest
	not digest in _evaluated
}

_impossible(overlap) if overlap.training > overlap.rows

_impossible(overlap) if overlap.shared > min({overlap.training, overlap.test})

_overlaps contains object.union(overlap, {"rows": profile.result.rows}) if {
	some profile in input.evidence.data_profile
	overlap := profile.result.overlap
	is_object(overlap)
}

_evaluated := {report.result.dataset_digest | some report in input.evidence.evaluation_report}

_finding(key, words, observed, limit) := {"key": key, "message": words, "observed": observed, "limit": limit}
