# METADATA
# scope: package
# title: Every denial of credit carries specific reasons
# description: >-
#   Whoever is refused must learn what stood against them and what to change. Reg B
#   says itself that internal standards or a score that was too low are no reasons;
#   a denial explained so counts as unexplained. An audit without denials, of a part
#   of its population, or whose counts cannot be or do not reach all denials, shows
#   nothing.
# custom:
#   id: XAI-001
#   severity: critical
#   evidence: [reason_audit]
#   limit: {unit: basis points of denials, sense: maximum}
#   waivable: []
#   why_not: The applicant's right to reasons is statutory; the lender cannot except itself from it.
#   controls: ["reg-b:1002.9(b)(2)", "gdpr:22"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Derive reasons from the features that lowered the score most, word them so that
#     an applicant can act on them, and audit all denials again.
package promotion.rules.explainability.denials_carry_specific_reasons

import data.promotion.lib.audits
import data.promotion.lib.numbers
import data.promotion.lib.tiers

limits := {"low": 500, "medium": 0, "high": 0}

# Patterns of reasons that Reg B and its commentary call insufficient.
_generic := [
	`\bscor(e|ing)\b.*\b(low|below|insufficient|fail\w*|qualif\w*)\b`,
	`\b(low|insufficient|fail\w*|qualifying)\b.*\bscor(e|ing)\b`,
	`\b(internal|our|bank|lender|lending|underwriting|credit) (standard|policy|policies|criteria|guideline)`,
	`^\W*(other|denied|declined|rejected|model|algorithm|ai|computer)( decision| output| result)?\W*$`,
]

not_applicable contains "no credit is granted or refused" if input.request.use.domain != "credit"

deny contains _finding("lacking", words, audit.lacking, limits[tiers.effective]) if {
	some audit in _audits
	numbers.share_above(audit.lacking, audit.denials, limits[tiers.effective])
	words := sprintf("%d of %d denials carry no specific reason, limit %d basis points", [audit.lacking, audit.denials, limits[tiers.effective]])
}

deny contains _finding(concat("=", ["reason", reason.text]), words, reason.count, limits[tiers.effective]) if {
	some audit in _audits
	some reason in audit.reasons
	some pattern in _generic
	regex.match(pattern, lower(reason.text))
	numbers.share_above(reason.count, audit.denials, limits[tiers.effective])
	words := sprintf("%d denials say no more than: %s", [reason.count, reason.text])
}

deny contains _finding("model", "the audit is of another model", audit.model_digest, null) if {
	some audit in _audits
	audit.model_digest != input.request.model.digest
}

insufficient contains finding if {
	some statement in input.evidence.reason_audit
	some finding in audits.doubts(statement)
}

_audits := {statement.result | some statement in input.evidence.reason_audit}

_finding(key, words, observed, limit) := {"key": key, "message": words, "observed": observed, "limit": limit}
