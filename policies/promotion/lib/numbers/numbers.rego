# METADATA
# title: Exact comparisons of whole numbers
# description: >-
#   Shares are compared by cross-multiplying counts. Dividing and rounding
#   moves 79,996 of 100,000 onto a limit of 8,000 basis points and fails open.
package promotion.lib.numbers

# METADATA
# description: part of whole is more than limit parts in ten thousand.
share_above(part, whole, limit) if part * 10000 > limit * whole

# METADATA
# description: part of whole is less than limit parts in ten thousand.
share_below(part, whole, limit) if part * 10000 < limit * whole

# METADATA
# description: Whole days that lie between two times in seconds, rounded up, so that a second over a limit counts.
days_between(earlier, later) := ceil((later - earlier) / 86400)

# METADATA
# description: Whole hours that lie between two times in seconds, rounded down, so that a second short of a limit counts.
hours_between(earlier, later) := floor((later - earlier) / 3600)

# METADATA
# description: A time that is known and no later than another; ask before counting days from a time that may be null.
believable(time, latest) if {
	is_number(time)
	time <= latest
}
