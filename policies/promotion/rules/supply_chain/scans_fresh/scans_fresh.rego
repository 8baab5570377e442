# METADATA
# scope: package
# title: Scans are recent and of this release
# description: >-
#   New weaknesses become known every day, and a scan of something else proves
#   nothing. Age counts from the end of the scan, rounded up to whole days; the
#   vulnerability database may be no older than that when the scan ran. The scan
#   of the model names its digest; the vulnerability scan names the model or the
#   bill of materials handed in with it.
# custom:
#   id: SUP-006
#   severity: high
#   evidence: [artifact_scan, ml_bom, pii_scan, secret_scan, vulnerability_report]
#   limit: {unit: days, sense: maximum}
#   waivable: [fail, insufficient]
#   controls: ["nist-800-53:ca-7", "nist-800-53:ra-5.2"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Update the scanner's database and scan again what is promoted: the model file
#     and the bill of materials of this release.
package promotion.rules.supply_chain.scans_fresh

import data.promotion.lib.evidence
import data.promotion.lib.numbers
import data.promotion.lib.tiers

limits := {"low": 30, "medium": 7, "high": 1}

deny contains _old("age", type, age, "scan") if {
	some type in ["artifact_scan", "pii_scan", "secret_scan", "vulnerability_report"]
	some scan in input.evidence[type]
	age := numbers.days_between(scan.collected_at, evidence.now)
	age > limits[tiers.effective]
}

deny contains _old("database", "vulnerability_report", age, "database at the time of the scan") if {
	some report in input.evidence.vulnerability_report
	numbers.believable(report.result.database_at, report.collected_at)
	age := numbers.days_between(report.result.database_at, report.collected_at)
	age > limits[tiers.effective]
}

deny contains _other("artifact_scan", digest) if {
	some scan in input.evidence.artifact_scan
	digest := scan.result.model_digest
	digest != input.request.model.digest
}

deny contains _other("vulnerability_report", digest) if {
	some report in input.evidence.vulnerability_report
	digest := report.result.target_digest
	release := {input.request.model.digest} | {document.raw_digest | some document in input.evidence.ml_bom}
	not digest in release
}

insufficient contains _finding("database", "vulnerability_report", words, null, limits[tiers.effective]) if {
	some report in input.evidence.vulnerability_report
	database_at := report.result.database_at
	scanned_at := report.collected_at
	not numbers.believable(database_at, scanned_at)
	words := "the database has no date, or one after the scan"
}

_old(key, type, age, what) := _finding(key, type, words, age, limits[tiers.effective]) if {
	words := sprintf("%s is %d days old, limit %d", [what, age, limits[tiers.effective]])
}

_other(type, digest) := _finding("digest", type, sprintf("scanned %s, which is not this release", [digest]), digest, null)

_finding(key, type, words, observed, limit) := {
	"key": concat("=", [key, type]),
	"message": concat(": ", [type, words]),
	"observed": observed,
	"limit": limit,
}
