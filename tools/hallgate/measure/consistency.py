"""Consistency: do similar people get the same answer?

Source: R. Zemel et al., Learning Fair Representations, ICML 2013: mean share of a row's k
nearest neighbours that have its prediction. Features are standardised numbers; any other
column adds 1 to the squared distance where it differs. Bounded: at most 20,000 rows, evenly
spaced over the file, are neighbours, at most 1,000 of them are asked, so the cost does not
grow with the file and the same file gives the same number.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hallgate.measure.extras import polars
from hallgate.measure.fairness_spec import Outcomes
from hallgate.measure.fairness_table import selected, unreadable
from hallgate.model.errors import UsageError

NEIGHBOURS = 5
_CANDIDATES, _ASKED = 20_000, 1_000
_ANSWER, _ROW = "\0answer", "\0row"


@dataclass(frozen=True, slots=True)
class Consistency:
    """Share of agreeing neighbours in basis points, with the rows asked and compared with."""

    share_bp: int
    asked: int
    candidates: int


def consistency(
    path: Path, frame: Any, outcomes: Outcomes, features: tuple[str, ...]
) -> Consistency | None:
    """Measure on rows with a prediction; None where there are too few rows for k neighbours.

    Raises UsageError for a feature that does not exist, InvalidDocument for an unreadable file.
    """
    pl = polars()
    schema = frame.collect_schema()
    missing = [name for name in features if name not in schema]
    if missing:
        raise UsageError(f"{path} has no column {missing[0]!r}", remedy="name existing features")
    try:
        table = (
            frame.select(
                *(pl.col(name).alias(f"\1{at}") for at, name in enumerate(features)),
                selected(outcomes, schema).alias(_ANSWER),
            )
            .filter(pl.col(_ANSWER).is_not_null())
            .with_row_index(_ROW)
            .collect(engine="streaming")
        )
    except (pl.exceptions.PolarsError, OSError) as error:
        raise unreadable(path, error) from error
    table = _spaced(table, _CANDIDATES)
    if table.height <= NEIGHBOURS:
        return None
    numbers, words = _features(table, len(features))
    agreeing = total = 0
    for row in _spaced(table, _ASKED).iter_rows(named=True):
        squares = [(column - column[_at(table, row)]) ** 2 for column in numbers]
        squares += [column.ne_missing(column[_at(table, row)]).cast(pl.Float64) for column in words]
        distance = sum(squares[1:], squares[0]).alias("d")
        farthest = distance.bottom_k(NEIGHBOURS + 1).max()  # the row itself is among these
        near = (
            pl.DataFrame([distance, table[_ANSWER], table[_ROW]])
            .filter((pl.col("d") <= farthest) & (pl.col(_ROW) != row[_ROW]))
            .sort("d", _ROW)
            .head(NEIGHBOURS)
        )
        agreeing += int((near[_ANSWER] == row[_ANSWER]).sum())
        total += near.height
    return Consistency(agreeing * 10_000 // total, total // NEIGHBOURS, table.height)


def _spaced(table: Any, most: int) -> Any:
    """At most `most` rows at equal distances."""
    step = -(-table.height // most) if table.height else 1
    return table.gather_every(step)


def _at(table: Any, row: dict[str, Any]) -> int:
    return int(table[_ROW].search_sorted(row[_ROW]))


def _features(table: Any, count: int) -> tuple[list[Any], list[Any]]:
    pl = polars()
    numbers, words = [], []
    for at in range(count):
        column = table[f"\1{at}"]
        number = column.cast(pl.Float64, strict=False).fill_nan(None)
        if number.null_count() > column.null_count():
            words.append(column.cast(pl.String))
            continue
        spread = number.std() or 1.0
        numbers.append(((number - (number.mean() or 0.0)) / spread).fill_null(0.0))
    return numbers, words
