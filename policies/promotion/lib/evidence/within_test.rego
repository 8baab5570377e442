package promotion.lib.evidence_test

import data.promotion.lib.evidence

# The one interval that says whether something is in force.

_second := 1800000000

_within(from, until) := count(found) == 1 if {
	found := [1 | evidence.within(from, until)] with time.now_ns as _second * 1000000000
}

test_within_from_its_first_second_until_the_one_before_its_end if {
	_within(_second, _second + 1) == true
	_within(_second - 1, _second + 1) == true
	_within(_second + 1, _second + 2) == false
	_within(_second - 1, _second) == false
	_within(_second - 2, _second - 1) == false
}

# Null sorts before every number, and text after it.
test_within_of_other_types_than_numbers_never if {
	every odd in [null, false, "1800000000", [], {}] {
		_within(odd, _second + 1) == false
		_within(_second - 1, odd) == false
	}
	_within(null, "later") == false
}
