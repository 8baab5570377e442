"""Disposal and its tombstones, on a real log with real signatures."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from hallgate.decide.disposal import (
    erasures,
    read_list,
    still_due,
)
from hallgate.intake.logged import RecordJudge
from hallgate.intake.retention import read_holds
from hallgate.model.errors import InvalidDocument, NotProven, StorageError
from hallgate.publish.pack.build import trust_json
from hallgate.publish.pack.verifier.checks import check_records
from hallgate.publish.pack.verifier.erased import check_tombstones
from hallgate.publish.pack.verifier.state import Pack, Report
from hallgate.publish.pack.verifier.trusted import Trusted
from hallgate.record.canonical import canonical_bytes, sha256_digest
from hallgate.record.files import write_blob
from hallgate.record.log.append import append
from hallgate.record.log.audit import audit
from hallgate.record.log.entry import Record
from hallgate.record.log.tree import (
    consistency_proof,
    consistent,
    inclusion_proof,
    leaf_hash,
    root_of_inclusion,
)
from hallgate.record.tombstone import tombstone

from .archive import (
    LATE,
    MODEL,
    ORIGIN,
    SHORT,
    START,
    Archive,
    hold_file,
    listed,
    run,
    standings,
    two_words,
)


def test_disposal_erases_and_leaves_every_proof(archive: Archive) -> None:
    first = archive.decide(START, model="old")
    archive.decide(LATE - 10, model="new")
    before = archive.log()
    path, data = listed(archive)
    erased = run(archive, path, two_words(archive, data))
    log = archive.log()
    assert log.entry(first).path in erased
    assert not (archive.folder / log.entry(first).path).exists()
    # Input and waivers of the old decision went; the policies both share stayed.
    assert len(erased) == 3
    assert (archive.folder / "blobs/sha256" / sha256_digest(b"policies")[7:]).exists()
    assert log.checkpoint.size == before.checkpoint.size + 3
    judge = RecordJudge(archive.folder, archive.cast.trust, archive.schemas)
    found = audit(archive.folder, archive.trust, (), judge, LATE + 10)
    assert (found.findings, found.proven, found.erased) == ((), 5, 1)
    assert standings(archive.plan(SHORT, LATE)) == [
        "erased", "disposable", "kept", "kept", "kept",
    ]  # fmt: skip


DISPOSALS = int(os.environ.get("HALLGATE_PROOF_DISPOSALS", "1000"))

# How somebody who may decide erases a record alone: (approvals of which list, by whom, on which
# list the tombstone says it stood, what is said of it).
ALONE: dict[str, tuple[str, list[str], str, str]] = {
    "made up": ("none", [], "right", "0 of "),
    "by one person": ("right", ["compliance"], "right", "1 of "),
    "of another list": ("other", ["compliance", "privacy-officer"], "right", "0 of "),
    "on another list": ("other", ["compliance", "privacy-officer"], "other", "not on the list"),
    "on no list": ("right", ["compliance", "privacy-officer"], "missing", ""),
    "in a role that may not": ("right", ["compliance", "release-manager"], "right", "1 of "),
    "over before": ("over", ["compliance", "privacy-officer"], "right", "0 of "),
    "approved after": ("late", ["compliance", "privacy-officer"], "right", "0 of "),
}


def forged(archive: Archive, how: str) -> None:
    """Erase entry 0 with a tombstone that does not count, in one of these ways."""
    of, people, on, _ = ALONE[how]
    entry = archive.log().entry(0)
    lists = {
        name: canonical_bytes({"dispose": [{"index": 0, "record": record, "class": "short"}]})
        for name, record in (("right", entry.record), ("other", MODEL))
    }
    lists["missing"] = b"{}"
    for name in ("right", "other"):
        write_blob(archive.folder, lists[name])
    subject = ("disposal", "disposal", sha256_digest(lists["other" if of == "other" else "right"]))
    dates = {"valid_until": "2027-01-01T00:00:00Z"} if of == "over" else {}
    words = [archive.word(f"{one}.approval.json", one, subject, **dates) for one in people]
    digests = [sha256_digest(one.read_bytes()) for one in words]
    digests += [f"sha256:{number:064d}" for number in range(len(digests), 2)]
    said = tombstone(entry.path, entry.record, 0, "short", "made up", "2028-01-01T00:00:00Z",
                     sha256_digest(lists[on]), digests)  # fmt: skip
    stone = Record("tombstone", canonical_bytes(archive.cast.sign("decider", said)))
    approvals = [Record("approval", one.read_bytes()) for one in words]
    records = [stone, *approvals] if of == "late" else [*approvals, stone]
    append(archive.folder, ORIGIN, archive.trust.keys, archive.key, records, lambda: LATE)
    (archive.folder / entry.path).unlink()


def by_verify_py(archive: Archive) -> list[str]:
    """What verify.py says of the log's tombstones and its missing records."""
    pack = archive.folder.parent / "pack"
    shutil.copytree(archive.folder, pack / "records")
    entries = [json.loads(data) for _, data in archive.log().tiles.all_entries(0)]
    report = Report()
    trusted = Trusted(json.loads(json.dumps(trust_json(archive.cast.trust))))
    erased = check_tombstones(Pack(pack), entries, trusted, report)
    scope = {"model": None, "from": 0, "until": LATE}
    check_records(Pack(pack), entries, scope, erased, trusted, report)
    return report.wrong


@pytest.mark.parametrize("how", ALONE)
def test_a_tombstone_nobody_approved_is_named(archive: Archive, how: str) -> None:
    archive.decide(START)
    forged(archive, how)
    judge = RecordJudge(archive.folder, archive.cast.trust, archive.schemas)
    found = audit(archive.folder, archive.trust, (), judge, LATE + 10)
    assert found.erased == 0
    codes = {(one.code, one.index) for one in found.findings}
    assert ("missing_record", 0) in codes
    assert len(codes) >= 2
    wrong = by_verify_py(archive)
    assert any("the tombstone" in one or "no tombstone" in one for one in wrong)
    assert any("the log lists it, and it is missing here" in one for one in wrong)
    assert any(ALONE[how][3] in one for one in wrong)


def test_a_tombstone_that_counts_is_believed_by_verify_py_too(archive: Archive) -> None:
    archive.decide(START, model="old")
    archive.decide(LATE - 10, model="new")
    path, data = listed(archive)
    run(archive, path, two_words(archive, data))
    assert by_verify_py(archive) == []


def test_killed_between_tombstone_and_erasure_it_is_done_again_without_a_second_stone(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.decide(START)
    path, data = listed(archive)
    files = two_words(archive, data)

    def killed(*_: object) -> None:
        raise StorageError("killed here", remedy="again")

    with monkeypatch.context() as patch:
        patch.setattr("hallgate.record.store.folder.FolderStore.erase", killed)
        with pytest.raises(StorageError):
            run(archive, path, files)
    size = archive.log().checkpoint.size
    assert len(run(archive, path, files)) == 4
    assert archive.log().checkpoint.size == size
    assert run(archive, path, files) is not None  # and once more changes nothing
    assert archive.log().checkpoint.size == size


def test_two_people_with_two_keys_must_approve_exactly_this_list(archive: Archive) -> None:
    archive.decide(START)
    path, data = listed(archive)
    good = two_words(archive, data)
    subject = ("disposal", "disposal", sha256_digest(data))
    bad = {
        "0 of 2": [],
        "1 of 2": [good[0], good[0]],
        "1 of 2 people": [good[0], archive.word("r.approval.json", "release-manager", subject)],
        "about another text": [
            good[0],
            archive.word("o.approval.json", "privacy-officer", (*subject[:2], MODEL)),
        ],
        "rejects it": [
            *good, archive.word("n.approval.json", "model-risk", subject, decision="reject"),
        ],
    }  # fmt: skip
    for what, files in bad.items():
        with pytest.raises(NotProven, match=what):
            run(archive, path, files)
    assert archive.log().checkpoint.size == 1


def test_one_key_under_two_names_is_one_person(archive: Archive) -> None:
    archive.decide(START)
    path, data = listed(archive)
    trust = archive.cast.trust
    (shared,) = next(one for one in trust.identities if one.id == "compliance").keys
    people = tuple(
        replace(one, keys=(shared,)) if one.id == "privacy-officer" else one
        for one in trust.identities
    )
    people_cast = {**archive.cast.people, "privacy-officer": archive.cast.people["compliance"]}
    archive.cast = replace(
        archive.cast, trust=replace(trust, identities=people), people=people_cast
    )
    with pytest.raises(NotProven, match="1 of 2"):
        run(archive, path, two_words(archive, data))


def test_a_list_that_is_no_longer_right_is_refused(archive: Archive) -> None:
    archive.decide(START)
    path, data = listed(archive)
    files = two_words(archive, data)
    hold_file(archive)
    holds = read_holds(archive.folder.parent / "holds", archive.cast.trust, archive.schemas)
    with pytest.raises(NotProven, match="held by HOLD-2026-0001"):
        still_due(read_list(path)[1], archive.plan(SHORT, LATE, holds))
    path.write_bytes(data.replace(b'"index":0', b'"index":7'))
    with pytest.raises(NotProven, match="is not the record that was approved"):
        run(archive, path, files)
    for broken in (b"{}", b'{"dispose":[]}', b'{"dispose":[{"index":0}]}', b"[1]"):
        path.write_bytes(broken)
        with pytest.raises(InvalidDocument):
            read_list(path)
    assert erasures((), archive.plan(SHORT, LATE)) == ()


@pytest.mark.proof
def test_a_thousand_records_are_disposed_of_by_a_run_that_is_killed(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Half way through the erasing the process dies; done again, every proof still holds."""
    started = time.monotonic()
    with monkeypatch.context() as patch:  # setting the stage need not survive a power cut
        patch.setattr("os.fsync", lambda _: None)
        for number in range(DISPOSALS):
            archive.decide(START + number, model=f"old-{number % 50}")
        for number in range(50):
            archive.decide(LATE - 100 + number, model=f"old-{number}")
    before = archive.log()
    size = before.checkpoint.size
    kept = {
        index: (before.tiles.entry(index), inclusion_proof(before.tiles.node, index, size))
        for index in range(0, size, 7)
    }
    path, data = listed(archive)
    files = two_words(archive, data)
    erased: list[Path] = []
    unlink = Path.unlink

    def killed(self: Path, missing_ok: bool = False) -> None:
        if self.name.endswith(".record.json"):
            if len(erased) == DISPOSALS // 2:
                raise OSError(5, "killed here")
            erased.append(self)
        unlink(self, missing_ok)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", killed)
        with pytest.raises(StorageError, match="cannot erase"):
            run(archive, path, files)
    assert len(run(archive, path, files)) > DISPOSALS
    log = archive.log()
    assert log.checkpoint.size == size + DISPOSALS + 2
    judge = RecordJudge(archive.folder, archive.cast.trust, archive.schemas)
    found = audit(archive.folder, archive.trust, (), judge, LATE + 10)
    assert (found.findings, found.erased, found.proven) == ((), DISPOSALS, log.checkpoint.size)
    for index, (entry, proof) in kept.items():
        assert log.tiles.entry(index) == entry
        assert root_of_inclusion(leaf_hash(entry), index, size, proof) == before.checkpoint.root
        later = inclusion_proof(log.tiles.node, index, log.checkpoint.size)
        new = root_of_inclusion(leaf_hash(entry), index, log.checkpoint.size, later)
        assert new == log.checkpoint.root
    whole = consistency_proof(log.tiles.node, size, log.checkpoint.size)
    assert consistent(size, before.checkpoint.root, log.checkpoint.size, log.checkpoint.root, whole)
    assert by_verify_py(archive) == []
    with capsys.disabled():
        sys.stdout.write(
            f"\n{DISPOSALS:,} of {size:,} records disposed of, killed after {len(erased):,} "
            f"and done again: {found.erased:,} erased with tombstones, {found.proven:,} proven, "
            f"{2 * len(kept):,} inclusion proofs and the consistency proof hold; "
            f"{time.monotonic() - started:.0f} s\n"
        )
