# METADATA
# title: Judging an interval against a limit
# description: >-
#   Three ways: beyond the limit as a whole, across it, or within it as a
#   whole. A null interval was not measured and is neither beyond nor within.
package promotion.lib.intervals

# METADATA
# description: The whole interval lies under a minimum.
below(interval, limit) if {
	is_object(interval)
	interval.upper_bp < limit
}

# METADATA
# description: The whole interval lies over a maximum.
above(interval, limit) if {
	is_object(interval)
	interval.lower_bp > limit
}

# METADATA
# description: The interval lies on both sides of a minimum; on the limit counts as within.
straddles_minimum(interval, limit) if {
	is_object(interval)
	interval.lower_bp < limit
	interval.upper_bp >= limit
}

# METADATA
# description: The interval lies on both sides of a maximum; on the limit counts as within.
straddles_maximum(interval, limit) if {
	is_object(interval)
	interval.lower_bp <= limit
	interval.upper_bp > limit
}
