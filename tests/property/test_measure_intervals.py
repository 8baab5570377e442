"""Laws of the intervals for any counts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hallgate.measure.intervals import (
    GAP_CAP_BP,
    RATIO_CAP_BP,
    Rate,
    difference,
    gap,
    outward,
    ratio,
    wilson,
)

RATES = st.integers(0, 10**7).flatmap(lambda n: st.integers(0, n).map(lambda x: Rate(x, n)))


@given(RATES, RATES)
def test_every_interval_holds_its_estimate(one: Rate, other: Rate) -> None:
    for found in (wilson(one), difference(one, other), gap(one, other), ratio(one, other)):
        if found is not None:
            assert found.lower <= found.estimate + 1e-12
            assert found.estimate <= found.upper + 1e-12


@given(RATES, RATES)
def test_basis_points_stay_in_order_and_range(one: Rate, other: Rate) -> None:
    for found, cap in ((gap(one, other), GAP_CAP_BP), (ratio(one, other), RATIO_CAP_BP)):
        points = outward(found, cap)
        if points is not None:
            assert 0 <= points["lower_bp"] <= points["estimate_bp"] <= points["upper_bp"] <= cap


@given(RATES, RATES)
def test_a_gap_has_no_direction_and_a_difference_turns_with_it(one: Rate, other: Rate) -> None:
    there, back = difference(one, other), difference(other, one)
    if there is not None and back is not None:
        assert abs(there.lower + back.upper) < 1e-9
        assert outward(gap(one, other), GAP_CAP_BP) == outward(gap(other, one), GAP_CAP_BP)


@given(RATES, st.integers(2, 5))
def test_more_of_the_same_narrows(rate: Rate, times: int) -> None:
    few, many = wilson(rate), wilson(Rate(rate.hits * times, rate.trials * times))
    if few is not None and many is not None:
        assert many.upper - many.lower < few.upper - few.lower
