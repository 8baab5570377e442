"""Appending: whole or not at all, by one writer at a time.

In this order, each step on the disk before the next: the records, a journal that says
how far the new tiles may reach, the tiles, the checkpoint. The checkpoint is what counts:
killed before it, nothing was appended and the next writer removes what the journal names;
killed after it, everything was. Nothing is acknowledged before the checkpoint is durable.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hallgate.model.errors import Location, NotProven, UsageError
from hallgate.model.trust import Key
from hallgate.record.canonical import sha256_digest
from hallgate.record.log.entry import Entry, Record, read_entry
from hallgate.record.log.extend import extend, recover
from hallgate.record.log.folder import LOCK, Log, open_log
from hallgate.record.log.lock import locked
from hallgate.record.log.note import log_key
from hallgate.record.log.tiles import WIDTH
from hallgate.record.store.folder import FolderStore
from hallgate.record.store.port import Payload

SKEW = 300  # seconds by which clocks may differ
WAIT = 30.0


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a record stands in the log; fresh is False when it stood there already."""

    index: int
    entry: Entry
    fresh: bool


def append(
    folder: Path,
    origin: str,
    keys: Sequence[Key],
    key: Ed25519PrivateKey,
    records: Sequence[Record],
    now: Callable[[], int],
    *,
    wait: float = WAIT,
) -> tuple[Placed, ...]:
    """Publish records, in order, under one new checkpoint signed by key; durable on return.

    keys are the log's public keys, key the private half of one of them; now gives the time in
    seconds and is asked once the log is locked. A record that is in the log already is not
    added again. Raises UsageError for a key that is none of the log's or does not count now,
    NotProven where the log does not hold, the clock runs behind it or a record claims to be
    from the future; StorageError where something could not be written: then nothing was
    appended.
    """
    with locked(folder / LOCK, wait):
        log = open_log(folder, origin, keys)
        recover(log)
        log.sound()
        at = _time(log, now())
        _may_sign(key, keys, at)
        found = _known(log, records)
        fresh: dict[str, Entry] = {}
        payloads: list[Payload] = []
        for record in records:
            entry = record.entry(at)
            if entry.record not in found and entry.record not in fresh:
                _not_from_the_future(record, at, log.where)
                fresh[entry.record] = entry
                payloads.append(Payload(entry.path, entry.record, record.data))
        FolderStore(folder).put(payloads)
        placed = {
            entry.record: Placed(log.checkpoint.size + number, entry, True)
            for number, entry in enumerate(fresh.values())
        }
        if fresh:
            extend(log, [entry.data() for entry in fresh.values()], key)
    answers = []
    for record in records:
        digest = sha256_digest(record.data)
        answers.append(found.get(digest) or placed[digest])
    return tuple(answers)


def _may_sign(key: Ed25519PrivateKey, keys: Sequence[Key], at: int) -> None:
    public = key.public_key()
    mine = [one for one in keys if log_key(one.public) == public]
    if not mine:
        raise UsageError(
            "this key is none of the log's",
            remedy="use the key whose public half stands in trust/log.yaml",
        )
    if not any(one.counts_at(at) for one in mine):
        raise UsageError(
            "this key of the log was revoked or is out of its dates",
            remedy="use a key of trust/log.yaml that counts now",
        )


def _time(log: Log, now: int) -> int:
    """The time of the new entries: never before that of the last one."""
    if not log.checkpoint.size:
        return now
    last = log.entry(log.checkpoint.size - 1).at
    if now + SKEW < last:
        raise NotProven(
            f"this machine's clock is {last - now} s behind the last entry of the log",
            remedy="set the clock right; if it is right, the log was written by a wrong one: "
            "wait until its time has passed",
            where=log.where,
        )
    return max(now, last)


def _not_from_the_future(record: Record, at: int, where: Location) -> None:
    if record.claims is not None and record.claims > at + SKEW:
        raise NotProven(
            f"a record of kind {record.kind} says it is of {record.claims}, "
            f"{record.claims - at} s from now",
            remedy="set the clocks right and make the record again",
            where=where,
        )


def _known(log: Log, records: Sequence[Record]) -> dict[str, Placed]:
    """Records that the log holds already, by digest.

    Only those whose file is there can be in it, and not before they say they were made.
    """
    wanted: dict[str, int] = {}
    for record in records:
        entry = record.entry(0)
        if (log.folder / entry.path).exists():
            wanted[entry.record] = record.claims or 0
    found: dict[str, Placed] = {}
    if not wanted:
        return found
    earliest = min(wanted.values()) - SKEW
    for number in range((log.checkpoint.size - 1) // WIDTH, -1, -1):
        part = [read_entry(one) for one in log.tiles.entries(number)]
        for offset, entry in enumerate(part):
            if entry.record in wanted:
                found[entry.record] = Placed(number * WIDTH + offset, entry, False)
        if len(found) == len(wanted) or part[0].at < earliest:
            break
    return found
