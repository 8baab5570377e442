# METADATA
# scope: package
# title: The reasons given are those that move the score
# description: >-
#   A reason that does not move the score is a story. The first reason of a case is
#   tested by changing that feature alone: the score must move as the reason says, in
#   nearly all rows. A test of few rows, or one whose counts cannot be, shows nothing.
# custom:
#   id: XAI-002
#   severity: high
#   evidence: [explanation_test]
#   limits:
#     moved: {unit: basis points of rows, sense: minimum}
#     rows: {unit: rows tested, sense: minimum}
#   waivable: [fail, insufficient]
#   controls: ["nist-ai-rmf:MEASURE-2.9"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Derive reasons from the model itself rather than from a stand-in, drop features
#     that carry the same information, and test more rows.
package promotion.rules.explainability.reasons_move_the_score

import data.promotion.lib.numbers
import data.promotion.lib.tiers

limits := {
	"moved": {"low": 8000, "medium": 9000, "high": 9500},
	"rows": {"low": 50, "medium": 100, "high": 200},
}

not_applicable contains "no legal or significant effect, and not of the high tier" if tiers.minor

deny contains _finding("moved", words, test.moved, limits.moved[tiers.effective]) if {
	some test in _tests
	numbers.share_below(test.moved, test.rows, limits.moved[tiers.effective])
	words := sprintf("the first reason moves the score in %d of %d rows, limit %d basis points", [test.moved, test.rows, limits.moved[tiers.effective]])
}

deny contains _finding("model", "the explanations are of another model", test.model_digest, null) if {
	some test in _tests
	test.model_digest != input.request.model.digest
}

insufficient contains _finding("rows", words, test.rows, limits.rows[tiers.effective]) if {
	some test in _tests
	test.rows < limits.rows[tiers.effective]
	words := sprintf("%d rows were tested, limit %d", [test.rows, limits.rows[tiers.effective]])
}

insufficient contains _finding("counts", words, test.moved, test.rows) if {
	some test in _tests
	test.moved > test.rows
	words := sprintf("%d of %d rows cannot have moved", [test.moved, test.rows])
}

_tests := {statement.result | some statement in input.evidence.explanation_test}

_finding(key, words, observed, limit) := {"key": key, "message": words, "observed": observed, "limit": limit}
