# METADATA
# scope: package
# title: No critical runtime alert is open on the workload
# description: >-
#   A shell in the model server, or a file written where none should be, means that somebody
#   may be inside: nothing is promoted into that. The sensor must have had rules, have watched
#   the workload long enough and until lately; what it counted and did not list may be anything.
# custom:
#   id: MON-005
#   severity: critical
#   evidence: [runtime_alerts]
#   limit: {unit: hours watched, sense: minimum}
#   waivable: [insufficient]
#   controls: ["nist-800-53:si-4", "soc2:CC7.2"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Treat the alert as an incident first. Close it with a name and a reason once it is
#     explained, and export the sensor's alerts again. Let the workload run under the sensor
#     in staging for as long as the limit says.
package promotion.rules.monitoring.no_open_runtime_alert

import data.promotion.lib.evidence
import data.promotion.lib.numbers
import data.promotion.lib.tiers

limits := {"low": 24, "medium": 72, "high": 168}

# An older export does not show today's state.
_latest := 2

deny contains _finding(concat("=", ["alert", alert.rule]), words, alert.count, 0) if {
	some watch in input.evidence.runtime_alerts
	some alert in watch.result.alerts
	is_null(alert.closed_by)
	words := sprintf("%s alert %s is open on %s, seen %d times", [alert.priority, alert.rule, watch.result.target, alert.count])
}

insufficient contains _finding("rules", "the sensor had no rules", 0, null) if {
	some watch in input.evidence.runtime_alerts
	watch.result.rules == 0
}

insufficient contains _finding("watched", words, hours, limits[tiers.effective]) if {
	some watch in input.evidence.runtime_alerts
	hours := numbers.hours_between(watch.result.watched_from, watch.result.watched_until)
	hours < limits[tiers.effective]
	words := sprintf("%s was watched for less than %d hours", [watch.result.target, limits[tiers.effective]])
}

insufficient contains _finding("until", words, null, _latest) if {
	some watch in input.evidence.runtime_alerts
	until := watch.result.watched_until
	now := evidence.now
	not _lately(until, now)
	words := sprintf("%s was not watched until within %d days of now", [watch.result.target, _latest])
}

insufficient contains _finding("omitted", sprintf("%d alerts are counted but not listed", [omitted]), omitted, 0) if {
	some watch in input.evidence.runtime_alerts
	some priority in ["alert", "critical", "emergency"]
	listed := sum([alert.count | some alert in watch.result.alerts; alert.priority == priority])
	omitted := max({watch.result.omitted, watch.result.totals[priority] - listed})
	omitted > 0
}

_lately(until, now) if {
	numbers.believable(until, now)
	numbers.days_between(until, now) <= _latest
}

_finding(key, words, observed, limit) := {"key": key, "message": words, "observed": observed, "limit": limit}
