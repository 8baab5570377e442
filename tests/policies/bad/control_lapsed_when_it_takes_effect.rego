# METADATA
# scope: package
# title: A bad policy
# description: For the test of policies/checks.
# custom:
#   id: BAD-007
#   severity: high
#   evidence: [pii_scan]
#   waivable: [fail]
#   controls: ["test:ending"]
#   effective_from: "2028-01-01T00:00:00Z"
#   remediation: None; it is meant to be bad.
package promotion.rules.bad.control_lapsed_when_it_takes_effect # expect controls

deny contains {"key": "a", "message": "b"} if {
	some scan in input.evidence.pii_scan
	scan.result.rows == 0
}
