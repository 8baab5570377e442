# What a waiver reaches: a policy that can be waived, and findings of a kind that can.
package checks.waivers

_of_scope contains finding if {
	some waiver in _open
	policy := input.catalog[waiver.policy]
	count(policy.waivable) == 0
	finding := _finding(
		waiver, "policy",
		sprintf("%s cannot be waived: %s", [waiver.policy, policy.why_not]),
		"mend what it finds; no approval changes that",
	)
}

_of_scope contains finding if {
	some waiver in _open
	policy := input.catalog[waiver.policy]
	count(policy.waivable) > 0
	some key in _keys(waiver)
	not _kind(key) in policy.waivable
	finding := _finding(
		waiver, sprintf("finding=%s", [key]),
		sprintf("%s is of the kind %s, which %s does not let anybody waive", [key, _kind(key), waiver.policy]),
		sprintf("METADATA allows %s", [concat(", ", policy.waivable)]),
	)
}

_of_scope contains finding if {
	some waiver in _open
	some key in _named(waiver)
	regex.match(`[*?]`, key)
	finding := _finding(
		waiver, sprintf("pattern=%s", [key]), sprintf("%s looks like a pattern, and none is read", [key]),
		"name each finding by its whole key, as `hallgate decide` shows it",
	)
}

_named(waiver) := waiver.findings if is_array(waiver.findings)

else := []

# Null reaches plain findings.
_keys(waiver) := ["any finding"] if is_null(waiver.findings)

else := waiver.findings

_kind(key) := "evidence" if startswith(key, "evidence:")

else := "insufficient" if {
	startswith(key, "insufficient:")
}

else := "fail"
