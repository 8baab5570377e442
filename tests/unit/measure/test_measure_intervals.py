"""Intervals against published examples, and how often they cover the truth."""

from __future__ import annotations

from math import comb

import pytest

from hallgate.measure.intervals import Rate, difference, gap, outward, ratio, wilson


def test_wilson_equals_the_published_example() -> None:
    # Newcombe 1998, Stat. Med. 17:857, table I: 81 of 263 gives 0.2553 to 0.3662.
    found = wilson(Rate(81, 263))
    assert found is not None
    assert (round(found.lower, 4), round(found.upper, 4)) == (0.2553, 0.3662)


@pytest.mark.parametrize(
    ("one", "other", "lower", "upper"),
    [  # Newcombe 1998, Stat. Med. 17:873, table II, method 10
        (Rate(56, 70), Rate(48, 80), 0.0524, 0.3339),
        (Rate(9, 10), Rate(3, 10), 0.1705, 0.8090),
        (Rate(0, 10), Rate(0, 20), -0.1611, 0.2775),
        (Rate(10, 10), Rate(0, 20), 0.6791, 1.0000),
    ],
)
def test_difference_equals_newcombes_table(
    one: Rate, other: Rate, lower: float, upper: float
) -> None:
    found = difference(one, other)
    assert found is not None
    assert found.lower == pytest.approx(lower, abs=0.0001)
    assert found.upper == pytest.approx(upper, abs=0.0001)


def test_nothing_to_divide_by_is_null_not_zero() -> None:
    assert wilson(Rate(0, 0)) is None
    assert difference(Rate(0, 0), Rate(1, 2)) is None
    assert gap(Rate(1, 2), Rate(0, 0)) is None
    assert ratio(Rate(1, 2), Rate(0, 5)) is None
    assert ratio(Rate(0, 0), Rate(1, 5)) is None
    assert outward(None, 10_000) is None


def test_a_group_that_is_never_selected_has_a_ratio_of_zero() -> None:
    found = outward(ratio(Rate(0, 40), Rate(300, 400)), 1_000_000)
    assert found is not None
    assert (found["estimate_bp"], found["lower_bp"]) == (0, 0)
    assert 1000 < found["upper_bp"] < 2000


def test_a_gap_that_straddles_zero_begins_at_zero() -> None:
    found = gap(Rate(50, 100), Rate(51, 100))
    signed = difference(Rate(50, 100), Rate(51, 100))
    assert found is not None
    assert signed is not None
    assert found.lower == 0.0
    assert found.upper == max(-signed.lower, signed.upper)


def test_bounds_are_rounded_outward_and_capped() -> None:
    found = ratio(Rate(1, 3), Rate(2, 3))
    assert found is not None
    points = outward(found, 1_000_000)
    assert points is not None
    assert points["lower_bp"] <= found.lower * 10_000
    assert points["upper_bp"] >= found.upper * 10_000
    huge = outward(ratio(Rate(1000, 1000), Rate(1, 100_000)), 1_000_000)
    assert huge == {"estimate_bp": 1_000_000, "lower_bp": huge["lower_bp"], "upper_bp": 1_000_000}


def test_rates_must_be_rates() -> None:
    with pytest.raises(ValueError, match="no rate"):
        Rate(3, 2)


@pytest.mark.parametrize(("n", "p", "m", "q"), [(40, 0.7, 120, 0.8), (60, 0.5, 60, 0.5)])
def test_intervals_cover_the_truth_about_95_times_in_100(
    n: int, p: float, m: int, q: float
) -> None:
    ones = [(x, comb(n, x) * p**x * (1 - p) ** (n - x)) for x in range(n + 1)]
    others = [(y, comb(m, y) * q**y * (1 - q) ** (m - y)) for y in range(m + 1)]
    covered = {"difference": 0.0, "ratio": 0.0}
    for x, px in ones:
        for y, py in others:
            if px * py < 1e-9:
                continue
            d, r = difference(Rate(x, n), Rate(y, m)), ratio(Rate(x, n), Rate(y, m))
            covered["difference"] += px * py * (d is not None and d.lower <= p - q <= d.upper)
            covered["ratio"] += px * py * (r is not None and r.lower <= p / q <= r.upper)
    assert all(0.935 < share < 0.975 for share in covered.values()), covered
