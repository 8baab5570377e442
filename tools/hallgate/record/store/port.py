"""The port of a store, and the values that cross it.

A store keeps the bytes of records by path and digest, and rows about them to search. It is
not believed: bytes are held against their digest on every read, and rows are derived from
the log and can be made again. Nothing here knows files or SQL, so that an adapter for
PostgreSQL or S3 Object Lock has the same contract (tests/unit/record/store/test_contract.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Payload:
    """A record's bytes, and the path and digest its entry names."""

    path: str
    digest: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Row:
    """What can be asked about one record; times in seconds since 1970.

    index is that of its entry in the log. about is the model's name, digest the model's;
    allowed and stage are None where the record is no decision or approval. verdicts are
    (policy, outcome). text is what full text looks through.
    """

    index: int
    at: int
    kind: str
    record: str
    path: str
    about: str
    digest: str
    stage: str | None
    signer: str
    allowed: bool | None
    verdicts: tuple[tuple[str, str], ...]
    text: str


@dataclass(frozen=True, slots=True)
class Query:
    """Conditions, all of which must hold; None and () ask nothing.

    policies: any of these has a verdict, with `outcome` where that is given. since is
    included, until is not. text: every word of it occurs.
    """

    about: str | None = None
    digest: str | None = None
    kind: str | None = None
    signer: str | None = None
    stage: str | None = None
    allowed: bool | None = None
    policies: tuple[str, ...] | None = None
    outcome: str | None = None
    since: int | None = None
    until: int | None = None
    text: str | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Found:
    """Rows in order of index, at most as many as asked for, and how many there are in all."""

    rows: tuple[Row, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the rows reach: the size and root of the log they were derived from."""

    size: int
    root: str


class Store(Protocol):
    """Keeps records. Methods raise StorageError where the store itself fails."""

    def put(self, payloads: Sequence[Payload]) -> None:
        """Keep records, durable on return: all of them, or what is left is no record.

        The same bytes again are no error; other bytes under a kept path are NotProven.
        """

    def get(self, path: str, digest: str) -> bytes:
        """A record's bytes; NotProven when they are missing or not of this digest."""

    def has(self, path: str) -> bool:
        """Whether there are bytes under this path."""

    def erase(self, paths: Sequence[str]) -> None:
        """Remove bytes and all text about them for good; rows stay without it. Idempotent."""

    def add(self, rows: Iterable[Row], mark: Mark) -> None:
        """Add rows and move the mark, all or nothing, durable on return."""

    def mark(self) -> Mark:
        """How far the rows reach; size 0 at first."""

    def forget(self) -> None:
        """Drop all rows, to derive them anew."""

    def search(self, query: Query) -> Found:
        """Rows that meet all conditions."""

    def close(self) -> None:
        """Give back what is held."""
