"""An entry of the log: which whole signed record was published, when, and where it lies.

The record itself is kept once, beside the tree; the entry binds all its bytes by SHA-256.
So the tree outlives a record that had to be erased, an entry always fits C2SP's bundles
(65,535 bytes), and the time of publication is under the tree, not beside it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from hallgate.model.errors import InvalidDocument, Location
from hallgate.record.canonical import is_digest, parse_json, sha256_digest

KINDS = ("decision", "evidence", "approval", "tombstone")
LARGEST = 65_535

_MEMBERS = {"at", "kind", "path", "record", "size"}
_PATH = re.compile(
    r"blobs/sha256/[0-9a-f]{64}|[0-9]{1,12}-[a-z0-9][a-z0-9._-]{0,120}\.record\.json"
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
        # Whole numbers and ASCII alone: for these the standard library writes the JCS form.
        return json.dumps(
            {
                "at": self.at,
                "kind": self.kind,
                "path": self.path,
                "record": self.record,
                "size": self.size,
            },
            separators=(",", ":"),
        ).encode("ascii")


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
    """The entry in these bytes, strictly; raises InvalidDocument with where."""
    value = parse_json(data, where)
    if not isinstance(value, Mapping) or set(value) != _MEMBERS:
        raise _malformed(f"an entry has {', '.join(sorted(_MEMBERS))}, nothing else", where)
    at, kind, path = value["at"], value["kind"], value["path"]
    record, size = value["record"], value["size"]
    if type(at) is not int or not 0 <= at <= _LATEST or type(size) is not int or size < 1:
        raise _malformed("at or size is out of range", where)
    if not isinstance(kind, str) or kind not in KINDS:
        raise _malformed(f"kind is not one of {', '.join(KINDS)}", where)
    if not isinstance(path, str) or _PATH.fullmatch(path) is None:
        raise _malformed("path is none that a log writes", where)
    if not isinstance(record, str) or not is_digest(record):
        raise _malformed("record is no digest", where)
    if path.startswith("blobs/") and not path.endswith(record.removeprefix("sha256:")):
        raise _malformed("path and record disagree", where)
    entry = Entry(at, kind, path, record, size)
    if entry.data() != data or len(data) > LARGEST:
        raise _malformed("the entry is not in its canonical bytes", where)
    return entry


def _malformed(what: str, where: Location | None) -> InvalidDocument:
    return InvalidDocument.one(
        what, remedy="restore the log from a copy, and find out who changed it", where=where
    )
