# METADATA
# scope: package
# title: Reviewers decide themselves
# description: >-
#   Who never overrules the model signs what it says; who mostly does would do better
#   without it. Both show that person and model do not work as a team. The share of cases
#   decided otherwise must lie between the limits, in an exercise of enough cases with
#   more than one reviewer.
# custom:
#   id: HUM-002
#   severity: high
#   evidence: [oversight_exercise]
#   limits:
#     cases: {unit: cases reviewed, sense: minimum}
#     least: {unit: basis points of cases overruled, sense: minimum}
#     most: {unit: basis points of cases overruled, sense: maximum}
#   waivable: [fail, insufficient]
#   controls: ["fda-gmlp:7", "nist-ai-rmf:MAP-3.5"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Let several reviewers decide real cases, some of them with wrong proposals, and
#     count; train reviewers who follow blindly, or the model if they seldom can.
package promotion.rules.human_oversight.reviewers_do_overrule

import data.promotion.lib.numbers
import data.promotion.lib.tiers

limits := {
	"cases": {"low": 50, "medium": 100, "high": 200},
	"least": {"low": 100, "medium": 100, "high": 100},
	"most": {"low": 6000, "medium": 6000, "high": 6000},
}

not_applicable contains "no legal or significant effect, and not of the high tier" if tiers.minor

deny contains _overruled(exercise, "least") if {
	some exercise in _exercises
	numbers.share_below(exercise.overridden, exercise.cases, limits.least[tiers.effective])
}

deny contains _overruled(exercise, "most") if {
	some exercise in _exercises
	numbers.share_above(exercise.overridden, exercise.cases, limits.most[tiers.effective])
}

deny contains _finding("model", "the exercise was with another model", exercise.model_digest, null) if {
	some exercise in _exercises
	exercise.model_digest != input.request.model.digest
}

insufficient contains _finding("cases", words, exercise.cases, limits.cases[tiers.effective]) if {
	some exercise in _exercises
	exercise.cases < limits.cases[tiers.effective]
	words := sprintf("%d cases were reviewed, limit %d", [exercise.cases, limits.cases[tiers.effective]])
}

insufficient contains _finding("counts", words, exercise.overridden, exercise.cases) if {
	some exercise in _exercises
	exercise.overridden > exercise.cases
	words := sprintf("%d of %d cases cannot have been overruled", [exercise.overridden, exercise.cases])
}

insufficient contains _finding("reviewers", "one person shows that person's habit", exercise.reviewers, 2) if {
	some exercise in _exercises
	exercise.reviewers < 2
}

_exercises := {statement.result | some statement in input.evidence.oversight_exercise}

_overruled(exercise, side) := _finding(side, words, exercise.overridden, limits[side][tiers.effective]) if {
	words := sprintf("%d of %d cases were overruled, limit at %s %d basis points", [exercise.overridden, exercise.cases, side, limits[side][tiers.effective]])
}

_finding(key, words, observed, limit) := {"key": key, "message": words, "observed": observed, "limit": limit}
