package promotion.lib.numbers_test

import data.promotion.lib.numbers

test_believable_before_and_on_the_latest if {
	numbers.believable(99, 100)
	numbers.believable(100, 100)
}

test_believable_neither_after_nor_unknown if {
	after := 101
	not numbers.believable(after, 100)
	not numbers.believable(null, 100)
}
