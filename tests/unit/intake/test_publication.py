"""First publication in the log is the time that counts; a log that does not hold stops all."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hallgate.intake.approvals import NotCounted, parse_approval, prove
from hallgate.intake.exceptions import canonical_digest
from hallgate.intake.history import History
from hallgate.intake.log_trust import read_log_trust
from hallgate.intake.publication import logged_times
from hallgate.intake.repository import Repository
from hallgate.intake.schema import Schemas
from hallgate.intake.waivers import WaiverSet, load_waivers
from hallgate.model.documents import Approval
from hallgate.model.errors import InvalidDocument, NotProven, UsageError
from hallgate.model.trust import Key, Trust
from hallgate.record.canonical import sha256_digest
from hallgate.record.keys import generate_key, public_pem
from hallgate.record.log.anchors import keep_anchor
from hallgate.record.log.append import append
from hallgate.record.log.entry import Record
from hallgate.record.log.folder import create_log, open_log

NOW = 1_790_000_000
SIGNED = 1_789_041_600  # when the office's approvals say they were signed
NAME = "EXC-2026-0007.head-of-model-risk.approval.json"
ORIGIN = "example.org/promotions"


class House:
    """A repository with a log."""

    def __init__(self, root: Path, schemas: Schemas) -> None:
        self.repository, self.schemas, self.key = Repository(root), schemas, generate_key()
        self.folder = root / "records"
        self.keys = [Key(public_pem(self.key), 0, None, None, False)]
        create_log(self.folder, ORIGIN, self.key)  # type: ignore[arg-type]
        self.say()

    def say(self, **changes: Any) -> None:
        key = {
            "public": public_pem(self.key), "valid_from": "2020-01-01T00:00:00Z",
            "valid_until": None, "revoked_at": None, "compromised": False, **changes,
        }  # fmt: skip
        said = {"origin": ORIGIN, "folder": "records", "keys": [key], "authorities": []}
        self.repository.trust.mkdir(exist_ok=True)
        self.repository.log_file.write_text(json.dumps(said))

    def publish(self, data: bytes, at: int) -> None:
        record = [Record("approval", data)]
        append(self.folder, ORIGIN, self.keys, self.key, record, lambda: at)  # type: ignore[arg-type]

    def times(self) -> Any:
        return logged_times(self.repository, self.schemas)

    def keep(self) -> None:
        log = open_log(self.folder, ORIGIN, self.keys)
        keep_anchor(self.repository.checkpoints, log.checkpoint.size, log.note)


@pytest.fixture
def house(tmp_path: Path, schemas: Schemas) -> House:
    return House(tmp_path, schemas)


def test_without_trust_log_there_is_no_log(tmp_path: Path, schemas: Schemas) -> None:
    assert logged_times(Repository(tmp_path), schemas) is None


def test_the_first_publication_counts(house: House) -> None:
    house.publish(b"one", NOW)
    house.publish(b"two", NOW + 5)
    house.publish(b"one", NOW + 9)
    house.keep()
    assert house.times() == {sha256_digest(b"one"): NOW, sha256_digest(b"two"): NOW + 5}


def test_a_log_that_does_not_hold_stops_everything(house: House, tmp_path: Path) -> None:
    house.publish(b"one", NOW)
    shutil.copytree(house.folder, tmp_path / "early")
    house.publish(b"two", NOW + 5)
    house.keep()
    whole = tmp_path / "whole"
    shutil.copytree(house.folder, whole)

    shutil.rmtree(house.folder)
    with pytest.raises(UsageError, match="no log here"):
        house.times()
    shutil.copytree(tmp_path / "early", house.folder)
    with pytest.raises(NotProven, match="had 2 entries and was cut"):
        house.times()
    house.publish(b"three", NOW + 6)
    with pytest.raises(NotProven, match="first 2 entries of the log are not those signed"):
        house.times()
    shutil.rmtree(house.folder)
    shutil.copytree(whole, house.folder)
    path = house.folder / "tile/entries/000.p/2"
    path.write_bytes(path.read_bytes().replace(b"1790000000", b"1780000000"))
    with pytest.raises(NotProven, match="are not those signed"):
        house.times()


def test_a_log_signed_by_a_key_that_was_revoked_stops_everything(house: House) -> None:
    house.publish(b"one", NOW)
    assert house.times()
    house.say(revoked_at="2020-02-01T00:00:00Z")
    with pytest.raises(NotProven, match="does not count any more"):
        house.times()


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"public": "no key"}, "not a public key"),
        ({"public": public_pem(generate_key("p256"))}, "not Ed25519"),
        ({"valid_from": "soon"}, "RFC 3339"),
        ({"more": 1}, "more"),
    ],
)
def test_a_wrong_log_file_is_named(house: House, change: dict[str, Any], what: str) -> None:
    house.say(**change)
    with pytest.raises(InvalidDocument, match=what) as error:
        read_log_trust(house.repository.log_file, house.schemas)
    assert str(house.repository.log_file) in str(error.value)


@pytest.mark.parametrize(
    ("at", "counts", "why"),
    [
        (SIGNED, True, ""),
        (SIGNED + 10**6, True, ""),
        (SIGNED - 301, False, "signed after it was logged"),
        (None, False, "is not in the log"),
    ],
)
def test_the_log_decides_whether_an_approval_counts(
    tmp_path: Path, trust: Trust, schemas: Schemas, office: Any, waiver: dict[str, Any],
    at: int | None, counts: bool, why: str,
) -> None:  # fmt: skip
    folder = tmp_path / "fairness"
    folder.mkdir()
    (folder / "EXC-2026-0007.yaml").write_text(json.dumps(waiver))
    word = office.approve(waiver["id"], canonical_digest(waiver), "waiver")
    (folder / NAME).write_bytes(word)
    logged = {} if at is None else {sha256_digest(word): at}
    # The merge says it counts; with a log, nobody asks it.
    history = History("c0ffee", None, frozenset(), {}, {f"fairness/{NAME}": SIGNED}, logged)
    found: WaiverSet = load_waivers(
        tmp_path, trust, schemas, history=history, live={"FAIR-001"}, at=NOW
    )
    assert [one.published_at for one in found.waivers[0].approvals] == [at] * counts
    assert all(why in fault.what for fault in found.not_counted)
    assert len(found.not_counted) == (not counts)


@pytest.mark.parametrize(("left", "counts"), [(SIGNED + 10, False), (SIGNED + 11, True)])
def test_the_role_must_be_held_at_publication_too(
    trust: Trust, schemas: Schemas, office: Any, waiver: dict[str, Any], left: int, counts: bool
) -> None:
    """Who held it once could back-date a word; the key alone does not show that."""
    data = office.approve(waiver["id"], canonical_digest(waiver), "waiver")
    word = parse_approval(data, NAME, schemas)
    people = tuple(
        replace(one, roles=tuple(replace(held, until=left) for held in one.roles))
        for one in trust.identities
    )
    (said,) = prove((word,), replace(trust, identities=people), published={NAME: SIGNED + 10})
    assert isinstance(said, Approval) is counts
    if isinstance(said, NotCounted):
        assert said.fault == "wrong_role"
        assert "no longer held the role" in said.what
