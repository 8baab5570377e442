# METADATA
# scope: package
# title: A retrained clinical model stays inside its authorised change plan
# description: >-
#   A device may change without a new submission only as its predetermined change control plan
#   says: its kinds of change, inputs, purposes and endpoints, its protocol to the end, and each
#   criterion reached by the evaluation's lower bound. Without a plan it is a new device.
# custom:
#   id: MON-006
#   severity: high
#   evidence: [change_plan, evaluation_report]
#   waivable: [insufficient]
#   controls: ["fda-pccp:description-of-modifications", "fda-pccp:modification-protocol", "nist-800-53:cm-4"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Take back what lies outside the plan, or ask for a new authorisation that covers it.
#     Evaluate by every criterion of the plan, with an interval.
package promotion.rules.monitoring.change_within_envelope

import data.promotion.lib.evidence

not_applicable contains "first promotion to this stage: nothing was changed" if input.request.first_promotion == true

not_applicable contains "no device: neither a clinical use nor in healthcare" if {
	input.request.use.domain != "clinical"
	input.request.sector != "healthcare"
}

deny contains _finding("plan", "there is no authorised plan", null, null) if {
	some paper in input.evidence.change_plan
	is_null(paper.result.plan)
}

deny contains _finding(concat("=", [kind, one]), sprintf("%s is outside the plan: %s", [words, one]), null, null) if {
	some paper in input.evidence.change_plan
	change := object.union(paper.result.change, {"purposes": [input.request.use.purpose]})
	some kind, words in {"changes": "this change", "endpoints": "this endpoint", "inputs": "this input", "purposes": "this purpose"}
	allowed := {one | some one in paper.result.envelope[kind]}
	some one in ({one | some one in change[kind]} - allowed)
}

deny contains _finding("protocol", "the plan's protocol was not followed to its end", false, null) if {
	some paper in input.evidence.change_plan
	paper.result.change.protocol_followed == false
}

deny contains _finding(concat("=", ["acceptance", metric.name]), words, metric.lower_bp, criterion.minimum_bp) if {
	some paper in input.evidence.change_plan
	some criterion in paper.result.envelope.acceptance
	some metric in _metrics
	metric.name == criterion.metric
	metric.lower_bp < criterion.minimum_bp
	words := sprintf("%s is at least %d basis points, the plan asks for %d", [metric.name, metric.lower_bp, criterion.minimum_bp])
}

insufficient contains _finding(concat("=", ["acceptance", name]), sprintf("%s was not evaluated with an interval", [name]), null, null) if {
	some paper in input.evidence.change_plan
	some name in ({criterion.metric | some criterion in paper.result.envelope.acceptance} - {metric.name | some metric in _metrics})
}

insufficient contains _finding("acceptance", "the plan has no acceptance criterion", 0, null) if {
	some paper in input.evidence.change_plan
	count(paper.result.envelope.acceptance) == 0
}

insufficient contains _finding("authorised", "the plan is authorised in the future", null, null) if {
	some paper in input.evidence.change_plan
	paper.result.plan.authorised_at > evidence.now
}

_metrics contains metric if {
	some report in input.evidence.evaluation_report
	some metric in report.result.metrics
	is_number(metric.lower_bp)
}

_finding(key, words, observed, limit) := {"key": key, "message": words, "observed": observed, "limit": limit}
