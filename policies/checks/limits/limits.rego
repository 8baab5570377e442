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

_written := {file: written |
	some file, _ in syntax.packages
	written := [one | some one in _all; one.file == file]
	count(written) > 0
}

_all := [one | some one in syntax.rules; one.name == "limits"; one.area == "rules"]

# Where limits stand, or the package where there are none.
_row(policy) := min({one.row | some one in _written[policy.file]}) if _written[policy.file]

else := policy.row

findings contains _finding(policy, _row(policy), problem) if {
	some policy in input.catalog
	some problem in _problems(policy)
}

_problems(policy) := {"limits are given, METADATA has neither limit nor limits"} if {
	count(policy.limits) == 0
	_written[policy.file]
}

_problems(policy) := {"METADATA speaks of limits, the policy has none"} if {
	count(policy.limits) > 0
	not _written[policy.file]
}

_problems(policy) := _differing(policy) | _faulty(policy) if {
	count(policy.limits) > 0
	_written[policy.file]
}

# By name of the quantity, empty where there is one alone: the term of its limits.
_terms(policy) := {"": one.rule.head.value | some one in _written[policy.file]} if policy.limits[0].name == ""

else := {name: term | some one in _written[policy.file]; some name, term in _members(one.rule.head.value)}

_members(term) := {key.value: value | some [key, value] in term.value; key.type == "string"} if term.type == "object"

else := {}

_differing(policy) := {sprintf("limits are of %v, METADATA speaks of %v", [object.keys(_terms(policy)), said]) |
	said := {quantity.name | some quantity in policy.limits}
	object.keys(_terms(policy)) != said
}

_faulty(policy) := {problem |
	some quantity in policy.limits
	members := _members(_terms(policy)[quantity.name])
	some problem in _wrong(quantity, [member.value | some tier in _tiers; member := members[tier]; member.type == "number"], count(members))
}

_wrong(quantity, numbers, given) := {sprintf("limits%s are no three numbers, one each for low, medium and high", [_of(quantity)])} if {
	[count(numbers), given] != [3, 3]
} else := {sprintf("limits%s are looser for a higher tier", [_of(quantity)])} if {
	numbers != _stricter(quantity.sense, numbers)
} else := set()

_stricter("minimum", numbers) := sort(numbers)

_stricter("maximum", numbers) := array.reverse(sort(numbers))

_of(quantity) := "" if quantity.name == ""

else := sprintf(" of %s", [quantity.name])

_finding(policy, row, problem) := {
	"key": policy.id,
	"message": problem,
	"remedy": "write `limits := {\"low\": n, \"medium\": n, \"high\": n}`, by quantity where METADATA has several",
	"file": policy.file,
	"row": row,
}
