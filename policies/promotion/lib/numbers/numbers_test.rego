package promotion.lib.numbers_test

import data.promotion.lib.numbers

test_share_above_is_exact if {
	numbers.share_above(8001, 10000, 8000)
	numbers.share_above(80001, 100000, 8000)
	on := 8000
	not numbers.share_above(on, 10000, 8000)
	below := 7999
	not numbers.share_above(below, 10000, 8000)
}

test_share_below_is_exact if {
	numbers.share_below(79996, 100000, 8000)
	on := 80000
	not numbers.share_below(on, 100000, 8000)
	above := 80001
	not numbers.share_below(above, 100000, 8000)
}

test_anything_of_nothing_is_above if {
	numbers.share_above(1, 0, 10000)
	nothing := 0
	not numbers.share_above(nothing, 0, 0)
}

test_days_are_rounded_up if {
	numbers.days_between(0, 86400) == 1
	numbers.days_between(0, 86401) == 2
	numbers.days_between(0, 1) == 1
	numbers.days_between(5, 5) == 0
}

test_hours_are_rounded_down if {
	numbers.hours_between(0, 3600) == 1
	numbers.hours_between(0, 3599) == 0
	numbers.hours_between(100, 3700 + 3600) == 2
	numbers.hours_between(100, 3699 + 3600) == 1
	numbers.hours_between(5, 5) == 0
	numbers.hours_between(3600, 0) == -1
}
