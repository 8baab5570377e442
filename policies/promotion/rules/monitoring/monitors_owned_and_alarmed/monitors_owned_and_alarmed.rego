# METADATA
# scope: package
# title: Drift and performance are watched by somebody who is told in time
# description: >-
#   A model grows old unseen. What has to be watched depends on the tier; each monitor has an
#   owner, a channel for its alarm, an alarm at all, and looks often enough. Drift of inputs is
#   watched by the population stability index, whose alarm may not stand higher than the limit.
# custom:
#   id: MON-001
#   severity: high
#   evidence: [monitoring_plan]
#   limits:
#     psi: {unit: population stability index in ten-thousandths, sense: maximum}
#     interval: {unit: hours between two looks, sense: maximum}
#   waivable: [fail]
#   controls: ["nist-800-53:ca-7", "owasp-ml:ML08", "fda-gmlp:10", "nist-ai-rmf:MANAGE-4.1"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Add the monitor, name who answers for it and where its alarm goes, and set the alarm no
#     higher than the limit.
package promotion.rules.monitoring.monitors_owned_and_alarmed

import data.promotion.lib.tiers

limits := {
	"psi": {"low": 2500, "medium": 2000, "high": 1000},
	"interval": {"low": 720, "medium": 168, "high": 24},
}

_watched := {
	"low": {"input_drift"},
	"medium": {"input_drift", "performance"},
	"high": {"input_drift", "output_drift", "performance"},
}

deny contains _finding(concat("=", ["watch", what]), sprintf("nothing watches %s", [what]), null, null) if {
	some what in (_watched[tiers.effective] - {monitor.watches | some monitor in _monitors})
}

deny contains _finding("psi", "no monitor of input drift compares by the population stability index", null, limits.psi[tiers.effective]) if {
	by_psi := {monitor.name | some monitor in _monitors; monitor.watches == "input_drift"; monitor.statistic == "psi"}
	count(by_psi) == 0
}

deny contains _finding(concat("=", [field, monitor.name]), sprintf("%s has no %s", [monitor.name, words]), null, null) if {
	some monitor in _monitors
	some field, words in {"owner": "owner", "channel": "channel for its alarm", "alarm_bp": "alarm"}
	_blank(monitor[field])
}

deny contains _finding(concat("=", ["psi", monitor.name]), words, monitor.alarm_bp, limits.psi[tiers.effective]) if {
	some monitor in _monitors
	monitor.statistic == "psi"
	is_number(monitor.alarm_bp)
	monitor.alarm_bp > limits.psi[tiers.effective]
	words := sprintf("%s alarms at %d ten-thousandths, limit %d", [monitor.name, monitor.alarm_bp, limits.psi[tiers.effective]])
}

deny contains _finding(concat("=", ["interval", monitor.name]), words, monitor.interval_hours, limits.interval[tiers.effective]) if {
	some monitor in _monitors
	monitor.interval_hours > limits.interval[tiers.effective]
	words := sprintf("%s looks every %d hours, limit %d", [monitor.name, monitor.interval_hours, limits.interval[tiers.effective]])
}

_monitors contains monitor if {
	some plan in input.evidence.monitoring_plan
	some monitor in plan.result.monitors
}

_blank(value) if is_null(value)

_blank(value) if {
	is_string(value)
	lower(trim_space(value)) in {"", "-", "n/a", "nobody", "none", "tbd", "todo", "unknown"}
}

_finding(key, words, observed, limit) := {"key": key, "message": words, "observed": observed, "limit": limit}
