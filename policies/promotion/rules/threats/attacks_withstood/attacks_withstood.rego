# METADATA
# scope: package
# title: Accuracy withstands named attacks
# description: >-
#   Who gains from a wrong answer will look for an input that brings it about. At least one
#   published attack is tried, on enough rows, and may cost only so many points of the accuracy
#   on rows left alone. Noise that nobody aims is no attack, and figures of another model or of
#   counts that cannot be say nothing.
# custom:
#   id: THR-003
#   severity: high
#   evidence: [robustness_report]
#   limits:
#     loss: {unit: basis points of accuracy, sense: maximum}
#     rows: {unit: rows attacked, sense: minimum}
#   waivable: [fail, insufficient]
#   controls: ["owasp-ml:ML01", "mitre-atlas:AML.T0043", "nist-ai-rmf:MEASURE-2.7", "eu-ai-act:15"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Train with attacked rows, smooth or bound the inputs, or refuse those out of range, and
#     attack again. Where inputs cannot be moved by an outsider, say why in a waiver.
package promotion.rules.threats.attacks_withstood

import data.promotion.lib.tiers

limits := {
	"loss": {"low": 3000, "medium": 2000, "high": 1000},
	"rows": {"low": 100, "medium": 300, "high": 1000},
}

# Aimed at nothing, or without a name that others could repeat it by.
_unnamed := {"other", "random_noise"}

# clean - attacked share above the limit, cross-multiplied.
deny contains _finding(attack.name, words, attack.correct, limits.loss[tiers.effective]) if {
	some report in input.evidence.robustness_report
	clean := report.result.clean
	some attack in report.result.attacks
	whole := clean.rows * attack.rows
	((clean.correct * attack.rows) - (attack.correct * clean.rows)) * 10000 > limits.loss[tiers.effective] * whole
	words := sprintf(
		"%d of %d rows are right and %d of %d under %s, limit %d basis points of loss",
		[clean.correct, clean.rows, attack.correct, attack.rows, attack.name, limits.loss[tiers.effective]],
	)
}

deny contains _finding("model", "another model was attacked", report.result.model_digest, null) if {
	some report in input.evidence.robustness_report
	report.result.model_digest != input.request.model.digest
}

insufficient contains _finding("attacks", "no attack that has a name was tried", null, null) if {
	some report in input.evidence.robustness_report
	count({attack.name | some attack in report.result.attacks} - _unnamed) == 0
}

insufficient contains _finding(concat("=", ["rows", name]), words, part.rows, limits.rows[tiers.effective]) if {
	some report in input.evidence.robustness_report
	some [name, part] in _parts(report.result)
	part.rows < limits.rows[tiers.effective]
	words := sprintf("%s: %d rows were tried, limit %d", [name, part.rows, limits.rows[tiers.effective]])
}

insufficient contains _finding(concat("=", ["counts", name]), sprintf("%s: more rows are right than were tried", [name]), part.correct, part.rows) if {
	some report in input.evidence.robustness_report
	some [name, part] in _parts(report.result)
	part.correct > part.rows
}

_parts(report) := array.concat([["clean", report.clean]], [[attack.name, attack] | some attack in report.attacks])

_finding(key, words, observed, limit) := {"key": key, "message": words, "observed": observed, "limit": limit}
