# METADATA
# scope: package
# title: A bad policy
# description: For the test of policies/checks.
# custom:
#   id: BAD-026
#   severity: high
#   evidence: [pii_scan]
#   waivable: [fail]
#   controls: ["gdpr:6"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: None; it is meant to be bad.
package promotion.rules.bad.misspelt_parameter

deny contains {"key": "a", "message": "b"} if {
	some scan in input.evidence.pii_scan
	scan.result.rows == 0
}

deny contains _finding(scan.result) if {
	some scan in input.evidence.pii_scan
	scan.result.hits_total > 5
}

_finding(result) := {"key": "c", "message": "d", "observed": result.hits_totl, "limit": null} # expect fields
