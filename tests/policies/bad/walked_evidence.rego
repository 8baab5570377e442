# METADATA
# scope: package
# title: A bad policy
# description: For the test of policies/checks.
# custom:
#   id: BAD-050
#   severity: high
#   evidence: [pii_scan]
#   waivable: [fail]
#   controls: ["gdpr:6"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: None; it is meant to be bad.
package promotion.rules.bad.walked_evidence

deny contains {"key": type, "message": "d"} if {
	some type in ["pii_scan", "secret_scan"]
	some scan in input.evidence[type] # expect evidence
	scan.status == "error"
}
