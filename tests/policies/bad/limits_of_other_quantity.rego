# METADATA
# scope: package
# title: A bad policy
# description: For the test of policies/checks.
# custom:
#   id: BAD-017
#   severity: high
#   evidence: [pii_scan]
#   limits:
#     rows: {unit: rows, sense: minimum}
#     hits: {unit: hits, sense: maximum}
#   waivable: [fail]
#   controls: ["gdpr:6"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: None; it is meant to be bad.
package promotion.rules.bad.limits_of_other_quantity

limits := {"rows": {"low": 1, "medium": 2, "high": 3}, "hit": {"low": 3, "medium": 2, "high": 1}} # expect limits

deny contains {"key": "a", "message": "b"} if {
	some scan in input.evidence.pii_scan
	scan.result.rows == 0
}
