package promotion.lib.intervals_test

import data.promotion.lib.intervals

_says(lower, upper, limit) := {name |
	interval := {"estimate_bp": lower, "lower_bp": lower, "upper_bp": upper}
	some name, holds in {
		"below": {1 | intervals.below(interval, limit)},
		"above": {1 | intervals.above(interval, limit)},
		"across minimum": {1 | intervals.straddles_minimum(interval, limit)},
		"across maximum": {1 | intervals.straddles_maximum(interval, limit)},
	}
	count(holds) == 1
}

test_within_both if _says(500, 500, 500) == set()

test_below if _says(100, 499, 500) == {"below"}

test_above if _says(501, 900, 500) == {"above"}

test_upper_on_the_limit if _says(100, 500, 500) == {"across minimum"}

test_lower_on_the_limit if _says(500, 900, 500) == {"across maximum"}

test_across if _says(499, 501, 500) == {"across minimum", "across maximum"}

test_swapped_bounds_never_pass_both_ways if _says(900, 100, 500) == {"below", "above"}

test_nothing_measured_is_neither if {
	nothing := null
	not intervals.below(nothing, 500)
	not intervals.above(nothing, 500)
	not intervals.straddles_minimum(nothing, 500)
	not intervals.straddles_maximum(nothing, 500)
}
