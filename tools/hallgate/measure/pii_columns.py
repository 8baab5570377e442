"""Identifiers in columns: whole-cell numbers are checked as vectors, other cells one by one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hallgate.measure.extras import polars
from hallgate.measure.fairness_table import unreadable
from hallgate.measure.pii_entities import CANDIDATE, MRN_SHAPE, find
from hallgate.measure.pii_tally import Tally, named_kinds
from hallgate.measure.pii_validators import CARD_SHAPE
from hallgate.model.errors import UsageError

_ROWS = 500_000
_NPI_CONSTANT = 24  # what the prefix 80840 adds to the Luhn sum
_NANP = "^[2-9](?:[02-9][0-9]|1[02-9])[2-9](?:[02-9][0-9]|1[02-9])[0-9]{4}$"
_SSN = (
    "^(?:00[1-9]|0[1-9][0-9]|[1-57-8][0-9]{2}|6[0-57-9][0-9]|66[0-57-9])(?:0[1-9]|[1-9][0-9])"
    "(?:[0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)$"
)
_NAMED_SHAPES = {"ssn": _SSN, "mrn": f"^{MRN_SHAPE}$"}


def tally_column(cells: Any, column: str, tally: Tally) -> None:
    """Count identifiers in a Polars series of text; look-alikes that fail are counted as such."""
    texts = cells.drop_nulls()
    number = texts.str.contains(r"^[ \t]*[0-9]{9,19}[ \t\r]*$")
    _numbers(texts.filter(number).str.strip_chars(), column, tally)
    others = texts.filter(~number)
    for cell in others.filter(others.str.contains(CANDIDATE)):
        tally.add(column, find(cell))


def tally_named(cells: Any, column: str, tally: Tally) -> None:
    """Count cells that are believed for the name of their column alone: bare SSN, MRN."""
    for kind in sorted(named_kinds(column) & _NAMED_SHAPES.keys()):
        matching = cells.str.strip_chars().str.contains(_NAMED_SHAPES[kind]).sum()
        if matching:
            tally.count(column, kind, True, int(matching))


def has_bare_names(columns: list[str]) -> bool:
    """Whether any column's name makes bare numbers or letters identifiers."""
    return any(named_kinds(column) & _NAMED_SHAPES.keys() for column in columns)


def csv_frame(data: bytes | Path, columns: int, delimiter: str, *, header: bool) -> Any:
    """A frame of text columns named "0", "1", … from CSV. Raises polars' own errors."""
    pl = polars()
    return pl.read_csv(
        data,
        has_header=False,
        skip_lines=1 if header else 0,
        infer_schema=False,
        separator=delimiter,
        encoding="utf8-lossy",
        schema={str(at): pl.String for at in range(columns)},
    )


def csv_records(path: Path, *, balanced: bool) -> int:
    """Records of a CSV file, header included; plain lines where its quotes are not balanced."""
    pl = polars()
    quote = '"' if balanced else None
    try:
        lazy = pl.scan_csv(path, has_header=False, infer_schema=False, glob=False, quote_char=quote)
        return int(lazy.select(pl.len()).collect().item())
    except pl.exceptions.NoDataError:
        return 0
    except (pl.exceptions.PolarsError, OSError) as error:
        raise unreadable(path, error) from error


def scan_parquet(path: Path, tally: Tally) -> tuple[int, list[str]]:
    """Count identifiers in every column of a Parquet file; returns rows and column names.

    Nested and binary columns are read as text. Raises InvalidDocument if it cannot be read.
    """
    pl = polars()
    try:
        lazy = pl.scan_parquet(path, glob=False)
        schema = lazy.collect_schema()
        rows = int(lazy.select(pl.len()).collect().item())
        for column, kind in schema.items():
            for cells in _slices(lazy, column, rows):
                texts = _as_text(cells, kind)
                if texts is not None:
                    tally_column(texts, column, tally)
                    tally_named(texts, column, tally)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise unreadable(path, error) from error
    return rows, schema.names()


def named_in_csv(path: Path, columns: list[str], delimiter: str, tally: Tally) -> None:
    """Count bare SSN and MRN in columns named so, over the whole CSV file.

    Raises UsageError where the file is too irregular to be read by columns.
    """
    pl = polars()
    try:
        frame = csv_frame(path, len(columns), delimiter, header=True)
    except pl.exceptions.PolarsError as error:
        raise UsageError(
            f"{path} has columns named like identifiers but rows of uneven length",
            remedy="repair the rows, or convert the file to Parquet",
        ) from error
    for at, column in enumerate(columns):
        tally_named(frame[str(at)], column, tally)


def _slices(lazy: Any, column: str, rows: int) -> Iterator[Any]:
    for start in range(0, rows, _ROWS):
        yield lazy.select(column).slice(start, _ROWS).collect().to_series()


def _as_text(cells: Any, kind: Any) -> Any | None:
    pl = polars()
    if kind == pl.String:
        return cells
    if kind.is_integer() or kind in (pl.Categorical, pl.Enum):
        return cells.cast(pl.String)
    if kind.is_float():
        whole = cells.filter((cells >= 1e8) & (cells < 2.0**63) & (cells == cells.floor()))
        return whole.cast(pl.Int64).cast(pl.String)
    if kind.is_numeric() or kind.is_temporal() or kind in (pl.Boolean, pl.Null):
        return None
    texts = (
        value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
        for value in cells.to_list()
        if value is not None
    )
    return pl.Series(texts, dtype=pl.String)


def _numbers(digits: Any, column: str, tally: Tally) -> None:
    length = digits.str.len_bytes()
    ten = digits.filter(length == 10)
    _count(tally, column, "phone", ten.str.contains(_NANP))
    npis = ten.filter(ten.str.contains("^[12]"))
    _count(tally, column, "npi", (_luhn_sum(npis) + _NPI_CONSTANT) % 10 == 0)
    cards = digits.filter(length >= 13)
    cards = cards.filter(cards.str.contains(f"^(?:{CARD_SHAPE})$"))
    _count(tally, column, "pan", _luhn_sum(cards) % 10 == 0)


def _count(tally: Tally, column: str, kind: str, passed: Any) -> None:
    if len(passed):
        yes = int(passed.sum())
        tally.count(column, kind, False, yes, len(passed) - yes)


def _luhn_sum(digits: Any) -> Any:
    pl = polars()
    value = pl.col("value")
    total = pl.lit(0, pl.UInt64)
    for place in range(19):
        digit = value // 10**place % 10
        doubled = digit * 2
        total += digit if place % 2 == 0 else doubled // 10 + doubled % 10
    frame = pl.DataFrame({"value": digits.cast(pl.UInt64)})
    return frame.select(total).to_series() if frame.height else frame.to_series()
