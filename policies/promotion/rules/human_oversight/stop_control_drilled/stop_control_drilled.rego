# METADATA
# scope: package
# title: Somebody can stop the model, and has done so lately
# description: >-
#   A stop control that nobody has pulled may not work, and one that nobody may pull is
#   none. A named role must have taken the model out of use in a drill, with success, and
#   not too long ago. Age is rounded up to whole days.
# custom:
#   id: HUM-003
#   severity: high
#   evidence: [oversight_exercise]
#   limit: {unit: days, sense: maximum}
#   waivable: [fail, insufficient]
#   controls: ["eu-ai-act:14", "nist-ai-rmf:MANAGE-2.4"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Name who may stop the model, let that role take it out of use in a drill, and
#     record when and how long it took.
package promotion.rules.human_oversight.stop_control_drilled

import data.promotion.lib.evidence
import data.promotion.lib.numbers
import data.promotion.lib.tiers

limits := {"low": 180, "medium": 90, "high": 30}

deny contains _finding("role", "nobody is named who may stop the model", null, null) if {
	some exercise in _exercises
	is_null(exercise.stop_role)
}

deny contains _finding("succeeded", "the drill did not stop the model", false, null) if {
	some exercise in _exercises
	exercise.stop_succeeded == false
}

deny contains _finding("age", "the stop control was never pulled", null, limits[tiers.effective]) if {
	some exercise in _exercises
	is_null(exercise.stop_drilled_at)
}

deny contains _finding("age", words, age, limits[tiers.effective]) if {
	some exercise in _exercises
	numbers.believable(exercise.stop_drilled_at, evidence.now)
	age := numbers.days_between(exercise.stop_drilled_at, evidence.now)
	age > limits[tiers.effective]
	words := sprintf("the stop control was pulled %d days ago, limit %d", [age, limits[tiers.effective]])
}

insufficient contains _finding("age", "the drill is dated in the future", null, limits[tiers.effective]) if {
	some exercise in _exercises
	exercise.stop_drilled_at > evidence.now
}

_exercises := {statement.result | some statement in input.evidence.oversight_exercise}

_finding(key, words, observed, limit) := {"key": key, "message": words, "observed": observed, "limit": limit}
