# METADATA
# title: Counting approvals
# description: >-
#   A quorum of n needs n different people who speak in n different roles. Neither
#   the people nor the roles alone give that number: of one person with three
#   roles and two more with one of these, only two can be counted.
package promotion.lib.approvals

# METADATA
# description: >-
#   Most members of a set of {identity, role} that can be counted so that nobody
#   and no role counts twice (Hall, König: the least, over all sets of roles, of
#   the roles left out and the people who speak for the rest).
matched(spoken) := min({bound |
	roles := {word.role | some word in spoken}
	some chosen in _subsets(roles)
	people := {word.identity | some word in spoken; word.role in chosen}
	bound := (count(roles) - count(chosen)) + count(people)
})

_subsets(members) := {subset |
	ordered := sort(members)
	some mask in numbers.range(0, bits.lsh(1, count(ordered)) - 1)
	subset := {member |
		some position, member in ordered
		bits.and(mask, bits.lsh(1, position)) > 0
	}
}
