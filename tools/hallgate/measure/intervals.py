"""Confidence intervals for rates, differences and ratios of rates.

Sources: E. B. Wilson, JASA 22 (1927) 209: score interval of one proportion. R. G. Newcombe,
Stat. Med. 17 (1998) 873, method 10: hybrid score interval of a difference, which is the
MOVER of G. Y. Zou and A. Donner, Stat. Med. 27 (2008) 1693; the same recovery of variances
on the log scale gives the ratio (they compare it with D. Katz et al., Biometrics 34 (1978)
469, whose delta interval is undefined or too short where a rate is 0 or 1). Analytic, hence
without seed: the same counts give the same bounds for ever.

Results are shares as floats; `outward` turns them into basis points so that rounding never
makes an interval look narrower than it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, exp, floor, inf, log, sqrt

Z95 = 1.959963984540054
"""97.5 % quantile of the normal distribution: two-sided 95 %."""

RATIO_CAP_BP = 1_000_000
GAP_CAP_BP = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """`hits` of `trials`, both counts, 0 <= hits <= trials."""

    hits: int
    trials: int

    def __post_init__(self) -> None:
        if not 0 <= self.hits <= self.trials:
            raise ValueError(f"{self.hits} of {self.trials} is no rate")

    @property
    def share(self) -> float:
        """hits / trials. Raises ZeroDivisionError without trials."""
        return self.hits / self.trials


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate between two bounds; shares or ratios, not basis points."""

    estimate: float
    lower: float
    upper: float


def wilson(rate: Rate, z: float = Z95) -> Interval | None:
    """Wilson's score interval; None without trials. Bounds lie in [0, 1]."""
    if rate.trials == 0:
        return None
    n, p = rate.trials, rate.share
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    lower = 0.0 if rate.hits == 0 else max(0.0, centre - half)
    upper = 1.0 if rate.hits == n else min(1.0, centre + half)
    return Interval(p, min(lower, p), max(upper, p))


def difference(one: Rate, other: Rate, z: float = Z95) -> Interval | None:
    """Newcombe's interval of one - other, signed, in [-1, 1]; None when either has no trials."""
    a, b = wilson(one, z), wilson(other, z)
    if a is None or b is None:
        return None
    estimate = a.estimate - b.estimate
    below = sqrt((a.estimate - a.lower) ** 2 + (b.upper - b.estimate) ** 2)
    above = sqrt((a.upper - a.estimate) ** 2 + (b.estimate - b.lower) ** 2)
    return Interval(estimate, max(-1.0, estimate - below), min(1.0, estimate + above))


def gap(one: Rate, other: Rate, z: float = Z95) -> Interval | None:
    """Interval of |one - other| from the signed one; lower bound 0 where that straddles 0."""
    signed = difference(one, other, z)
    if signed is None:
        return None
    ends = (abs(signed.lower), abs(signed.upper))
    lower = 0.0 if signed.lower <= 0.0 <= signed.upper else min(ends)
    return Interval(abs(signed.estimate), lower, max(ends))


def ratio(one: Rate, reference: Rate, z: float = Z95) -> Interval | None:
    """Interval of one / reference by MOVER on the log scale; None where the ratio is undefined.

    Undefined: either without trials, or a reference rate of 0. A rate of 0 over a positive one
    has lower bound 0 and, since its logarithm does not exist, the wider upper bound
    upper(one) / lower(reference).
    """
    a, b = wilson(one, z), wilson(reference, z)
    if a is None or b is None or reference.hits == 0:
        return None
    if one.hits == 0:
        return Interval(0.0, 0.0, a.upper / b.lower if b.lower > 0 else inf)
    middle = log(a.estimate) - log(b.estimate)
    below = sqrt(log(a.estimate / a.lower) ** 2 + log(b.upper / b.estimate) ** 2)
    above = sqrt(log(a.upper / a.estimate) ** 2 + log(b.estimate / b.lower) ** 2)
    return Interval(exp(middle), exp(middle - below), exp(middle + above))


def outward(interval: Interval | None, cap_bp: int) -> dict[str, int] | None:
    """Basis points {estimate_bp, lower_bp, upper_bp}: lower rounded down, upper up, all <= cap."""
    if interval is None:
        return None
    lower = min(cap_bp, max(0, floor(interval.lower * 10_000)))
    upper = cap_bp if interval.upper >= cap_bp / 10_000 else max(0, ceil(interval.upper * 10_000))
    estimate = min(cap_bp, round(interval.estimate * 10_000))
    return {"estimate_bp": estimate, "lower_bp": lower, "upper_bp": upper}
