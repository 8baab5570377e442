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
