from __future__ import annotations

import base64
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hallgate.model.errors import InvalidDocument, NotProven, StorageError, UsageError
from hallgate.record.canonical import canonical_bytes
from hallgate.record.decision_proof import VerifiedRecord, read_record
from hallgate.record.decision_record import write_record
from hallgate.record.files import blob_path
from hallgate.record.promotions import verify_subject

OTHER = "sha256:" + "ef" * 32


@pytest.fixture
def records(tmp_path: Path) -> Path:
    return tmp_path / "records"


def written(folder: Path, house: Any, signer: str = "gate", **changes: Any) -> Path:
    return write_record(folder, house.material(**changes), house.keys[signer], signer)


def asked(folder: Path, house: Any, **changes: Any) -> VerifiedRecord:
    options: dict[str, Any] = {"max_age": None, "model": None, **changes}
    digest = options.pop("digest", house.digest)
    stage = options.pop("to_stage", "production")
    trust = options.pop("trust", house.trust)
    return verify_subject(folder, trust, digest, stage, house.now + 1000, **options)


def blocked(folder: Path, house: Any, says: str, **changes: Any) -> NotProven:
    with pytest.raises(NotProven, match=says) as caught:
        asked(folder, house, **changes)
    assert caught.value.remedy
    return caught.value


def test_an_allowed_promotion(records: Path, house: Any) -> None:
    path = written(records, house)
    found = asked(records, house)
    assert found.path == path
    assert found.unreadable == ()


def _in_emergency(house: Any, mark: Any) -> Any:
    material = house.material()
    verdict = {**material.decision.body["verdicts"][0], "outcome": "overridden", "override": mark}
    body = {**material.decision.body, "verdicts": [verdict]}
    return replace(material, decision=replace(material.decision, body=body))


@pytest.mark.parametrize(("seconds", "holds"), [(1001, True), (1000, False)])
def test_an_emergency_ends_with_its_override(
    records: Path, house: Any, seconds: int, holds: bool
) -> None:
    mark = {"id": "OVR-2026-0001", "owner": "o", "expires": house.now + seconds, "review_by": 1}
    write_record(records, _in_emergency(house, mark), house.keys["gate"], "gate")
    if holds:
        assert asked(records, house).claims.allowed
    else:
        blocked(records, house, "emergency override that has ended")


@pytest.mark.parametrize("mark", [None, {}, {"expires": "never"}])
def test_an_emergency_without_its_end_permits_nothing(records: Path, house: Any, mark: Any) -> None:
    with pytest.raises(InvalidDocument, match="although a verdict blocks"):
        write_record(records, _in_emergency(house, mark), house.keys["gate"], "gate")


def test_a_denial_blocks(records: Path, house: Any) -> None:
    written(records, house, allowed=False)
    blocked(records, house, "denial")


def test_the_newest_decision_counts(records: Path, house: Any) -> None:
    written(records, house)
    denial = written(records, house, allowed=False, at=house.now + 1)
    assert str(blocked(records, house, "denial").where) == str(denial)
    written(records, house, at=house.now + 2)
    asked(records, house)


def test_of_one_second_the_denial_counts(records: Path, house: Any) -> None:
    written(records, house)
    written(records, house, allowed=False)
    blocked(records, house, "denial")


def test_absence_blocks(records: Path, house: Any) -> None:
    records.mkdir()
    blocked(records, house, "no decision about")
    written(records, house)
    blocked(records, house, "no decision about", digest=OTHER)
    blocked(records, house, "credit-risk to production", to_stage="staging")
    blocked(records, house, "no decision about", model="other-model")


def test_a_wrong_folder_is_no_denial(tmp_path: Path, house: Any) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        asked(tmp_path / "none", house)
    with pytest.raises(UsageError, match="no digest"):
        asked(tmp_path, house, digest="abc")


def test_other_stages_and_artifacts_do_not_matter(records: Path, house: Any) -> None:
    written(records, house)
    written(records, house, allowed=False, at=house.now + 1, to_stage="staging")
    written(records, house, allowed=False, at=house.now + 1, digest=OTHER)
    asked(records, house)
    blocked(records, house, "denial", to_stage="staging")


def test_going_back_needs_the_old_record_alone(records: Path, house: Any) -> None:
    written(records, house, at=house.now - 900)
    written(records, house, at=house.now, digest=OTHER)
    assert asked(records, house).claims.decided_at == house.now - 900


def test_age_matters_only_when_asked(records: Path, house: Any) -> None:
    written(records, house)
    asked(records, house, max_age=1000)
    blocked(records, house, "1000 s old, more than 999 s", max_age=999)


@pytest.mark.parametrize("signer", ["stranger", "scanner", "retired"])
def test_a_foreign_decision_blocks_even_beside_a_good_one(
    records: Path, house: Any, signer: str
) -> None:
    written(records, house)
    foreign = written(records, house, signer, at=house.now + 1)
    assert str(blocked(records, house, "cannot be proven").where) == str(foreign)
    foreign.unlink()
    asked(records, house)


def test_a_compromised_key_proves_nothing(records: Path, house: Any) -> None:
    written(records, house)
    blocked(records, house, "compromised", trust=house.with_key("gate", compromised=True))


@pytest.mark.parametrize("mode", ["advise", "shadow"])
def test_a_decision_not_enforced_permits_nothing(records: Path, house: Any, mode: str) -> None:
    written(records, house)
    written(records, house, at=house.now + 1, mode=mode)
    blocked(records, house, f"mode '{mode}'")


def test_a_decision_not_enforced_of_the_same_second(records: Path, house: Any) -> None:
    written(records, house, mode="advise")
    written(records, house)
    blocked(records, house, "mode 'advise'")


def test_a_summary_beside_another_decision_blocks(records: Path, house: Any) -> None:
    good = json.loads(written(records, house).read_bytes())
    path = written(records, house, digest=OTHER, allowed=False)
    other = json.loads(path.read_bytes())
    path.write_bytes(canonical_bytes({"decision": other["decision"], "vsa": good["vsa"]}))
    blocked(records, house, "different models")
    blocked(records, house, "different models", digest=OTHER)


def test_a_record_for_staging_relabelled_blocks(records: Path, house: Any) -> None:
    staging = written(records, house, to_stage="staging")
    staging.rename(staging.with_name(staging.name.replace("credit-risk", "production")))
    blocked(records, house, "credit-risk to staging")


def test_a_copy_of_the_record_is_the_same_decision(records: Path, house: Any) -> None:
    path = written(records, house)
    shutil.copy(path, records / "copy.record.json")
    asked(records, house)


def test_a_decision_from_the_future_blocks(records: Path, house: Any) -> None:
    written(records, house, at=house.now + 5000)
    blocked(records, house, "future")


def test_one_artifact_under_two_names(records: Path, house: Any) -> None:
    written(records, house)
    written(records, house, model="other-model", allowed=False, at=house.now + 1)
    blocked(records, house, "as credit-risk and as other-model")
    asked(records, house, model="credit-risk")
    blocked(records, house, "denial", model="other-model")


def test_a_missing_blob_blocks(records: Path, house: Any) -> None:
    path = written(records, house)
    blob_path(records, read_record(path).claims.input).unlink()
    blocked(records, house, "blob is missing")


def test_every_flipped_byte_blocks(records: Path, house: Any) -> None:
    written(records, house)
    newer = written(records, house, at=house.now + 1)
    whole = newer.read_bytes()
    hidden = newer.rename(records / "renamed.record.json")
    for index in range(0, len(whole), 7):
        data = bytearray(whole)
        data[index] ^= 1
        hidden.write_bytes(data)
        blocked(records, house, "cannot be proven")


@pytest.mark.parametrize("keep", [0.9, 0.5])
def test_a_truncated_record_blocks(records: Path, house: Any, keep: float) -> None:
    written(records, house)
    newer = written(records, house, at=house.now + 1)
    data = newer.read_bytes()
    newer.rename(records / "renamed.record.json").write_bytes(data[: int(len(data) * keep)])
    blocked(records, house, "cannot be proven")


def test_an_empty_file_of_that_name_blocks(records: Path, house: Any) -> None:
    written(records, house)
    written(records, house, at=house.now + 1).write_bytes(b"")
    blocked(records, house, "cannot be proven")


def test_what_concerns_others_is_reported_and_no_more(records: Path, house: Any) -> None:
    written(records, house)
    (records / "notes.record.json").write_text("no record", encoding="ascii")
    broken = written(records, house, digest=OTHER)
    broken.write_bytes(broken.read_bytes()[:-1])
    (records / "readme.txt").write_text(house.digest, encoding="ascii")
    unreadable = asked(records, house).unreadable
    assert {str(fault.where) for fault in unreadable} == {
        str(records / "notes.record.json"),
        str(broken),
    }
    blocked(records, house, "cannot be proven", digest=OTHER)


def test_foreign_records_about_others_do_not_block(records: Path, house: Any) -> None:
    written(records, house)
    written(records, house, "stranger", digest=OTHER)
    assert asked(records, house).unreadable == ()


@pytest.mark.parametrize("offset", [0, 1, 2, 3])
def test_the_digest_is_found_in_broken_base64(records: Path, house: Any, offset: int) -> None:
    written(records, house)
    text = b"x" * offset + base64.b64encode(b'{"sha256":"' + house.digest[7:].encode() + b'"}')
    (records / "odd.record.json").write_bytes(b'{"payload":"' + text)
    blocked(records, house, "cannot be proven")


def test_a_file_that_cannot_be_read(records: Path, house: Any) -> None:
    written(records, house)
    (records / "folder.record.json").mkdir()
    blocked(records, house, "cannot be proven")
    (records / "folder.record.json").rmdir()
    (records / f"{house.now}-m-efefefefefef.record.json").mkdir()
    assert len(asked(records, house).unreadable) == 1


def test_an_unreadable_folder_is_a_storage_error(records: Path, house: Any) -> None:
    written(records, house)
    if os.geteuid() == 0:
        pytest.skip("root reads every folder")
    records.chmod(0)
    with pytest.raises(StorageError):
        asked(records, house)
    records.chmod(0o700)


def test_wrong_trust_is_not_a_denial(records: Path, house: Any) -> None:
    written(records, house)
    with pytest.raises(InvalidDocument):
        asked(records, house, trust=house.with_key("scanner", public="nonsense"))
