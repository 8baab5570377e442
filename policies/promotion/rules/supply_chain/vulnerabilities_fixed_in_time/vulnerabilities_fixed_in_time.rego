# METADATA
# scope: package
# title: Serious vulnerabilities are fixed in time
# description: >-
#   A critical or exploited vulnerability is never promoted; a high one only while
#   it is young, by publication, rounded up. What lacks a date or severity, or was
#   left off the list, might be any of these.
# custom:
#   id: SUP-002
#   severity: critical
#   evidence: [vulnerability_report]
#   limit: {unit: days, sense: maximum}
#   waivable: [fail, insufficient]
#   controls: ["nist-800-53:ra-5", "nist-800-53:si-2", "soc2:CC7.1"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Upgrade to the fixed version or drop the component, and scan again. Where no
#     fix exists, ask for a waiver of exactly this finding. Use a scanner that
#     reports severity and publication date.
package promotion.rules.supply_chain.vulnerabilities_fixed_in_time

import data.promotion.lib.evidence
import data.promotion.lib.numbers
import data.promotion.lib.tiers

limits := {"low": 30, "medium": 14, "high": 7}

deny contains _finding(found, "is known to be exploited", null, null) if {
	some found in _findings
	found.exploited == true
}

deny contains _finding(found, "is critical", null, null) if {
	some found in _findings
	found.severity == "critical"
}

deny contains _finding(found, words, age, limits[tiers.effective]) if {
	some found in _findings
	found.severity == "high"
	numbers.believable(found.published_at, evidence.now)
	age := numbers.days_between(found.published_at, evidence.now)
	age > limits[tiers.effective]
	words := sprintf("is high and has been known for %d days, limit %d", [age, limits[tiers.effective]])
}

insufficient contains _finding(found, "is high and has no believable date", null, limits[tiers.effective]) if {
	some found in _findings
	found.severity == "high"
	published := found.published_at
	now := evidence.now
	not numbers.believable(published, now)
}

insufficient contains _finding(found, "has no known severity", null, null) if {
	some found in _findings
	found.severity == "unknown"
}

insufficient contains {"key": "scanned", "message": "no package was looked at", "observed": 0, "limit": null} if {
	some report in input.evidence.vulnerability_report
	report.result.scanned == 0
}

insufficient contains {"key": "omitted", "message": message, "observed": omitted, "limit": 0} if {
	some report in input.evidence.vulnerability_report
	some severity in ["critical", "high", "unknown"]
	listed := count([found | some found in report.result.findings; found.severity == severity])
	omitted := max({report.result.omitted, report.result.totals[severity] - listed})
	omitted > 0
	message := sprintf("%d findings are counted but not listed", [omitted])
}

_findings := {found | some report in input.evidence.vulnerability_report; some found in report.result.findings}

_finding(found, words, observed, limit) := {"key": key, "message": message, "observed": observed, "limit": limit} if {
	key := concat("=", [found.id, found.component])
	message := sprintf("%s in %s %s", [found.id, found.component, words])
}
