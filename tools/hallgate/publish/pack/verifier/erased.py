"""Tombstones: what may be missing, because two people with two keys had it erased."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from hallgate.publish.pack.verifier.signers import Word, judge_record, payload_of, read_word
from hallgate.publish.pack.verifier.state import BROKEN, Pack, Report
from hallgate.publish.pack.verifier.trusted import CannotTell, Trusted, Unproven

TOMBSTONE = "urn:hallgate:tombstone:v1"
DISPOSAL = "disposal"
NEEDED = 2


@dataclass(frozen=True, slots=True)
class Erasure:
    """What a tombstone says it stands for, and by which approvals of which list."""

    index: int
    record: str
    listed: str
    approvals: tuple[str, ...]


def read_erasure(envelope: dict[str, Any]) -> Erasure:
    """A tombstone's own words; nothing of it is verified."""
    said = json.loads(payload_of(envelope))
    if said["predicateType"] != TOMBSTONE:
        raise ValueError("is no tombstone")
    predicate, (subject,) = said["predicate"], said["subject"]
    return Erasure(
        predicate["index"],
        f"sha256:{subject['digest']['sha256']}",
        predicate["list"],
        tuple(predicate["approvals"]),
    )


def check_tombstones(
    pack: Pack, entries: list[dict[str, Any]], trusted: Trusted | None, report: Report
) -> set[str]:
    """Digests of records that were erased as they may be; each other tombstone is named."""
    registry = _Registry(pack, entries, trusted)
    erased: set[str] = set()
    doubts: Counter[str] = Counter()
    for number, entry in enumerate(entries):
        if entry["kind"] != "tombstone":
            continue
        path = f"records/{entry['path']}"
        try:
            stone = read_erasure(_logged(pack, entry))
            about = entries[stone.index] if 0 <= stone.index < number else None
            if about is None or about["record"] != stone.record:
                raise Unproven("stands for a record that the log does not list there")
            _must_be_listed(pack, stone)
            doubt = registry.approved(stone, number) or registry.doubt(number)
        except Unproven as error:
            report.wrong.append(f"{path}: the tombstone does not count: {error}")
            continue
        except BROKEN as error:
            report.wrong.append(f"{path}: no tombstone: {type(error).__name__}: {error}")
            continue
        erased.add(stone.record)
        if doubt:
            doubts[doubt] += 1
    if erased and trusted is None:
        report.unchecked.append(f"who had {len(erased)} records erased: give --trust")
    report.unchecked += [f"who had {n} records erased: {why}" for why, n in sorted(doubts.items())]
    return erased


class _Registry:
    """The approvals of a log, each judged once."""

    def __init__(self, pack: Pack, entries: list[dict[str, Any]], trusted: Trusted | None) -> None:
        self._pack, self._entries, self._trusted = pack, entries, trusted
        self._index: dict[str, int] = {}
        for number, entry in enumerate(entries):
            if entry["kind"] == "approval":
                self._index.setdefault(entry["record"], number)
        self._words: dict[str, tuple[Word, str] | Unproven] = {}

    def doubt(self, number: int) -> str:
        """What cannot be told of a record's signature, "" where it counts; else Unproven."""
        if self._trusted is None:
            return ""
        entry = self._entries[number]
        try:
            judge_record(entry, _logged(self._pack, entry), self._trusted)
        except CannotTell as error:
            return str(error)
        return ""

    def approved(self, stone: Erasure, number: int) -> str:
        """Return where two people with two keys approved the list by words logged before.

        What cannot be told of their signatures is returned; raises Unproven.
        """
        at = self._entries[number]["at"]
        words, doubts, why = [], [], []
        for digest in dict.fromkeys(stone.approvals):
            if self._index.get(digest, number) >= number:
                why.append(f"{digest} is no approval that the log lists before it")
                continue
            found = self._word(digest)
            if isinstance(found, Unproven):
                why.append(str(found))
                continue
            word, doubt = found
            about = (word.action, word.decision, word.subject)
            if about != (DISPOSAL, "approve", (DISPOSAL, stone.listed)) or word.valid_until <= at:
                why.append(f"{digest} does not approve this list then")
                continue
            words.append(word)
            doubts.append(doubt)
        count = min(len({one.identity for one in words}), len({one.key for one in words}))
        if count < NEEDED:
            raise Unproven(f"{count} of {NEEDED} approvals count; {'; '.join(why) or 'no other'}")
        return next((one for one in doubts if one), "")

    def _word(self, digest: str) -> tuple[Word, str] | Unproven:
        if digest not in self._words:
            number = self._index[digest]
            try:
                document = _logged(self._pack, self._entries[number])
                self._words[digest] = read_word(document, digest), self.doubt(number)
            except Unproven as error:
                self._words[digest] = error
            except BROKEN as error:
                self._words[digest] = Unproven(f"{digest} cannot be read: {error}")
        return self._words[digest]


def _logged(pack: Pack, entry: dict[str, Any]) -> dict[str, Any]:
    """The record of an entry, as it was logged."""
    path = f"records/{entry['path']}"
    if pack.digest(path) != entry["record"]:
        raise Unproven(f"{path} is not what was logged")
    found: dict[str, Any] = pack.json(path)
    return found


def _must_be_listed(pack: Pack, stone: Erasure) -> None:
    """Return where the record stands on the list that was approved."""
    path = f"records/blobs/sha256/{stone.listed.removeprefix('sha256:')}"
    if pack.digest(path) != stone.listed:
        raise Unproven("its list is not the one it names")
    items = {(one["index"], one["record"]) for one in pack.json(path)["dispose"]}
    if (stone.index, stone.record) not in items:
        raise Unproven("its record is not on the list that was approved")
