# METADATA
# scope: package
# title: A person can contest what was decided, and gets an answer in time
# description: >-
#   A decision that cannot be contested cannot be corrected. The plan must name a channel
#   that people can use and a deadline by which they are answered. GDPR art. 12(3) gives
#   one month to answer a data subject; house policy takes it for every place, counted at
#   its longest.
# custom:
#   id: HUM-004
#   severity: high
#   evidence: [oversight_plan]
#   waivable: [fail]
#   controls: ["gdpr:22", "omb-m-25-21:appeal"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Open a channel that the people concerned can reach, staff it, promise an answer
#     within a month, and state both in the plan.
package promotion.rules.human_oversight.decisions_can_be_contested

import data.promotion.lib.tiers

# One month of 31 days.
_longest_hours := 744

not_applicable contains "no legal or significant effect, and not of the high tier" if tiers.minor

deny contains _finding("channel", "the plan names no way to contest a decision", null, null) if {
	some plan in _plans
	is_null(plan.contest_channel)
}

deny contains _finding("deadline", "the plan promises no answer by any day", null, _longest_hours) if {
	some plan in _plans
	is_null(plan.contest_deadline_hours)
}

deny contains _finding("deadline", words, hours, _longest_hours) if {
	some plan in _plans
	hours := plan.contest_deadline_hours
	is_number(hours)
	hours > _longest_hours
	words := sprintf("an answer may take %d hours, limit %d", [hours, _longest_hours])
}

_plans := {statement.result | some statement in input.evidence.oversight_plan}

_finding(key, words, observed, limit) := {"key": key, "message": words, "observed": observed, "limit": limit}
