# METADATA
# scope: package
# title: A bad policy
# description: For the test of policies/checks.
# custom:
#   id: BAD-040
#   severity: high
#   evidence: [pii_scan]
#   waivable: [fail]
#   controls: ["gdpr:6"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: None; it is meant to be bad.
package promotion.rules.bad.replaces_evidence

deny contains {"key": "a", "message": "b"} if {
	some scan in input.evidence.pii_scan
	scan.result.rows == 0
}

deny contains {"key": "c", "message": "d"} if _thin with input.evidence as {} # expect constructs evidence

_thin if count(input.evidence.pii_scan) == 0
