# METADATA
# scope: package
# title: Every protected attribute that matters here was measured
# description: >-
#   A report says nothing about the people it leaves out. Which attributes matter
#   follows from domain and jurisdiction; race is not asked for in credit, where Reg B
#   restricts collecting it. What was not measured is not shown to be unfair.
# custom:
#   id: FAIR-004
#   severity: high
#   evidence: [fairness_report]
#   waivable: [insufficient]
#   controls: ["nist-ai-rmf:MEASURE-2.11", "eu-ai-act:10(2)(f)", "omb-m-25-21:pre-deployment-testing"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Measure the attribute under the name given here with at least two groups, or ask
#     for a waiver where it may not be collected.
package promotion.rules.fairness.required_attributes_measured

import data.promotion.lib.attributes

not_applicable contains "no attribute is required for this use" if count(attributes.required) == 0

insufficient contains _finding(attribute, sprintf("attribute %s was not measured", [attribute])) if {
	some attribute in (attributes.required - {name | some name, _ in _groups})
}

insufficient contains _finding(name, sprintf("attribute %s has no second group", [name])) if {
	some name, groups in _groups
	count(groups) < 2
}

# A group left out, the reference or any other, leaves rows that belong to none.
insufficient contains _finding(attribute.name, sprintf("groups of %s hold %d of %d rows", [attribute.name, held, report.result.rows])) if {
	some report in input.evidence.fairness_report
	some attribute in report.result.attributes
	held := sum([group.rows | some group in attribute.groups])
	held != report.result.rows
}

_attributes := {attribute | some report in input.evidence.fairness_report; some attribute in report.result.attributes}

_groups[attribute.name] contains group.name if {
	some attribute in _attributes
	some group in attribute.groups
}

_finding(key, words) := {"key": key, "message": words, "observed": null, "limit": null}
