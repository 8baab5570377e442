"""Proofs for people who have no log: https://c2sp.org/tlog-proof, version 1.

`extra` carries the entry itself, which a verifier needs beside the record; it is believed
only because its hash leads to the signed root.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass

from hallgate.model.errors import InvalidDocument, Location, NotProven, UsageError
from hallgate.model.log import LogTrust
from hallgate.record.canonical import sha256_digest
from hallgate.record.log.entry import Entry, read_entry
from hallgate.record.log.folder import Log
from hallgate.record.log.note import open_checkpoint, read_checkpoint
from hallgate.record.log.tree import (
    HASH,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_of_inclusion,
)

HEADER = "c2sp.org/tlog-proof@v1"

_FORM = re.compile(
    r"c2sp\.org/tlog-proof@v1\nextra ([A-Za-z0-9+/]+=*)\nindex (0|[1-9][0-9]{0,15})\n"
    r"((?:[A-Za-z0-9+/]{43}=\n){0,63})\n(.+)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Proof:
    """A parsed proof, nothing verified; note is the checkpoint's bytes."""

    index: int
    entry: bytes
    path: tuple[bytes, ...]
    note: bytes
    where: Location | None

    @property
    def size(self) -> int:
        """Size of the tree it is about."""
        return read_checkpoint(self.note, self.where).size


def write_proof(log: Log, index: int) -> bytes:
    """The proof that an entry is in the log; UsageError where there is none."""
    log.entry(index)
    data = log.tiles.entry(index)
    path = inclusion_proof(log.tiles.node, index, log.checkpoint.size)
    lines = [HEADER, f"extra {_text(data)}", f"index {index}", *map(_text, path), ""]
    return "\n".join(lines).encode() + b"\n" + log.note


def write_consistency(log: Log, first: int) -> bytes:
    """JSON {first, size, proof}: the log of `first` entries begins this one."""
    if not 0 < first <= log.checkpoint.size:
        raise UsageError(
            f"there is no consistency proof from {first} entries",
            remedy=f"give a size from 1 to {log.checkpoint.size}",
        )
    proof = consistency_proof(log.tiles.node, first, log.checkpoint.size)
    said = {
        "first": first,
        "size": log.checkpoint.size,
        "proof": [_text(one) for one in proof],
        "checkpoint": log.note.decode(),
    }
    return (json.dumps(said, indent=2, sort_keys=True) + "\n").encode()


def read_proof(data: bytes, where: Location | None = None) -> Proof:
    """A proof from its text; raises InvalidDocument with where."""
    try:
        match = _FORM.fullmatch(data.decode("utf-8"))
        if match is None:
            raise ValueError("another form")
        entry = base64.b64decode(match[1], validate=True)
        path = tuple(base64.b64decode(one, validate=True) for one in match[3].split())
    except (ValueError, binascii.Error) as error:
        raise InvalidDocument.one(
            f"is no proof of https://c2sp.org/tlog-proof with the entry as extra: {error}",
            remedy="use the proof as `hallgate log prove` wrote it",
            where=where,
        ) from error
    if any(len(one) != HASH for one in path):
        raise InvalidDocument.one("a hash is cut", remedy="use the whole proof", where=where)
    return Proof(int(match[2]), entry, path, match[4].encode(), where)


def verify_proof(proof: Proof, trust: LogTrust, record: bytes) -> Entry:
    """The entry, once the record is proven to be in the log at that index.

    Raises InvalidDocument, SignatureFault as open_checkpoint; NotProven with what differs.
    """
    checkpoint, signed_by = open_checkpoint(proof.note, trust.origin, trust.keys, proof.where)
    found = root_of_inclusion(leaf_hash(proof.entry), proof.index, checkpoint.size, proof.path)
    if found != checkpoint.root:
        raise _not(proof, "the proof does not lead to the root of its checkpoint")
    entry = read_entry(proof.entry, proof.where)
    if len(record) != entry.size or sha256_digest(record) != entry.record:
        raise _not(proof, "the record is not the one that was logged: it was altered, or another")
    if not any(key.counts_at(entry.at) for key in signed_by):
        raise _not(proof, f"the log's key did not count at {entry.at}")
    return entry


def _not(proof: Proof, what: str) -> NotProven:
    return NotProven(what, remedy="ask for record and proof anew", where=proof.where)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
