from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hallgate.model.errors import (
    HallgateError,
    InvalidDocument,
    NotProven,
    StorageError,
    UsageError,
)
from hallgate.record.canonical import canonical_bytes, sha256_digest
from hallgate.record.decision_proof import read_record, verify_record
from hallgate.record.decision_record import deciding_identity, write_record
from hallgate.record.dsse import envelope_payload, sign_payload
from hallgate.record.faults import SignatureFault
from hallgate.record.files import blob_path, read_blob
from hallgate.record.keys import key_id


def written(folder: Path, house: Any, signer: str = "gate", **changes: Any) -> Path:
    return write_record(folder, house.material(**changes), house.keys[signer], signer)


def resigned(
    path: Path, house: Any, part: str, edit: Callable[[Any], object], signer: str = "gate"
) -> Path:
    """The record with one statement edited and signed again by one who may."""
    document = json.loads(path.read_bytes())
    payload = json.loads(envelope_payload(document[part]))
    edit(payload)
    document[part] = sign_payload(canonical_bytes(payload), house.keys[signer])
    path.write_bytes(canonical_bytes(document))
    return path


@pytest.mark.parametrize("signer", ["gate", "gate-p256"])
@pytest.mark.parametrize("allowed", [True, False])
def test_written_and_verified(tmp_path: Path, house: Any, signer: str, allowed: bool) -> None:
    path = written(tmp_path / "records", house, signer, allowed=allowed)
    assert path.name == f"{house.now}-credit-risk-abababababab.record.json"
    verified = verify_record(path, house.trust, house.now + 5)
    assert (verified.identity, verified.to_stage) == (signer, "production")
    assert verified.key_id == key_id(house.keys[signer])
    assert verified.claims.allowed is allowed
    assert verified.claims.decided_at == house.now
    assert verified.claims.body == house.material(allowed=allowed).decision.body
    assert verified.claims.evidence == ("sha256:" + "cd" * 32,)
    assert verified.input == house.material().input
    assert read_blob(path.parent, verified.claims.policies) == b"policies"
    assert verified.claims.waivers == sha256_digest(b"waivers")


def test_without_waivers(tmp_path: Path, house: Any) -> None:
    path = written(tmp_path, house, waivers=None)
    assert verify_record(path, house.trust, house.now).claims.waivers is None


def test_the_same_decision_is_recorded_once_and_another_beside_it(
    tmp_path: Path, house: Any
) -> None:
    first = written(tmp_path, house)
    assert written(tmp_path, house) == first
    second = written(tmp_path, house, to_stage="staging")
    assert second.name == first.name.replace(".record", "-2.record")
    assert {verify_record(one, house.trust, house.now).to_stage for one in (first, second)} == {
        "production",
        "staging",
    }


def test_every_flipped_byte_of_the_record_is_refused(tmp_path: Path, house: Any) -> None:
    path = written(tmp_path, house)
    whole = path.read_bytes()
    for index in range(len(whole)):
        for bit in (1, 0x20):
            data = bytearray(whole)
            data[index] ^= bit
            path.write_bytes(data)
            with pytest.raises(NotProven) as caught:
                verify_record(path, house.trust, house.now)
            assert caught.value.where is not None
            assert caught.value.where.file == str(path)
    path.write_bytes(whole)
    verify_record(path, house.trust, house.now)


@pytest.mark.parametrize("blob", ["input", "policies", "waivers"])
def test_a_flipped_byte_of_a_blob_is_refused(tmp_path: Path, house: Any, blob: str) -> None:
    path = written(tmp_path, house)
    target = blob_path(tmp_path, getattr(read_record(path).claims, blob))
    whole = target.read_bytes()
    for index in range(len(whole)):
        data = bytearray(whole)
        data[index] ^= 1
        target.write_bytes(data)
        with pytest.raises(NotProven, match="altered") as caught:
            verify_record(path, house.trust, house.now)
        assert caught.value.where is not None
        assert caught.value.where.file == str(target)
    target.unlink()
    with pytest.raises(NotProven, match="missing"):
        verify_record(path, house.trust, house.now)


def test_whitespace_and_further_signatures_are_refused(tmp_path: Path, house: Any) -> None:
    path = written(tmp_path, house)
    whole = path.read_bytes()
    path.write_bytes(whole + b"\n")
    with pytest.raises(NotProven, match="canonical"):
        verify_record(path, house.trust, house.now)
    document = json.loads(whole)
    for edit in ({"keyid": ""}, {"keyid": key_id(house.keys["scanner"])}):
        edited = json.loads(whole)
        edited["vsa"]["signatures"][0].update(edit)
        path.write_bytes(canonical_bytes(edited))
        with pytest.raises(NotProven, match="VSA: not exactly one signature"):
            verify_record(path, house.trust, house.now)
    document["decision"]["signatures"] *= 2
    path.write_bytes(canonical_bytes(document))
    with pytest.raises(NotProven, match="decision: not exactly one signature"):
        verify_record(path, house.trust, house.now)


def test_no_record(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such record"):
        read_record(tmp_path / "none")
    for text in ("", "[]", "{}", '{"decision":{},"vsa":{}}', '{"decision":1,"vsa":1}', "\0"):
        (tmp_path / "r").write_text(text, encoding="ascii")
        with pytest.raises(NotProven):
            read_record(tmp_path / "r")
    with pytest.raises(StorageError):
        read_record(tmp_path)


@pytest.mark.parametrize(("signer", "fault"), [("stranger", "unknown_signer"), ("gate", "revoked")])
def test_signatures_that_do_not_count(tmp_path: Path, house: Any, signer: str, fault: str) -> None:
    path = write_record(tmp_path, house.material(), house.keys[signer], "gate")
    with pytest.raises(SignatureFault, match="decision: ") as caught:
        verify_record(path, house.with_key("gate", compromised=True), house.now)
    assert caught.value.fault == fault
    assert caught.value.where is not None


@pytest.mark.parametrize("signer", ["scanner", "retired"])
def test_only_roles_that_decide_then_count(tmp_path: Path, house: Any, signer: str) -> None:
    path = written(tmp_path, house, signer)
    with pytest.raises(NotProven, match="held no role that decides"):
        verify_record(path, house.trust, house.now)


def test_a_role_held_at_the_time_still_counts(tmp_path: Path, house: Any) -> None:
    path = written(tmp_path, house, "retired", at=house.now - 11)
    assert verify_record(path, house.trust, house.now).identity == "retired"


def test_a_decision_from_the_future_is_refused(tmp_path: Path, house: Any) -> None:
    path = written(tmp_path, house)
    with pytest.raises(NotProven, match="future"):
        verify_record(path, house.trust, house.now - 1)


def test_a_key_revoked_since_still_proves_old_records(tmp_path: Path, house: Any) -> None:
    path = written(tmp_path, house)
    verify_record(path, house.with_key("gate", revoked_at=house.now + 1), house.now + 9)


@pytest.mark.parametrize(
    ("part", "edit", "says"),
    [
        ("vsa", lambda s: s["predicate"].update(verificationResult="FAILED"), "verificationRes"),
        ("vsa", lambda s: s["predicate"].update(timeVerified="2020-01-01T00:00:00Z"), "timeVer"),
        ("vsa", lambda s: s["predicate"].update(inputAttestations=[]), "inputAttestations"),
        ("vsa", lambda s: s["predicate"]["verifier"].update(id="urn:x"), "verifier"),
        ("vsa", lambda s: s["subject"][0].update(name="other"), "different models"),
        ("vsa", lambda s: s["subject"][0]["digest"].update(sha256="ef" * 32), "different models"),
        ("vsa", lambda s: s.update(predicateType="urn:x"), "predicateType"),
        ("decision", lambda s: s["predicate"]["body"].update(allowed=False), "verificationResult"),
        ("decision", lambda s: s["predicate"].update(mode="advise"), "mode"),
        ("decision", lambda s: s["predicate"].update(evidence=[]), "different evidence"),
        ("decision", lambda s: s["predicate"].update(waivers=None), "waivers"),
        ("decision", lambda s: s["predicate"].update(policies="sha256:" + "0" * 64), "missing"),
        ("decision", lambda s: s["subject"][0].update(name="other"), "different models"),
        ("decision", lambda s: s.update(predicateType="urn:x"), "predicateType"),
        ("decision", lambda s: s["predicate"].update(extra=1), "nothing else"),
        ("decision", lambda s: s["predicate"].update(mode="No Mode"), "mode"),
        ("decision", lambda s: s["predicate"].update(input="x"), "input is no digest"),
        ("decision", lambda s: s["predicate"].update(engine={"name": "opa"}), "engine"),
        ("decision", lambda s: s["predicate"]["engine"].update(version=""), "engine"),
        ("decision", lambda s: s["predicate"]["evidence"].append(s["predicate"]["input"]), "sort"),
        ("decision", lambda s: s["predicate"].update(evidence="x"), "evidence"),
        ("decision", lambda s: s["predicate"]["body"].update(tier=["low"]), "tier"),
        ("decision", lambda s: s["predicate"]["body"].update(allowed=1), "allowed"),
        ("decision", lambda s: s["predicate"]["body"].update(decided_at=True), "decided_at"),
        ("decision", lambda s: s["predicate"]["body"].update(decided_at=10**15), "decided_at"),
        ("decision", lambda s: s["predicate"]["body"].update(verdicts=[]), "verdict"),
        (
            "decision",
            lambda s: s["predicate"]["body"]["verdicts"][0].update(outcome="fail"),
            "verdict blocks",
        ),
        (
            "decision",
            lambda s: s["predicate"]["body"]["verdicts"][0].update(outcome=["pass"]),
            "verdict blocks",
        ),
    ],
)
def test_parts_that_disagree_are_refused_though_signed(
    tmp_path: Path, house: Any, part: str, edit: Callable[[Any], object], says: str
) -> None:
    path = resigned(written(tmp_path, house), house, part, edit)
    with pytest.raises(NotProven, match=says):
        verify_record(path, house.trust, house.now)


def test_a_decision_about_another_model_than_its_input_is_refused(
    tmp_path: Path, house: Any
) -> None:
    path = written(tmp_path, house)
    for part in ("decision", "vsa"):
        resigned(path, house, part, lambda s: s["subject"][0]["digest"].update(sha256="ef" * 32))
    with pytest.raises(NotProven, match="decision and input document are about different models"):
        verify_record(path, house.trust, house.now)


def test_a_summary_beside_another_decision_is_refused(tmp_path: Path, house: Any) -> None:
    allowed = json.loads(written(tmp_path, house).read_bytes())
    path = written(tmp_path, house, allowed=False, at=house.now + 1)
    denied = json.loads(path.read_bytes())
    path.write_bytes(canonical_bytes({**denied, "vsa": allowed["vsa"]}))
    with pytest.raises(NotProven, match="disagree on timeVerified, verificationResult"):
        verify_record(path, house.trust, house.now + 9)


def test_the_verifiers_id_belongs_to_the_signer(tmp_path: Path, house: Any) -> None:
    path = write_record(tmp_path, house.material(), house.keys["gate"], "gate-p256")
    with pytest.raises(NotProven, match="disagree on verifier"):
        verify_record(path, house.trust, house.now)


@pytest.mark.parametrize(
    "change",
    [
        {"input": {}},
        {"input": {"request": {"model": {"name": "m"}, "to_stage": "x"}}},
        {"mode": "No Mode"},
        {"engine": ("", "1")},
    ],
)
def test_contradictory_material_leaves_nothing(
    tmp_path: Path, house: Any, change: dict[str, Any]
) -> None:
    with pytest.raises(InvalidDocument):
        write_record(
            tmp_path / "r", replace(house.material(), **change), house.keys["gate"], "gate"
        )
    assert not (tmp_path / "r").exists()


def test_a_decision_unlike_its_body_is_not_recorded(tmp_path: Path, house: Any) -> None:
    material = house.material(allowed=False)
    lying = replace(material, decision=replace(material.decision, allowed=True))
    with pytest.raises(InvalidDocument, match="differs from its body"):
        write_record(tmp_path, lying, house.keys["gate"], "gate")


def test_who_may_decide(house: Any) -> None:
    assert deciding_identity(house.trust, house.keys["gate-p256"], house.now) == "gate-p256"
    for name in ("scanner", "retired", "stranger"):
        with pytest.raises(UsageError):
            deciding_identity(house.trust, house.keys[name], house.now)
    with pytest.raises(UsageError):
        deciding_identity(
            house.with_key("gate", revoked_at=house.now), house.keys["gate"], house.now
        )


def test_a_damaged_blob_stops_the_record(tmp_path: Path, house: Any) -> None:
    path = written(tmp_path, house)
    blob_path(tmp_path, sha256_digest(b"policies")).write_bytes(b"other")
    with pytest.raises(StorageError):
        written(tmp_path, house, at=house.now + 1)
    assert [one for one in tmp_path.iterdir() if one.is_file()] == [path]


def test_every_error_carries_a_remedy(tmp_path: Path, house: Any) -> None:
    path = written(tmp_path, house)
    path.write_bytes(b"{}")
    with pytest.raises(HallgateError) as caught:
        verify_record(path, house.trust, house.now)
    assert caught.value.remedy
    assert caught.value.exit_code == 1
