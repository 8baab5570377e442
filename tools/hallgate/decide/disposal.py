"""Disposal: a list that two people approved is published, then erased; proofs stay.

In this order: the list under its digest, approvals and tombstones into the log, then the
bytes. Killed between, the same list is disposed of again: what has its tombstone gets no
second one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hallgate.decide.retention import Facts, Kept
from hallgate.intake.approvals import Word
from hallgate.intake.files import read_file
from hallgate.intake.retention import proven_words
from hallgate.intake.rfc3339 import text as time_text
from hallgate.intake.schema import Schemas
from hallgate.model.documents import Approval
from hallgate.model.errors import Fault, InvalidDocument, Location, NotProven
from hallgate.model.log import LogTrust
from hallgate.model.retention import DISPOSAL, RetentionClass, Standing
from hallgate.model.trust import Trust
from hallgate.model.values import JsonValue
from hallgate.record.canonical import canonical_bytes, is_digest, parse_json, sha256_digest
from hallgate.record.dsse import envelope_payload, sign_payload
from hallgate.record.files import write_blob
from hallgate.record.keys import PrivateKey
from hallgate.record.log.append import append
from hallgate.record.log.entry import Record
from hallgate.record.log.folder import Log
from hallgate.record.sshblob import parse_signature
from hallgate.record.statement import parse_statement
from hallgate.record.store.folder import FolderStore
from hallgate.record.tombstone import tombstone

NEEDED = 2
_LARGEST = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Item:
    """One record to be erased: its index, its digest and the class that ends it."""

    index: int
    record: str
    kind: str


def draft(kept: Sequence[Kept], *, disposable: bool) -> bytes:
    """The list people approve, in JCS bytes: what is overdue, and what may go where asked."""
    wanted = {Standing.OVERDUE, Standing.DISPOSABLE} if disposable else {Standing.OVERDUE}
    listed: list[JsonValue] = [
        {
            "index": one.facts.index,
            "record": one.facts.entry.record,
            "class": one.why.split(" ", 1)[0] if one.standing is Standing.OVERDUE else "disposable",
        }
        for one in kept
        if one.standing in wanted
    ]
    return canonical_bytes({"dispose": listed})


def read_list(path: Path) -> tuple[bytes, tuple[Item, ...]]:
    """A list and its digest's bytes; raises InvalidDocument."""
    data = read_file(path, _LARGEST)
    where = Location(str(path))
    value = parse_json(data, where)
    listed = value.get("dispose") if isinstance(value, Mapping) and len(value) == 1 else None
    items = []
    for one in listed if isinstance(listed, list) else [None]:
        if not isinstance(one, Mapping) or set(one) != {"index", "record", "class"}:
            raise _no_list(where)
        index, record, kind = one["index"], one["record"], one["class"]
        if type(index) is not int or not is_digest(record) or not isinstance(kind, str):
            raise _no_list(where)
        items.append(Item(index, str(record), kind))
    if len({one.index for one in items}) != len(items) or not items:
        raise _no_list(where)
    return canonical_bytes(value), tuple(items)


def approved(
    data: bytes, files: Sequence[Path], trust: Trust, schemas: Schemas, at: int
) -> tuple[Word, ...]:
    """The words that approve a list: two people with two keys at least.

    Raises NotProven with why each other word does not count; a rejection stops it.
    """
    found = proven_words(files, DISPOSAL, DISPOSAL, sha256_digest(data), trust, schemas)
    faults = [verdict for _, verdict in found if isinstance(verdict, Fault)]
    good = [(word, said) for word, said in found if isinstance(said, Approval)]
    if any(said.decision != "approve" for _, said in good):
        raise NotProven("one of them rejects it", remedy="dispose of what all agree on")
    live = [word for word, _ in good if word.valid_until > at]
    people = {word.identity for word in live}
    keys = {parse_signature(word.signature).public for word in live}
    if min(len(people), len(keys)) < NEEDED:
        reasons = "".join(f"\n  {fault}" for fault in faults)
        raise NotProven(
            f"{min(len(people), len(keys))} of {NEEDED} people approve this list{reasons}",
            remedy="have two people sign it, each with a key of their own",
        )
    return tuple(live)


def still_due(items: Sequence[Item], kept: Sequence[Kept]) -> tuple[Kept, ...]:
    """How the listed records stand now; NotProven when one may not go any more."""
    found = []
    for item in items:
        one = kept[item.index] if 0 <= item.index < len(kept) else None
        if one is None or one.facts.entry.record != item.record:
            raise NotProven(
                f"entry {item.index} is not the record that was approved",
                remedy="draw up the list anew",
            )
        if one.standing not in (Standing.OVERDUE, Standing.DISPOSABLE, Standing.ERASED):
            raise NotProven(
                f"entry {item.index} may not be disposed of: {one.why}",
                remedy="draw up the list anew, and have it approved",
            )
        found.append(one)
    return tuple(found)


def erasures(due: Sequence[Kept], kept: Sequence[Kept]) -> tuple[str, ...]:
    """Paths to erase: the records, and blobs that nothing which stays still needs."""
    going = {one.facts.index for one in due}
    needed = {digest for one in kept if one.facts.index not in going for digest in one.facts.blobs}
    needed |= {one.facts.entry.record for one in kept if one.facts.index not in going}
    paths = [one.facts.entry.path for one in due]
    for one in due:
        paths += [
            f"blobs/sha256/{digest[7:]}" for digest in one.facts.blobs if digest not in needed
        ]
    return tuple(dict.fromkeys(paths))


def tombstoned(log: Log) -> frozenset[str]:
    """Digests of records that have a tombstone in the log, by what it says."""
    found = set()
    for _, entry in log.entries():
        if entry.kind == "tombstone":
            envelope = parse_json(log.record(entry))
            if isinstance(envelope, Mapping):
                found.add(parse_statement(envelope_payload(envelope)).digest)
    return frozenset(found)


def dispose(
    log: Log,
    trust: LogTrust,
    due: Sequence[Kept],
    kept: Sequence[Kept],
    data: bytes,
    items: Sequence[Item],
    words: Sequence[Word],
    classes: Sequence[RetentionClass],
    key: PrivateKey,
    log_key: Ed25519PrivateKey,
    now: Callable[[], int],
) -> tuple[str, ...]:
    """Publish approvals and tombstones, then erase; the paths that were erased.

    data and items are the list as read_list gave it; key signs the tombstones. Raises what
    append raises, StorageError where a file stays.
    """
    approvals = [Record("approval", Path(word.file).read_bytes()) for word in words]
    digests = [sha256_digest(one.data) for one in approvals]
    done = tombstoned(log)
    listed = write_blob(log.folder, data)
    basis = {one.id: one.basis for one in classes}
    stones = []
    for one, item in zip(due, items, strict=True):
        if item.record in done:
            continue
        facts: Facts = one.facts
        reason = basis.get(item.kind, "no class keeps it any longer")
        said = tombstone(
            facts.entry.path, facts.entry.record, facts.index, item.kind, reason,
            time_text(now()), listed, digests,
        )  # fmt: skip
        envelope = sign_payload(canonical_bytes(said), key)
        stones.append(Record("tombstone", canonical_bytes(envelope)))
    append(log.folder, trust.origin, trust.keys, log_key, [*approvals, *stones], now)
    paths = erasures(due, kept)
    store = FolderStore(log.folder)
    try:
        store.erase(paths)
    finally:
        store.close()
    return paths


def _no_list(where: Location) -> InvalidDocument:
    return InvalidDocument.one(
        "is no list of records to dispose of",
        where=where,
        remedy="use the list as `hallgate retention dispose --draft` wrote it",
    )
