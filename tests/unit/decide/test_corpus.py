"""Archived decisions as cases: each proven, and those of one input read and decided once."""

import json
from dataclasses import replace

import pytest

from hallgate.decide.corpus import read_archive
from hallgate.model.decision import Decision
from hallgate.model.trust import Builder, Identity, Key, Role, RoleHeld, Trust
from hallgate.model.values import Tier
from hallgate.record.canonical import canonical_bytes, sha256_digest
from hallgate.record.decision_record import Material, write_record
from hallgate.record.files import blob_path
from hallgate.record.keys import generate_key, public_pem

NOW = 1_790_000_000
GATE = generate_key()
HELD = (RoleHeld("gate", 0, None),)
IDENTITY = Identity(
    "gate", "machine", "G", (), HELD, (Key(public_pem(GATE), 0, None, None, False),)
)
TRUST = Trust((IDENTITY,), (Role("gate", "G", (), (), True, (), None),), (), ())


def document(letter):
    model = {"name": "m", "digest": f"sha256:{letter * 64}"}
    return {
        "request": {"model": model, "to_stage": "production"},
        "evidence": {"model_card": [{"digest": "sha256:" + "c" * 64, "signer": None}]},
        "rejected": [],
        "trust": {"builders": [], "model_signers": [], "base_models": []},
    }


def record(folder, letter, at):
    body = {"allowed": False, "decided_at": at, "tier": "low", "verdicts": []}
    decision = Decision(False, at, Tier.LOW, (), body)
    material = Material(decision, document(letter), b"policies", None, ("opa", "1.22.0"))
    return write_record(folder, material, GATE, "gate")


@pytest.fixture
def folder(tmp_path):
    for letter, at in (("a", NOW), ("a", NOW + 1), ("b", NOW), ("a", NOW + 2)):
        record(tmp_path, letter, at)
    return tmp_path


def read(folder, new=TRUST):
    return read_archive(folder, TRUST, new, NOW + 9, lambda _: None)


def by_digest(archive):
    found = {}
    for one in archive.cases:
        found.setdefault(one.old["request"]["model"]["digest"][7], []).append(one)
    return found


def test_records_of_one_input_share_it_and_keep_their_times(folder):
    archive = read(folder)
    assert archive.left_out == ()
    cases = by_digest(archive)
    assert {letter: [one.time for one in some] for letter, some in cases.items()} == {
        "a": [NOW, NOW + 1, NOW + 2], "b": [NOW],
    }  # fmt: skip
    assert len({id(one.old) for one in archive.cases}) == 2
    assert all(one.old is one.new for one in archive.cases)
    assert cases["a"][0].old == document("a")


def test_under_another_trust_as_well(folder):
    archive = read(folder, replace(TRUST, builders=(Builder("b", 3),)))
    cases = by_digest(archive)
    assert len({id(one.new) for one in cases["a"]}) == 1
    assert cases["a"][0].new["trust"]["builders"] == [{"id": "b", "level": 3}]
    assert cases["a"][0].old["trust"]["builders"] == []
    assert cases["a"][0].new is not cases["b"][0].new


def test_an_altered_input_or_bundle_is_found_however_many_share_it(folder):
    for data, hurt in ((canonical_bytes(document("a")), 3), (b"policies", 4)):
        path = blob_path(folder, sha256_digest(data))
        path.write_bytes(data + b" ")
        archive = read(folder)
        assert (len(archive.left_out), len(archive.cases)) == (hurt, 4 - hurt)
        assert {one.what for one in archive.left_out} == {
            "the blob was altered: its bytes do not match its digest"
        }
        path.write_bytes(data)


def test_every_signature_is_verified_whatever_of_its_input_is_known(folder):
    first, *_, last = sorted(folder.glob("*.record.json"))
    assert read(folder).left_out == ()
    said = json.loads(last.read_bytes())
    said["decision"]["signatures"] = json.loads(first.read_bytes())["decision"]["signatures"]
    last.write_bytes(canonical_bytes(said))
    (fault,) = read(folder).left_out
    assert fault.where.file == last.name
