# expect: metadata=promotion.rules.bad.without_metadata
# expect: undeclared=pii_scan

package promotion.rules.bad.without_metadata

deny contains {"key": "a", "message": "b"} if {
	some scan in input.evidence.pii_scan
	scan.result.rows == 0
}
