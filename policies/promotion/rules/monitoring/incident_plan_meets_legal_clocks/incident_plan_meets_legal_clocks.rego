# METADATA
# scope: package
# title: The incident plan knows whom to call and every legal deadline
# description: >-
#   A breach starts clocks that run while people look for the law. Which run follows from the
#   jurisdictions, the sector and the data of the request; the plan names each with hours no
#   longer than the law's, whom it tells, and who can be reached. The law says "without undue
#   delay" besides: the hours are the latest, not the aim.
# custom:
#   id: MON-004
#   severity: high
#   evidence: [incident_plan]
#   waivable: [fail]
#   controls: ["nist-800-53:ir-8", "gdpr:33(1)", "hipaa:164.404(b)", "bank-incident:53.3", "soc2:CC7.3"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Add the notice with the control named here, hours within its deadline and the recipient;
#     name a contact who can be reached at any hour for each duty.
package promotion.rules.monitoring.incident_plan_meets_legal_clocks

import data.promotion.lib.deadlines

deny contains _finding(concat("=", ["clock", control]), words, null, hours) if {
	some control, hours in deadlines.hours
	not control in _known
	words := sprintf("the plan does not know %s, which asks for notice within %d hours", [control, hours])
}

deny contains _finding(concat("=", ["clock", clock.control]), words, clock.hours, hours) if {
	some clock in _planned
	hours := deadlines.hours[clock.control]
	_late(clock.hours, hours)
	words := sprintf("the plan gives no notice under %s within %d hours", [clock.control, hours])
}

deny contains _finding(concat("=", ["contact", duty]), sprintf("nobody can be reached as %s", [duty]), null, null) if {
	some duty in (_duties - {contact.duty | some contact in _contacts; is_string(contact.reach)})
}

_late(hours, _) if is_null(hours)

_late(hours, limit) if hours > limit

_duties contains duty if some duty in ["incident_lead", "security"]

_duties contains "privacy" if deadlines.personal

_duties contains "clinical_safety" if deadlines.in_health

_duties contains "regulator_liaison" if count(deadlines.hours) > 0

_known := {clock.control | some clock in _planned}

_planned contains clock if {
	some plan in input.evidence.incident_plan
	some clock in plan.result.clocks
}

_contacts contains contact if {
	some plan in input.evidence.incident_plan
	some contact in plan.result.contacts
}

_finding(key, words, observed, limit) := {"key": key, "message": words, "observed": observed, "limit": limit}
