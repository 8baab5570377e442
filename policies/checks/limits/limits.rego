# METADATA
# scope: package
# title: Limits are complete and as METADATA says
# description: >-
#   Where a tier has no limit, the comparison is undefined and nothing is denied.
#   Limits are literal numbers, one for each tier, flat or by quantity, for exactly
#   the quantities of METADATA, and no looser for a higher tier.
package checks.limits

import data.checks.syntax

_tiers := ["low", "medium", "high"]

_written := {file: [one | some one in _all; one.file == file] | some file in {one.file | some one in _all}}

_all := [one | some one in syntax.rules; one.name == "limits"; one.area == "rules"]

findings contains finding if {
	some policy in input.catalog
	some problem in _problems(policy, object.get(_written, policy.file, []))
	finding := {
		"key": policy.id,
		"message": problem,
		"remedy": "write `limits := {\"low\": n, \"medium\": n, \"high\": n}`, by quantity where METADATA has several",
		"file": policy.file,
		"row": min({one.row | some one in _written[policy.file]} | {row | row := policy.row; not _written[policy.file]}),
	}
}

_problems(policy, written) := set() if [count(policy.limits), count(written)] == [0, 0]

else := {"limits are given, METADATA has neither limit nor limits"} if count(policy.limits) == 0

else := {"METADATA speaks of limits, the policy has none"} if count(written) == 0

else := {"limits are not written once and without a condition"} if not _constant(written)

else := _differing(policy.limits, terms) | _faulty(policy.limits, terms) if terms := _terms(policy, written[0].rule.limits)

_constant(written) if {
	count(written) == 1
	is_object(written[0].rule.limits)
}

# By name of the quantity, empty where there is one alone: the term of its limits.
_terms(policy, term) := {"": term} if policy.limits[0].name == ""

else := _members(term)

_members(term) := {key.value: value | some [key, value] in term.value; key.type == "string"} if term.type == "object"

else := {}

_differing(quantities, terms) := {sprintf("limits are of %v, METADATA speaks of %v", [object.keys(terms), said]) |
	said := {quantity.name | some quantity in quantities}
	object.keys(terms) != said
}

_faulty(quantities, terms) := {problem |
	some quantity in quantities
	members := _members(terms[quantity.name])
	some problem in _wrong(quantity, [member.value | some tier in _tiers; member := members[tier]; member.type == "number"], count(members))
}

_wrong(quantity, numbers, given) := {sprintf("limits%s are no three numbers, one each for low, medium and high", [_of(quantity)])} if {
	[count(numbers), given] != [3, 3]
} else := {sprintf("limits%s are looser for a higher tier", [_of(quantity)])} if {
	numbers != _stricter(quantity.sense, numbers)
} else := set()

_stricter("minimum", numbers) := sort(numbers)

_stricter("maximum", numbers) := array.reverse(sort(numbers))

_of(quantity) := concat(" ", [" of", quantity.name]) if quantity.name != ""

else := ""
