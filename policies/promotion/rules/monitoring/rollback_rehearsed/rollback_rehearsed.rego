# METADATA
# scope: package
# title: The way back to the previous version was rehearsed
# description: >-
#   When a promoted model misbehaves, the previous one must be back in minutes. It
#   has to exist, to have been allowed by a signed record, and the way back must
#   have been walked lately with success. A first promotion has no predecessor.
# custom:
#   id: MON-003
#   severity: high
#   evidence: [rollback_drill]
#   limit: {unit: days, sense: maximum}
#   waivable: [fail, insufficient]
#   controls: ["nist-800-53:cp-10", "nist-800-53:cp-4", "nist-800-53:cm-2.3"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Roll back to the previous version in a rehearsal, and record when, how long it
#     took and which decision record allowed that version.
package promotion.rules.monitoring.rollback_rehearsed

import data.promotion.lib.evidence
import data.promotion.lib.numbers
import data.promotion.lib.tiers

limits := {"low": 180, "medium": 90, "high": 30}

not_applicable contains "first promotion to this stage: there is no version to go back to" if {
	input.request.first_promotion == true
}

deny contains _finding("record", "the previous version has no decision record", null, null) if {
	some drill in input.evidence.rollback_drill
	is_null(drill.result.record_digest)
}

deny contains _finding("previous", "the previous version is the promoted one", drill.result.previous.digest, null) if {
	some drill in input.evidence.rollback_drill
	drill.result.previous.digest == input.request.model.digest
}

deny contains _finding("succeeded", "the drill did not succeed", false, null) if {
	some drill in input.evidence.rollback_drill
	drill.result.succeeded == false
}

deny contains _finding("age", "the way back was never walked", null, limits[tiers.effective]) if {
	some drill in input.evidence.rollback_drill
	is_null(drill.result.drilled_at)
}

deny contains _finding("age", words, age, limits[tiers.effective]) if {
	some drill in input.evidence.rollback_drill
	numbers.believable(drill.result.drilled_at, evidence.now)
	age := numbers.days_between(drill.result.drilled_at, evidence.now)
	age > limits[tiers.effective]
	words := sprintf("the drill is %d days old, limit %d", [age, limits[tiers.effective]])
}

insufficient contains _finding("age", "the drill is dated in the future", null, limits[tiers.effective]) if {
	some drill in input.evidence.rollback_drill
	drill.result.drilled_at > evidence.now
}

_finding(key, words, observed, limit) := {"key": key, "message": words, "observed": observed, "limit": limit}
