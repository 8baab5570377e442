package promotion.lib.approvals_test

import data.promotion.lib.approvals

_word(identity, role) := {"identity": identity, "role": role}

test_nobody_counts_nothing if approvals.matched(set()) == 0

test_one_person_counts_once if {
	approvals.matched({_word("a", "x"), _word("a", "y"), _word("a", "z")}) == 1
}

test_one_role_counts_once if {
	approvals.matched({_word("a", "x"), _word("b", "x"), _word("c", "x")}) == 1
}

test_three_people_in_three_roles if {
	approvals.matched({_word("a", "x"), _word("b", "y"), _word("c", "z")}) == 3
}

test_a_person_is_counted_where_it_helps if {
	approvals.matched({_word("a", "x"), _word("a", "y"), _word("b", "x")}) == 2
}

# Three people and three roles, yet two of the people speak in the same role alone.
test_neither_people_nor_roles_suffice if {
	approvals.matched({_word("a", "x"), _word("a", "y"), _word("a", "z"), _word("b", "x"), _word("c", "x")}) == 2
}

test_four_of_four if {
	approvals.matched({_word("a", "w"), _word("b", "x"), _word("c", "y"), _word("d", "z"), _word("a", "z")}) == 4
}

test_no_more_than_four_are_counted if {
	approvals.matched({_word(name, name) | some name in ["a", "b", "c", "d", "e"]}) == 4
}

# Each took 2 to the power of 40 steps once.
_forty := numbers.range(1, 40)

test_forty_people_in_forty_roles if approvals.matched({_word(number, number) | some number in _forty}) == 4

test_forty_roles_of_one_person if approvals.matched({_word("a", number) | some number in _forty}) == 1

test_forty_people_in_one_role if approvals.matched({_word(number, "x") | some number in _forty}) == 1

test_forty_roles_of_three_people if {
	approvals.matched({_word(name, number) | some name in ["a", "b", "c"]; some number in _forty}) == 3
}

test_one_person_and_one_role_with_forty_each if {
	approvals.matched({_word("a", number) | some number in _forty} | {_word(number, "x") | some number in _forty}) == 2
}

# After thinning, twelve words that three cover, and a thirteenth.
test_twelve_words_that_three_cover_and_one_more if {
	twelve := {_word(name, concat("", [name, role])) | some name in ["a", "b", "c"]; some role in ["w", "x", "y", "z"]}
	approvals.matched(twelve) == 3
	approvals.matched(twelve | {_word("d", "aw")}) == 4
	approvals.matched(twelve | {_word("a", "other")}) == 3
}

test_forty_people_in_three_roles if {
	approvals.matched({_word(number, role) | some number in _forty; some role in ["x", "y", "z"]}) == 3
}
