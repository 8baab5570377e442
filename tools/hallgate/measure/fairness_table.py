"""Predictions as a count cube: one pass over the file, one joint group_by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hallgate.measure.extras import polars
from hallgate.measure.fairness_spec import UNKNOWN, Attribute, Outcomes
from hallgate.model.errors import InvalidDocument, Location, UsageError

_SELECTED, _POSITIVE, _ROWS = "\0selected", "\0positive", "\0rows"
_PREDICTION, _OUTCOME = "\0prediction", "\0outcome"
_MAX_GROUPS = 200


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """Counts of one group; all are rows."""

    name: str
    rows: int
    positives: int
    selected: int
    true_positives: int
    false_positives: int


@dataclass(frozen=True, slots=True)
class Counts:
    """rows in the file, rows with both prediction and outcome, groups per attribute label."""

    rows: int
    complete: int
    groups: Mapping[str, tuple[GroupCounts, ...]]


def open_table(path: Path) -> Any:
    """A Polars lazy frame of a .csv (all columns as text) or .parquet file.

    Raises UsageError for a missing file or another kind, InvalidDocument if it is unreadable.
    """
    pl = polars()
    if not path.is_file():
        raise UsageError(f"{path} is not a file", remedy="give a CSV or Parquet file")
    try:
        if path.suffix.lower() == ".parquet":
            frame = pl.scan_parquet(path, glob=False)
        elif path.suffix.lower() == ".csv":
            frame = pl.scan_csv(path, infer_schema=False, glob=False)
        else:
            raise UsageError(f"{path} is neither .csv nor .parquet", remedy="convert the file")
        frame.collect_schema()
    except pl.exceptions.NoDataError:
        return pl.LazyFrame()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise unreadable(path, error) from error
    return frame


def count_groups(
    path: Path, frame: Any, outcomes: Outcomes, attributes: tuple[Attribute, ...]
) -> Counts:
    """Count groups of every attribute. Raises UsageError for columns or groups that do not exist,
    InvalidDocument where predictions or outcomes are not binary or a cut column not numeric.
    """
    pl = polars()
    schema = frame.collect_schema()
    for column in (outcomes.prediction, outcomes.outcome, *(one.column for one in attributes)):
        if column not in schema:
            raise UsageError(
                f"{path} has no column {column!r}",
                remedy=f"name one of: {', '.join(schema.names()[:30])}",
            )
    labels = [f"\1{index}" for index in range(len(attributes))]
    keys = [
        *(_code(one).alias(name) for one, name in zip(attributes, labels, strict=True)),
        pl.col(outcomes.outcome).alias(_OUTCOME),
        (
            pl.col(outcomes.prediction)
            if outcomes.threshold is None
            else selected(outcomes, schema)
        ).alias(_PREDICTION),
    ]
    try:
        cube = frame.group_by(keys).agg(pl.len().alias(_ROWS)).collect(engine="streaming")
    except (pl.exceptions.PolarsError, OSError) as error:
        raise unreadable(path, error) from error
    chosen = pl.col(_PREDICTION)
    if outcomes.threshold is None:
        chosen = _equals(_PREDICTION, outcomes.favourable, schema[outcomes.prediction])
    cube = cube.with_columns(
        *(_label(one, name).alias(name) for one, name in zip(attributes, labels, strict=True)),
        chosen.alias(_SELECTED),
        _equals(_OUTCOME, outcomes.favourable, schema[outcomes.outcome]).alias(_POSITIVE),
    )
    _require_binary(path, cube, outcomes)
    rows = int(cube[_ROWS].sum())
    whole = cube.filter(pl.col(_SELECTED).is_not_null() & pl.col(_POSITIVE).is_not_null())
    groups = {
        one.label: _groups(path, whole, name, one)
        for one, name in zip(attributes, labels, strict=True)
    }
    return Counts(rows, int(whole[_ROWS].sum()), groups)


def selected(outcomes: Outcomes, schema: Any) -> Any:
    """Polars expression: whether a row is selected; null where the prediction is null."""
    pl = polars()
    if outcomes.threshold is None:
        return _equals(outcomes.prediction, outcomes.favourable, schema[outcomes.prediction])
    score = pl.col(outcomes.prediction).cast(pl.Float64, strict=True).fill_nan(None)
    return score < outcomes.threshold if outcomes.favourable_below else score >= outcomes.threshold


def unreadable(path: Path, error: Exception) -> InvalidDocument:
    """The error for a file whose contents cannot be read as they should."""
    first = str(error).strip().splitlines()[0][:200] if str(error).strip() else "unreadable"
    return InvalidDocument.one(
        f"cannot be read as the columns asked for: {first}",
        remedy="check the file's format and that score and cut columns hold numbers",
        where=Location(str(path)),
    )


def _equals(column: str, value: str, kind: Any) -> Any:
    pl = polars()
    if kind == pl.Boolean:
        return pl.col(column) == (value.lower() in {"1", "true"})
    if kind.is_numeric():
        try:
            return pl.col(column).cast(pl.Float64).fill_nan(None) == float(value)
        except ValueError as error:
            raise UsageError(
                f"a column of decisions holds numbers, {value!r} is none",
                remedy="give the favourable value as it stands in the column",
            ) from error
    return pl.col(column).cast(pl.String) == value


def _code(attribute: Attribute) -> Any:
    """What the big group_by groups by: the column, or the number of cuts a value has reached."""
    pl = polars()
    if not attribute.cuts:
        return pl.col(attribute.column)
    number = pl.col(attribute.column).cast(pl.Float64, strict=True).fill_nan(None)
    reached = [(number >= cut).cast(pl.UInt8) for cut in attribute.cuts]
    return sum(reached[1:], reached[0])


def _label(attribute: Attribute, code: str) -> Any:
    """The group's name, from the code; computed on the small cube."""
    pl = polars()
    if attribute.cuts:
        names = dict(enumerate(attribute.ranges()))
        return pl.col(code).replace_strict(names, default=UNKNOWN, return_dtype=pl.String)
    text = pl.col(code).cast(pl.String).fill_null(UNKNOWN)
    return pl.when(text == "").then(pl.lit(UNKNOWN)).otherwise(text)


def _require_binary(path: Path, cube: Any, outcomes: Outcomes) -> None:
    named = {_OUTCOME: outcomes.outcome, _PREDICTION: outcomes.prediction}
    for alias in named:
        count = cube[alias].drop_nulls().n_unique()
        if count > 2:
            raise InvalidDocument.one(
                f"column {named[alias]!r} has {count} values, not two",
                remedy="give a column of decisions, or a threshold for a column of scores",
                where=Location(str(path)),
            )
    seen = [cube[name].any(ignore_nulls=True) for name in (_SELECTED, _POSITIVE)]
    if cube.height and not any(seen):
        raise UsageError(
            f"{outcomes.favourable!r} occurs neither as prediction nor as outcome in {path}",
            remedy="give the favourable value as it stands in the columns",
        )


def _groups(path: Path, cube: Any, key: str, attribute: Attribute) -> tuple[GroupCounts, ...]:
    pl = polars()
    rows, selected_, positive = pl.col(_ROWS), pl.col(_SELECTED), pl.col(_POSITIVE)
    table = (
        cube.group_by(key)
        .agg(
            rows.sum(),
            rows.filter(positive).sum().alias("positives"),
            rows.filter(selected_).sum().alias("selected"),
            rows.filter(selected_ & positive).sum().alias("tp"),
            rows.filter(selected_ & ~positive).sum().alias("fp"),
        )
        .sort(key)
    )
    if table.height > _MAX_GROUPS:
        raise InvalidDocument.one(
            f"attribute {attribute.label!r} has {table.height} groups, more than {_MAX_GROUPS}",
            remedy="merge groups, or cut the numeric column: " + attribute.column + "<…",
            where=Location(str(path)),
        )
    found = [GroupCounts(str(row[0]), *map(int, row[1:])) for row in table.iter_rows()]
    order = {name: place for place, name in enumerate(attribute.ranges())}
    return tuple(sorted(found, key=lambda one: (order.get(one.name, len(order)), one.name)))
