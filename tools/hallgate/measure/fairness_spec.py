"""What a fairness measurement is asked to compare."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from hallgate.model.errors import UsageError

UNKNOWN = "unknown"
"""Group of the rows that hold no value for an attribute: counted, never dropped."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """A protected attribute: a column as it is, or a numeric column cut into ranges.

    cuts: rising lower bounds of all ranges but the first; 26 makes "under 26" and "26 and
    over". reference: the group the others are compared with; None takes the most selected.
    Raises UsageError for cuts that do not rise.
    """

    column: str
    cuts: tuple[float, ...] = ()
    reference: str | None = None
    name: str | None = None

    def __post_init__(self) -> None:
        rising = all(a < b for a, b in pairwise(self.cuts))
        if not self.column or not rising or not all(map(math.isfinite, self.cuts)):
            raise UsageError(
                f"{self.column or 'an attribute'}: cut points must be rising numbers",
                remedy="write age<26 or age<26,60",
            )

    @property
    def label(self) -> str:
        """Name in the report, by default the column."""
        return self.name or self.column

    def ranges(self) -> tuple[str, ...]:
        """Names of the groups a cut column has, lowest first; empty for a categorical one."""
        if not self.cuts:
            return ()
        ends = [f"{cut:g}" for cut in self.cuts]
        middle = [f"{low} to under {high}" for low, high in pairwise(ends)]
        return (f"under {ends[0]}", *middle, f"{ends[-1]} and over")

    @classmethod
    def parse(cls, text: str) -> Attribute:
        """Read `sex`, `age<26`, `age<26,60`, each with `@reference group` behind it if wanted."""
        described, _, reference = text.partition("@")
        column, cut, numbers = described.partition("<")
        try:
            cuts = tuple(float(number) for number in numbers.split(",")) if cut else ()
        except ValueError as error:
            raise UsageError(
                f"{text!r} has a cut point that is no number", remedy="write age<26 or age<26,60"
            ) from error
        return cls(column.strip(), cuts, reference.strip() or None)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Which columns hold the model's answer and the truth, and which value is favourable.

    Both columns have two values; a row is selected where the prediction equals `favourable`,
    positive where the outcome does. With `threshold` the prediction column is a score, and a
    row is selected from that score on (below it where `favourable_below`).
    """

    prediction: str
    outcome: str
    favourable: str = "1"
    threshold: float | None = None
    favourable_below: bool = False

    def words(self) -> str:
        """What counts as selected, in words."""
        if self.threshold is None:
            return f"{self.prediction} = {self.favourable}"
        sign = "<" if self.favourable_below else ">="
        return f"{self.prediction} {sign} {self.threshold:g} ({self.outcome} = {self.favourable})"
