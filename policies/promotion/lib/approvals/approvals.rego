# METADATA
# title: Counting approvals
# description: >-
#   A quorum of n needs n different people who speak in n different roles. Neither
#   the people nor the roles alone give that number: of one person with three
#   roles and two more with one of these, only two can be counted.
package promotion.lib.approvals

# METADATA
# description: The most that is ever counted, which is the largest quorum that is asked for.
most := 4

# METADATA
# description: >-
#   Members of a set of {identity, role} that can be counted so that nobody and no
#   role counts twice, up to most. Words are thinned out first; whoever or whatever
#   then stands in at most four words, so three of them cover twelve at the most, and
#   more words than that hold a fourth (König). Of few words, it is the least number
#   of roles and people that cover all of them.
matched(spoken) := most if count(_thinned(spoken)) > (most - 1) * most

else := min({most} | _covers(_thinned(spoken)))

# Up to three roles, and whoever speaks in another one.
_covers(words) := {size |
	roles := {word.role | some word in words}
	some covering in (_trios(roles) | {set()})
	left := roles - covering
	people := {word.identity | some word in words; word.role in left}
	size := count(covering) + count(people)
}

_trios(roles) := {trio |
	some first in roles
	some second in roles
	some third in roles
	trio := {first, second, third}
}

# A person with more roles than are counted finds one that is free among as many as
# are counted, whatever the others take; so does a role with more people.
_thinned(spoken) := _first_of_each("role", "identity", _first_of_each("identity", "role", spoken))

_first_of_each(one, other, words) := {word |
	some name in {word[one] | some word in words}
	others := sort({word[other] | some word in words; word[one] == name})
	some picked in array.slice(others, 0, most)
	word := {one: name, other: picked}
}
