"""Counts per column and kind, and which look-alikes count.

One 10-digit number in ten passes the check of an NPI by chance, one 13- to 19-digit number in
ten that of a card, and 70 of 100 ten-digit numbers that do not begin with 0 could be North
American phone numbers. So bare digits count column by column: where a column holds at least
30 look-alikes of a kind, they count only if the share that validates is above 1.2 times
chance by its 99.7 % Wilson bound. With fewer, or where the column is named for the kind, all
that validate count. Ten digits are a phone number or an NPI, whichever fits more of the
column. What was set aside stays visible in the parameters of the evidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from hallgate.measure.intervals import Rate, wilson
from hallgate.measure.pii_entities import Entity

CHANCE = {"npi": 0.10, "pan": 0.10, "phone": 0.70}
FEW = 30
_MARGIN, _Z = 1.2, 3.0

_NAMES = (
    ("ssn", re.compile(r"(?i)(?:^|[^a-z])(?:ssn|social[ _-]?security)")),
    ("npi", re.compile(r"(?i)(?:^|[^a-z])npi(?:$|[^a-z])|national[ _-]?provider")),
    ("mrn", re.compile(r"(?i)(?:^|[^a-z])mrn(?:$|[^a-z])|(?:medical|patient)[ _-]?(?:record|id)")),
    ("phone", re.compile(r"(?i)phone|(?:^|[^a-z])(?:tel|mobile|cell|fax)(?:$|[^a-z])")),
    ("pan", re.compile(r"(?i)(?:card|cc)[ _-]?(?:number|num|no)(?:$|[^a-z])|(?:^|[^a-z])pan$")),
)


def named_kinds(column: str) -> frozenset[str]:
    """Kinds whose bare digits are believed in a column of this name."""
    return frozenset(kind for kind, pattern in _NAMES if pattern.search(column))


@dataclass(slots=True)
class _Cells:
    sure: int = 0
    passed: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Judged:
    """hits: (column, kind, count) that count; aside: the same with look-alikes seen."""

    hits: tuple[tuple[str, str, int], ...]
    aside: tuple[tuple[str, str, int, int], ...]


@dataclass(slots=True)
class Tally:
    """A growing count for one file; merged over chunks, judged at the end."""

    _cells: dict[tuple[str, str], _Cells] = field(default_factory=dict)
    _named: dict[str, frozenset[str]] = field(default_factory=dict)

    def add(self, column: str, entities: Iterable[Entity]) -> None:
        """Count entities found in one cell of a column."""
        for entity in entities:
            self.count(column, entity.kind, entity.sure, int(entity.valid), int(not entity.valid))

    def count(self, column: str, kind: str, sure: bool, passed: int, failed: int = 0) -> None:
        """Count cells in bulk: passed and failed look-alikes, or sure hits."""
        if column not in self._named:
            self._named[column] = named_kinds(column)
        cells = self._cells.setdefault((column, kind), _Cells())
        if sure or kind in self._named[column]:
            cells.sure += passed
        else:
            cells.passed += passed
            cells.failed += failed

    def judge(self) -> Judged:
        """Decide about look-alikes by the pass rate of their column; sorted."""
        hits, aside = [], []
        for (column, kind), cells in sorted(self._cells.items()):
            counted = cells.sure
            seen = cells.passed + cells.failed
            if (
                cells.passed
                and _above_chance(kind, cells.passed, seen)
                and not (kind == "phone" and self._better_as_npi(column, cells))
            ):
                counted += cells.passed
            elif cells.passed:
                aside.append((column, kind, cells.passed, seen))
            if counted:
                hits.append((column, kind, counted))
        return Judged(tuple(hits), tuple(aside))

    def _better_as_npi(self, column: str, phones: _Cells) -> bool:
        """Ten digits beginning with 2 may be either; the kind that fits more of them wins."""
        npis = self._cells.get((column, "npi"), _Cells())
        valid = npis.sure + npis.passed
        looked_like = phones.passed + phones.failed
        return valid * looked_like > phones.passed * (valid + npis.failed)


def _above_chance(kind: str, passed: int, seen: int) -> bool:
    if seen < FEW:
        return True
    interval = wilson(Rate(passed, seen), _Z)
    return interval is not None and interval.lower > CHANCE[kind] * _MARGIN
