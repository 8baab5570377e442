# METADATA
# scope: package
# title: A bad policy
# description: For the test of policies/checks.
# custom:
#   id: BAD-035
#   severity: high
#   evidence: [pii_scan]
#   waivable: [fail]
#   controls: ["gdpr:6"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: None; it is meant to be bad.
package promotion.rules.bad.never_denies # expect names

not_applicable contains "always" if input.request.first_promotion == true

_rows := {scan.result.rows | some scan in input.evidence.pii_scan}
