"""Everything that can be checked about a log, and everything found, in one pass.

Nothing stops at the first fault: each finding has a name, and what no finding touches is
counted as proven.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hallgate.model.errors import HallgateError, InvalidDocument, Location, NotProven
from hallgate.model.log import LogTrust
from hallgate.model.trust import Key
from hallgate.record.log.anchors import Anchor
from hallgate.record.log.append import SKEW
from hallgate.record.log.entry import Entry, read_entry
from hallgate.record.log.findings import (
    ALTERED_ENTRY,
    ALTERED_RECORD,
    BACK_DATED,
    CLOCK_JUMP,
    FORKED,
    FROM_THE_FUTURE,
    MALFORMED,
    MISSING_RECORD,
    REPLAYED,
    REVOKED,
    REWRITTEN_CHECKPOINT,
    TRUNCATED,
    UNAPPROVED,
    WRONG_TSA,
    Finding,
    finding,
)
from hallgate.record.log.folder import CHECKPOINT, Log, read_note
from hallgate.record.log.note import Checkpoint, open_checkpoint
from hallgate.record.log.scan import Scan, scan
from hallgate.record.log.tiles import Tiles
from hallgate.record.log.timestamp import WrongAuthority, verify_timestamp
from hallgate.record.tombstone import Erasure

LATE = 86_400  # seconds after which a record that is only then logged is called back-dated

_COPY = "restore it from a copy, and find out who changed it"


@dataclass(frozen=True, slots=True)
class Disposer:
    """Who approves the disposal of the list with this digest, by which key, until when."""

    identity: str
    key: bytes
    listed: str
    valid_until: int


@dataclass(frozen=True, slots=True)
class Judged:
    """What a record is worth: the time it claims (None: none), and why it does not hold.

    code is one of findings where error says why. erases is what a tombstone says; disposer is
    who approves a disposal by this record, and of which list.
    """

    claims: int | None
    code: str | None = None
    error: HallgateError | None = None
    erases: Erasure | None = None
    disposer: Disposer | None = None


Judge = Callable[[Entry, bytes], Judged]
"""Asked about every record that is there: its signatures, judged at its publication."""


@dataclass(frozen=True, slots=True)
class Stamped:
    """A timestamp that holds: the authority, its time in seconds and the size it vouches for."""

    authority: str
    at: int
    size: int


@dataclass(frozen=True, slots=True)
class Audit:
    """The answer. size is that of the newest checkpoint that counts, None without one.

    proven counts entries that lead to it and have no finding; erased those whose record was
    disposed of with a tombstone.
    """

    size: int | None
    root: bytes | None
    proven: int
    erased: int
    anchors: int
    stamps: tuple[Stamped, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Head:
    where: Location
    checkpoint: Checkpoint
    note: bytes
    signed_by: tuple[Key, ...]
    tokens: tuple[tuple[str, bytes], ...] = ()


def audit(
    folder: Path,
    trust: LogTrust,
    anchors: Sequence[Anchor],
    judge: Judge,
    now: int,
    say: Callable[[int, int], None] = lambda done, of: None,
) -> Audit:
    """Audit a log against its own checkpoint and those kept elsewhere.

    judge answers for the records' signatures; now is in seconds; say is told of progress.
    Raises StorageError where a file cannot be read at all, UsageError where there is no log.
    """
    with _uncollected():
        return _audit(folder, trust, anchors, judge, now, say)


def _audit(
    folder: Path,
    trust: LogTrust,
    anchors: Sequence[Anchor],
    judge: Judge,
    now: int,
    say: Callable[[int, int], None],
) -> Audit:
    findings: list[Finding] = []
    own = _opened(str(folder / CHECKPOINT), read_note(folder / CHECKPOINT), (), trust, findings)
    kept = [_opened(one.file, one.note, one.tokens, trust, findings) for one in anchors]
    heads = [one for one in (own, *kept) if one is not None]
    if not heads:
        return Audit(None, None, 0, 0, len(anchors), (), tuple(findings))
    head = own or max(heads, key=lambda one: one.checkpoint.size)
    others = [(one.checkpoint.size, one.checkpoint.root) for one in heads]
    seen = scan(Tiles(folder, head.checkpoint.size), head.checkpoint.root, others)
    findings += seen.findings
    if seen.tree is None or seen.tree.size < head.checkpoint.size:
        findings.append(_no_root(head))
    entries = _entries(folder, seen, findings)
    erased = _records(folder, entries, judge, now, findings, say)
    stamps = [stamp for one in heads for stamp in _head(one, head, seen, entries, trust, findings)]
    bad = {one.index for one in findings if one.index is not None}
    proven = len(seen.proven - bad)
    return Audit(
        head.checkpoint.size, head.checkpoint.root, proven, erased, len(anchors),
        tuple(stamps), tuple(findings),
    )  # fmt: skip


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without cyclic garbage collection: entries and parsed JSON have no cycles, and looking for
    some costs more, the more else is in memory."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _opened(
    file: str,
    note: bytes,
    tokens: tuple[tuple[str, bytes], ...],
    trust: LogTrust,
    findings: list[Finding],
) -> _Head | None:
    """A checkpoint that a key of the log signed; else None, and a finding."""
    where = Location(file)
    try:
        checkpoint, signed_by = open_checkpoint(note, trust.origin, trust.keys, where)
    except (NotProven, InvalidDocument) as error:
        findings.append(Finding.of(REWRITTEN_CHECKPOINT, None, error))
        return None
    return _Head(where, checkpoint, note, signed_by, tokens)


def _no_root(head: _Head) -> Finding:
    what = "the entries do not lead to the root that was signed"
    return finding(ALTERED_ENTRY, None, what, head.where, _COPY)


def _entries(folder: Path, seen: Scan, findings: list[Finding]) -> dict[int, Entry]:
    """Parsed entries in order; times that go back and records that come twice are named."""
    found: dict[int, Entry] = {}
    first: dict[str, int] = {}
    last = 0
    for index in sorted(seen.entries):
        try:
            entry = read_entry(seen.entries[index])
        except InvalidDocument as error:
            findings.append(finding(MALFORMED, index, error.what, _at(folder, index), error.remedy))
            continue
        if index not in seen.proven:
            continue
        found[index] = entry
        if entry.at < last:
            what = f"was logged at {entry.at}, before the entry ahead of it ({last})"
            words = "find out whose clock jumped"
            findings.append(finding(CLOCK_JUMP, index, what, _at(folder, index), words))
        last = max(last, entry.at)
        earlier = first.setdefault(entry.record, index)
        if earlier != index:
            what = f"is the record of entry {earlier} again: replayed"
            words = f"rely on entry {earlier}"
            findings.append(finding(REPLAYED, index, what, _at(folder, index), words))
    return found


def _at(folder: Path, index: int) -> Location:
    return Location(f"{folder}#{index}")


def _records(
    folder: Path,
    entries: Mapping[int, Entry],
    judge: Judge,
    now: int,
    findings: list[Finding],
    say: Callable[[int, int], None],
) -> int:
    """Judge every record; how many were erased with a tombstone."""
    log = Log(folder, Checkpoint("", 0, b""), b"", (), Tiles(folder, 0))
    missing: dict[int, NotProven] = {}
    stones: dict[int, Erasure] = {}
    disposers: dict[str, tuple[int, Disposer]] = {}
    for number, (index, entry) in enumerate(entries.items()):
        say(number, len(entries))
        try:
            data = log.record(entry)
        except NotProven as error:
            if not (folder / entry.path).exists():
                missing[index] = error
            else:
                findings.append(Finding.of(ALTERED_RECORD, index, error))
            continue
        judged = judge(entry, data)
        if judged.error is not None:
            (fault, *_) = judged.error.faults
            place = fault.where or Location(f"{folder}/{entry.path}")
            code = judged.code or MALFORMED
            findings.append(finding(code, index, fault.what, place, fault.remedy))
        else:
            if judged.erases is not None:
                stones[index] = judged.erases
            if judged.disposer is not None:
                disposers.setdefault(entry.record, (index, judged.disposer))
        findings += _times(entry, index, judged.claims, now, folder)
    erased = _erased(folder, entries, stones, disposers, findings)
    gone = 0
    for index, missed in missing.items():
        if entries[index].record in erased:
            gone += 1
        else:
            findings.append(Finding.of(MISSING_RECORD, index, missed))
    return gone


def _erased(
    folder: Path,
    entries: Mapping[int, Entry],
    stones: Mapping[int, Erasure],
    disposers: Mapping[str, tuple[int, Disposer]],
    findings: list[Finding],
) -> set[str]:
    """What tombstones stand for that two people with two keys approved, by words logged before
    it, of the list it stood on."""
    found: set[str] = set()
    for index, stone in stones.items():
        named = [disposers[one] for one in stone.approvals if one in disposers]
        words = [one for logged, one in named if logged < index]
        at = entries[index].at
        good = [one for one in words if one.listed == stone.listed and one.valid_until > at]
        count = min(len({one.identity for one in good}), len({one.key for one in good}))
        about = entries.get(stone.index)
        if count >= 2 and about is not None and about.record == stone.record:
            found.add(stone.record)
            continue
        what = f"{count} of the two approvals the tombstone needs are in the log and count"
        remedy = "restore the erased record from a copy, and find out who erased it"
        findings.append(finding(UNAPPROVED, index, what, _at(folder, index), remedy))
    return found


def _times(entry: Entry, index: int, claims: int | None, now: int, folder: Path) -> list[Finding]:
    if entry.at <= now + SKEW and (
        claims is None
        or (claims <= entry.at + SKEW and (entry.kind != "decision" or claims >= entry.at - LATE))
    ):
        return []
    where = Location(f"{folder}/{entry.path}")
    if entry.at > now + SKEW:
        what = f"was logged at {entry.at}, which is {entry.at - now} s from now"
        return [finding(FROM_THE_FUTURE, index, what, where, "find out whose clock jumped")]
    if claims is not None and claims > entry.at + SKEW:
        what = f"says it is of {claims}, after it was logged at {entry.at}"
        return [finding(FROM_THE_FUTURE, index, what, where, "find out whose clock jumped")]
    if claims is not None and entry.kind == "decision" and claims < entry.at - LATE:
        what = f"says it is of {claims} and was first published at {entry.at}: back-dated or late"
        words = "rely on the time of publication, and ask why it came so late"
        return [finding(BACK_DATED, index, what, where, words)]
    return []


def _head(
    one: _Head,
    head: _Head,
    seen: Scan,
    entries: Mapping[int, Entry],
    trust: LogTrust,
    findings: list[Finding],
) -> list[Stamped]:
    """Hold one checkpoint against the log, its keys' dates and its timestamps."""
    size = one.checkpoint.size
    if size > head.checkpoint.size:
        what = f"the log had {size} entries and now has {head.checkpoint.size}: it was truncated"
        findings.append(finding(TRUNCATED, None, what, one.where, _COPY))
    elif seen.tree is not None and size <= seen.tree.size:
        if seen.tree.root(size) != one.checkpoint.root:
            what = f"the log signed another tree of {size} entries here: it was forked"
            words = "believe neither until it is known which others have seen"
            findings.append(finding(FORKED, None, what, one.where, words))
    elif size == head.checkpoint.size and one.checkpoint.root != head.checkpoint.root:
        what = f"the log signed two trees of {size} entries: it was forked"
        words = "believe neither until it is known which others have seen"
        findings.append(finding(FORKED, None, what, one.where, words))
    last = entries.get(size - 1)
    if last is not None and not any(key.counts_at(last.at) for key in one.signed_by):
        what = f"signed with a key of the log that did not count at {last.at}, its last entry"
        words = "sign with a key of trust/log.yaml that counts"
        findings.append(finding(REVOKED, None, what, one.where, words))
    stamps = []
    for file, answer in one.tokens:
        where = Location(file)
        try:
            name, at = verify_timestamp(answer, one.note, trust.authorities, where)
        except WrongAuthority as error:
            findings.append(Finding.of(WRONG_TSA, None, error))
            continue
        except InvalidDocument as error:
            findings.append(Finding.of(MALFORMED, None, error))
            continue
        stamps.append(Stamped(name, at, size))
        if last is not None and last.at > at + SKEW:
            what = f"its last entry says {last.at}, and {name} stamped it at {at}: the log's clock"
            words = "rely on the timestamp, and find out whose clock jumped"
            findings.append(finding(CLOCK_JUMP, None, what + " was ahead", where, words))
    return stamps
