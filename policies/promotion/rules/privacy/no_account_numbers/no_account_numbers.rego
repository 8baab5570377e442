# METADATA
# scope: package
# title: No card account number lies in data, notebooks or prompts
# description: >-
#   A number that passes Luhn's check and has the form of a payment card is treated as
#   live, whatever the tier and wherever it was found; tokens have another form. The
#   limits per row of PRV-001 do not apply to it. Hits that a scan counts and does not list
#   may be such numbers, and a scan of nothing found none because it looked nowhere.
# custom:
#   id: PRV-007
#   severity: critical
#   evidence: [pii_scan]
#   waivable: []
#   why_not: An account number is replaced by its token at once; a false alarm is a test number to be changed.
#   controls: ["pci-dss:3.5.1", "pci-dss:6.5.5"]
#   effective_from: "2026-01-01T00:00:00Z"
#   remediation: >-
#     Replace the numbers by tokens in data, notebooks and prompts, train again if the
#     model read them, tell whoever answers for card data, and scan again.
package promotion.rules.privacy.no_account_numbers

deny contains finding if {
	some scan in _scans
	some hit in scan.hits
	hit.kind == "pan"
	finding := {
		"key": sprintf("%s=%s", [hit.path, hit.column]),
		"message": sprintf("%d account numbers in %s, column %s", [hit.count, hit.path, hit.column]),
		"observed": hit.count,
		"limit": 0,
	}
}

insufficient contains finding if {
	some scan in _scans
	unlisted := scan.hits_total - sum([hit.count | some hit in scan.hits])
	unlisted > 0
	finding := {
		"key": "unlisted",
		"message": sprintf("%d identifiers are counted and not listed", [unlisted]),
		"observed": unlisted,
		"limit": 0,
	}
}

insufficient contains {"key": "rows", "message": "the scan looked at no row", "observed": 0, "limit": null} if {
	some scan in _scans
	scan.rows == 0
}

_scans := {statement.result | some statement in input.evidence.pii_scan}
