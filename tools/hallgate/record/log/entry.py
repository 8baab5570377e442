"""An entry of the log: which whole signed record was published, when, and where it lies.

The record itself is kept once, beside the tree; the entry binds all its bytes by SHA-256.
So the tree outlives a record that had to be erased, an entry always fits C2SP's bundles
(65,535 bytes), and the time of publication is under the tree, not beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hallgate.model.errors import InvalidDocument, Location
from hallgate.record.canonical import sha256_digest

KINDS = ("decision", "evidence", "approval", "tombstone")
LARGEST = 65_535

_ENTRY = re.compile(
    rb'\{"at":(0|[1-9][0-9]{0,11}),"kind":"(decision|evidence|approval|tombstone)",'
    rb'"path":"(blobs/sha256/[0-9a-f]{64}'
    rb'|[0-9]{1,12}-[a-z0-9][a-z0-9._-]{0,120}\.record\.json)",'
    rb'"record":"(sha256:[0-9a-f]{64})","size":([1-9][0-9]{0,15})\}'
)
_LATEST = 253_402_300_799  # the last second of the year 9999


@dataclass(frozen=True, slots=True)
class Entry:
    """at is when the log took it, in seconds since 1970; path is relative to the log's folder.

    record is the digest of the record's bytes, size their number.
    """

    at: int
    kind: str
    path: str
    record: str
    size: int

    def data(self) -> bytes:
        """The entry's bytes, which the leaf hash is over: JCS."""
        # Whole numbers and plain ASCII alone: nothing here needs escaping.
        text = (
            f'{{"at":{self.at},"kind":"{self.kind}","path":"{self.path}",'
            f'"record":"{self.record}","size":{self.size}}}'
        )
        return text.encode("ascii")


@dataclass(frozen=True, slots=True)
class Record:
    """A record to be published: kind of KINDS and its bytes, as signed.

    name is that of a decision's file; others are named by their digest. claims is the time
    the record itself states (seconds), None where it states none.
    """

    kind: str
    data: bytes
    name: str | None = None
    claims: int | None = None

    def entry(self, at: int) -> Entry:
        """The entry that publishes it."""
        digest = sha256_digest(self.data)
        path = self.name or f"blobs/sha256/{digest.removeprefix('sha256:')}"
        entry = Entry(at, self.kind, path, digest, len(self.data))
        return read_entry(entry.data())  # what we write, we must be able to read


def read_entry(data: bytes, where: Location | None = None) -> Entry:
    """The entry in these bytes, in its one canonical form; raises InvalidDocument with where."""
    match = _ENTRY.fullmatch(data)
    if match is None or len(data) > LARGEST:
        raise _malformed(
            'an entry is {"at":…,"kind":…,"path":…,"record":…,"size":…} as a log writes it', where
        )
    at, kind, path, record, size = match.groups()
    entry = Entry(int(at), kind.decode(), path.decode(), record.decode(), int(size))
    if entry.at > _LATEST:
        raise _malformed("at is no time", where)
    if path.startswith(b"blobs/") and not path.endswith(record[7:]):
        raise _malformed("path and record disagree", where)
    return entry


def _malformed(what: str, where: Location | None) -> InvalidDocument:
    return InvalidDocument.one(
        what, remedy="restore the log from a copy, and find out who changed it", where=where
    )
