"""Each thing that can be done to a log has a name, and the rest stays proven."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hallgate.intake.logged import record_of
from hallgate.model.errors import NotProven, UsageError
from hallgate.record.decision_record import write_record
from hallgate.record.keys import generate_key, public_pem
from hallgate.record.log.anchors import Anchor, keep_anchor, read_anchors
from hallgate.record.log.append import append
from hallgate.record.log.audit import Audit
from hallgate.record.log.entry import Entry, Record
from hallgate.record.log.extend import extend
from hallgate.record.log.note import Checkpoint, sign_checkpoint
from hallgate.record.log.tiles import pack_entries, unpack_entries

from .conftest import ORIGIN, Ledger, log_trust

Codes = Callable[[Audit], set[tuple[str, int | None]]]


def bundle(ledger: Ledger) -> Path:
    return ledger.folder / "tile/entries/000.p/5"


def entries(ledger: Ledger) -> list[bytes]:
    return list(unpack_entries(bundle(ledger).read_bytes(), ledger.log().where))


def anchor(ledger: Ledger) -> Anchor:
    log = ledger.log()
    return Anchor(f"{log.checkpoint.size:012d}.checkpoint", log.note)


def test_an_untouched_log_is_clean(ledger: Ledger) -> None:
    found = ledger.audit([anchor(ledger)])
    assert (found.findings, found.proven, found.size) == ((), 5, 5)


@pytest.mark.parametrize("place", ["start", "middle", "end"])
def test_an_altered_byte_of_a_record_is_named(ledger: Ledger, codes: Codes, place: str) -> None:
    path = ledger.folder / ledger.log().entry(2).path
    data = bytearray(path.read_bytes())
    at = {"start": 0, "middle": len(data) // 2, "end": len(data) - 1}[place]
    data[at] ^= 1
    path.write_bytes(data)
    found = ledger.audit()
    assert codes(found) == {("altered_record", 2)}
    assert found.proven == 4
    assert str(path) in str(found.findings[0])


@pytest.mark.parametrize("how", ["another time", "another model", "another digest", "a number"])
def test_a_record_logged_under_another_name_is_named(
    ledger: Ledger, codes: Codes, how: str
) -> None:
    """By its name a pack tells whether a decision is in its scope: a false one would hide it."""
    at = ledger.house.now + 100
    material = ledger.house.material(at=at)
    path = write_record(ledger.folder, material, ledger.house.keys["gate"], "gate")
    stem = path.name.removesuffix(".record.json")
    name = {
        "another time": "1" + stem,
        "another model": stem.replace("-", "-other-", 1),
        "another digest": stem[:-1] + ("0" if stem[-1] != "0" else "1"),
        "a number": f"{stem}-2",
    }[how]
    named = path.rename(path.with_name(f"{name}.record.json"))
    (placed,) = append(
        ledger.folder, ORIGIN, ledger.trust.keys, ledger.key,
        [record_of(named, named.read_bytes())], lambda: at,
    )  # fmt: skip
    expected = set() if how == "a number" else {("malformed", placed.index)}
    assert codes(ledger.audit()) == expected


def test_a_missing_record_is_named(ledger: Ledger, codes: Codes) -> None:
    (ledger.folder / ledger.log().entry(1).path).unlink()
    found = ledger.audit()
    assert codes(found) == {("missing_record", 1)}
    assert found.proven == 4


def test_an_altered_entry_is_named(ledger: Ledger, codes: Codes) -> None:
    changed = entries(ledger)
    changed[3] = changed[3].replace(b'"at":1', b'"at":2')
    bundle(ledger).write_bytes(pack_entries(changed))
    found = ledger.audit()
    assert codes(found) == {("altered_entry", 3)}
    assert found.proven == 4


def test_reordered_entries_are_named(ledger: Ledger, codes: Codes) -> None:
    changed = entries(ledger)
    changed[1], changed[3] = changed[3], changed[1]
    bundle(ledger).write_bytes(pack_entries(changed))
    found = ledger.audit()
    assert codes(found) == {("reordered", 1), ("reordered", 3)}
    assert found.proven == 3


def test_a_truncated_bundle_is_named(ledger: Ledger, codes: Codes) -> None:
    bundle(ledger).write_bytes(bundle(ledger).read_bytes()[:-1])
    found = ledger.audit()
    assert codes(found) == {("truncated", None)}
    assert found.proven == 0


def test_an_altered_tile_is_named_and_the_entries_stay_proven(ledger: Ledger, codes: Codes) -> None:
    path = ledger.folder / "tile/0/000.p/5"
    data = bytearray(path.read_bytes())
    data[40] ^= 1
    path.write_bytes(data)
    found = ledger.audit()
    assert codes(found) == {("altered_tile", None)}
    assert found.proven == 5


def test_a_rewritten_checkpoint_is_named_and_a_kept_one_takes_its_place(
    ledger: Ledger, codes: Codes
) -> None:
    kept = anchor(ledger)
    path = ledger.folder / "checkpoint"
    path.write_bytes(path.read_bytes().replace(b"\n5\n", b"\n4\n"))
    found = ledger.audit([kept])
    assert codes(found) == {("rewritten_checkpoint", None)}
    assert found.proven == 5
    nothing = ledger.audit()
    assert (codes(nothing), nothing.size) == ({("rewritten_checkpoint", None)}, None)


def test_a_cut_log_is_named_by_a_kept_checkpoint(
    empty: Ledger, codes: Codes, tmp_path: Path
) -> None:
    empty.decide(0)
    shorter = empty.copy(tmp_path / "shorter")
    empty.decide(1)
    found = shorter.audit([anchor(empty)])
    assert codes(found) == {("truncated", None)}
    assert found.proven == 1


def test_a_fork_is_named_by_a_kept_checkpoint(ledger: Ledger, codes: Codes, tmp_path: Path) -> None:
    other = ledger.copy(tmp_path / "other")
    ledger.decide(10)
    other.decide(11)
    found = other.audit([anchor(ledger)])
    assert codes(found) == {("forked", None)}
    assert found.proven == 6
    other.decide(12)
    assert codes(other.audit([anchor(ledger)])) == {("forked", None)}


def test_rewritten_history_is_named_and_its_beginning_stays_proven(
    ledger: Ledger, codes: Codes
) -> None:
    """Whoever holds no key of the log rewrites entries and tiles alike."""
    kept = anchor(ledger)
    ledger.decide(20)
    forged = pack_entries([*entries(ledger), b"forged"])
    for path, data in (("tile/entries/000.p/6", forged), ("tile/0/000.p/6", b"f" * 192)):
        (ledger.folder / path).write_bytes(data)
    found = ledger.audit([kept])
    assert ("altered_entry", None) in codes(found)
    assert found.proven == 5


def forge(ledger: Ledger, entry: Entry) -> None:
    """Append an entry as only the holder of the log's key can, past all checks."""
    extend(ledger.log(), [entry.data()], ledger.key)


def test_a_replayed_record_is_named(ledger: Ledger, codes: Codes) -> None:
    again = ledger.log().entry(2)
    forge(ledger, Entry(again.at + 500, again.kind, again.path, again.record, again.size))
    found = ledger.audit()
    assert codes(found) == {("replayed", 5)}


def test_the_log_takes_no_record_twice(ledger: Ledger) -> None:
    path = ledger.folder / ledger.log().entry(2).path
    (placed,) = append(
        ledger.folder, ORIGIN, ledger.trust.keys, ledger.key,
        [record_of(path, path.read_bytes())], lambda: ledger.house.now + 99,
    )  # fmt: skip
    assert (placed.index, placed.fresh, ledger.log().checkpoint.size) == (2, False, 5)


def test_a_back_dated_record_is_named(ledger: Ledger, codes: Codes) -> None:
    ledger.decide(6, late=90_000)
    found = audit_late(ledger)
    assert codes(found) == {("back_dated", 5)}


def audit_late(ledger: Ledger) -> Audit:
    from hallgate.intake.logged import RecordJudge
    from hallgate.record.log.audit import audit

    judge = RecordJudge(ledger.folder, ledger.house.trust, ledger.schemas)
    return audit(ledger.folder, ledger.trust, (), judge, ledger.house.now + 100_000)


def test_clocks_that_jump_are_refused_and_named(ledger: Ledger, codes: Codes) -> None:
    with pytest.raises(NotProven, match="clock is 4005 s behind"):
        append(
            ledger.folder, ORIGIN, ledger.trust.keys, ledger.key,
            [Record("evidence", b"{}")], lambda: ledger.house.now - 4000,
        )  # fmt: skip
    with pytest.raises(NotProven, match="4000 s from now"):
        append(
            ledger.folder, ORIGIN, ledger.trust.keys, ledger.key,
            [Record("evidence", b"{}", None, ledger.house.now + 4100)],
            lambda: ledger.house.now + 100,
        )  # fmt: skip
    last = ledger.log().entry(4)
    forge(
        ledger, Entry(last.at - 1, "evidence", "blobs/sha256/" + "0" * 64, "sha256:" + "0" * 64, 1)
    )
    far = last.at + 10**6
    forge(ledger, Entry(far, "evidence", "blobs/sha256/" + "1" * 64, "sha256:" + "1" * 64, 1))
    assert {("clock_jump", 5)} <= codes(ledger.audit())


def test_an_entry_from_the_future_is_named(ledger: Ledger, codes: Codes, house: Any) -> None:
    path = write_record(
        ledger.folder, house.material(at=house.now + 10**6), house.keys["gate"], "gate"
    )
    entry = record_of(path, path.read_bytes()).entry(house.now + 10**6)
    forge(ledger, entry)
    assert codes(ledger.audit()) == {("from_the_future", 5)}


def test_a_key_used_after_its_revocation_is_named(ledger: Ledger, codes: Codes) -> None:
    revoked = ledger.house.with_key("gate", revoked_at=ledger.house.now + 3)
    assert codes(ledger.audit(trust=revoked)) == {("revoked", 2), ("revoked", 3), ("revoked", 4)}
    stopped = log_trust(ledger.key, revoked_at=ledger.house.now + 3)
    assert codes(ledger.audit(log=stopped)) == {("revoked", None)}
    with pytest.raises(UsageError, match="revoked"):
        append(
            ledger.folder, ORIGIN, stopped.keys, ledger.key,
            [Record("evidence", b"{}")], lambda: ledger.house.now + 50,
        )  # fmt: skip


def test_a_record_by_a_stranger_is_named(ledger: Ledger, codes: Codes, house: Any) -> None:
    path = write_record(
        ledger.folder, house.material(at=house.now + 30), house.keys["stranger"], "gate"
    )
    forge(ledger, record_of(path, path.read_bytes()).entry(house.now + 31))
    assert codes(ledger.audit()) == {("unknown_signer", 5)}


def test_a_missing_payload_of_a_decision_is_named(ledger: Ledger) -> None:
    for blob in (ledger.folder / "blobs/sha256").iterdir():
        blob.unlink()
    found = ledger.audit()
    assert {one.index for one in found.findings} == {0, 1, 2, 3, 4}
    assert all("blob is missing" in one.fault.what for one in found.findings)


def test_a_checkpoint_of_another_key_is_refused(ledger: Ledger, codes: Codes) -> None:
    log = ledger.log()
    note = sign_checkpoint(Checkpoint(ORIGIN, 5, b"x" * 32), generate_key())  # type: ignore[arg-type]
    found = ledger.audit([Anchor("kept", note)])
    assert codes(found) == {("rewritten_checkpoint", None)}
    assert base64.b64encode(log.checkpoint.root).decode() in log.note.decode()
    assert public_pem(ledger.key).startswith("-----BEGIN PUBLIC KEY")


def test_a_second_checkpoint_of_one_size_is_kept_beside_the_first(
    ledger: Ledger, tmp_path: Path, codes: Codes
) -> None:
    folder = tmp_path / "checkpoints"
    first = keep_anchor(folder, 5, ledger.log().note)
    assert keep_anchor(folder, 5, ledger.log().note) == first
    other = sign_checkpoint(Checkpoint(ORIGIN, 5, b"x" * 32), ledger.key)
    assert keep_anchor(folder, 5, other) != first
    assert codes(ledger.audit(read_anchors(folder))) == {("forked", None)}
