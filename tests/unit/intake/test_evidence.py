from __future__ import annotations

import copy
import dataclasses
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hallgate.intake.evidence import read_evidence
from hallgate.intake.schema import Schemas
from hallgate.model.documents import EvidenceSet
from hallgate.model.errors import UsageError
from hallgate.model.trust import Trust
from hallgate.record.dsse import sign_payload

NOW = 1_790_000_000
DIGEST = "a" * 64
MODEL = f"sha256:{DIGEST}"


def encode(value: Any) -> bytes:
    return json.dumps(value).encode()


@pytest.fixture
def read(tmp_path: Path, trust: Trust, schemas: Schemas) -> Callable[..., EvidenceSet]:
    def reading(**files: bytes) -> EvidenceSet:
        for name, data in files.items():
            path = tmp_path / (name.replace("__", "/").replace("_DOT_", ".") + ".json")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return read_evidence(tmp_path, trust, schemas, at=NOW)

    return reading


def test_a_signed_statement_becomes_flat(
    read: Callable[..., EvidenceSet], office: Any, schemas: Schemas, statement: dict[str, Any]
) -> None:
    found = read(sub__fairness=office.sign(encode(statement)))
    assert not found.rejections
    (one,) = found.statements
    assert (one.type, one.file) == ("fairness_report", "sub/fairness.json")
    flat: Any = one.document
    assert flat["collected_at"] == 1788220800
    assert flat["valid_until"] == 1798758000
    assert flat["subject"] == {"name": "credit-risk", "digest": MODEL}
    assert flat["signer"] == {
        "identity": "evaluation-pipeline",
        "kind": "machine",
        "roles": ["evaluator"],
        "evidence_types": ["fairness_report", "pii_scan"],
    }
    assert flat["digest"] == one.digest
    assert schemas.accepts(flat, "flat:fairness_report")
    assert not schemas.accepts(
        {**flat, "valid_until": "2027-01-01T00:00:00Z"}, "flat:fairness_report"
    )


def test_a_plain_statement_has_no_signer(
    read: Callable[..., EvidenceSet], statement: dict[str, Any]
) -> None:
    (one,) = read(fairness_report=encode(statement)).statements
    assert one.document["signer"] is None


def test_what_was_not_measured_has_no_result(
    read: Callable[..., EvidenceSet],
    schemas: Schemas,
    statement: dict[str, Any],
    change: Callable[..., Any],
) -> None:
    change(statement, "predicate.status", "not_run")
    found = read(a=encode(statement))
    assert [one.fault for one in found.rejections] == ["malformed"]
    change(statement, "predicate.result", None)
    (one,) = read(a=encode(statement)).statements
    assert schemas.accepts(one.document, "flat:fairness_report:unmeasured")
    change(statement, "predicate.status", "measured")
    assert [one.fault for one in read(a=encode(statement)).rejections] == ["malformed"]


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("predicate.result.rowz", 5, "'rowz' is no known field; did you mean rows?"),
        ("predicate.result.rows", ..., "rows is missing"),
        ("predicate.result.rows", "5", "leave the quotes out"),
        ("predicate.result.rows", -1, "too small"),
        ("predicate.collected_at", "yesterday", "is no RFC 3339 time"),
        ("predicate.valid_until", "2027-01-01T00:00:00", "is no RFC 3339 time"),
        ("predicate.valid_until", 1800000000, "quote it"),
        ("predicate.status", "ok", "use one of: measured"),
        ("subject", [], "too short"),
        ("subject.0.digest", {"sha1": "a"}, "sha256 is missing"),
        ("_type", "https://in-toto.io/Statement/v0.1", "none of the values"),
        ("extra", 1, "no known field"),
    ],
)
def test_malformed_statements_are_rejected_in_words(
    path: str,
    value: object,
    said: str,
    read: Callable[..., EvidenceSet],
    office: Any,
    statement: dict[str, Any],
    change: Callable[..., Any],
) -> None:
    data = encode(change(statement, path, value))
    found = read(x=data, y=office.sign(data))
    assert not found.statements
    assert [one.type for one in found.rejections] == ["fairness_report"] * 2
    assert {one.fault for one in found.rejections} == {"malformed"}
    assert all(said in one.message for one in found.rejections)
    assert all(len(one.message) <= 2000 for one in found.rejections)


@pytest.mark.parametrize(
    "data",
    [
        b'{"_type": "https://in-toto.io/Statement/v1", "predicate',
        b"\xff\xfe",
        b"",
        b"[" * 50 + b"]" * 50,
        b"[" * 100_000,
        b'{"a": NaN}',
        b'{"a": 1, "a": 2}',
        b"[]",
        b"null",
        b'"text"',
        b'{"payloadType": "application/vnd.in-toto+json"}',
        b'{"predicateType": 5}',
        encode({"line": "x" * 10_000_000}),
    ],
)
@pytest.mark.parametrize(
    ("name", "kind"),
    [("pii_scan", "pii_scan"), ("pii_scan-2", "pii_scan"), ("report", None), ("common", None)],
)
def test_unreadable_files_are_gaps_named_by_file(
    data: bytes, name: str, kind: str | None, read: Callable[..., EvidenceSet]
) -> None:
    found = read(**{name: data})
    assert not found.statements
    ((one),) = found.rejections
    assert one.type == kind
    assert one.fault == ("unreadable" if len(data) > 9_000_000 else "malformed")
    assert one.message


def test_truncated_json_still_names_its_type(
    read: Callable[..., EvidenceSet], office: Any, statement: dict[str, Any]
) -> None:
    data = encode(statement)[:-20]
    found = read(x=data, y=office.sign(data))
    assert [one.type for one in found.rejections] == ["fairness_report"] * 2


def test_foreign_statements_are_ignored_by_name(
    read: Callable[..., EvidenceSet], office: Any, statement: dict[str, Any]
) -> None:
    statement["predicateType"] = "https://slsa.dev/provenance/v1"
    data = encode(statement)
    stranger = encode(sign_payload(data, Ed25519PrivateKey.generate()))
    found = read(a=data, b=office.sign(data), c=stranger, d=data[:-9])
    assert not found.statements
    assert not found.rejections
    assert [name for name, _ in found.ignored] == ["a.json", "b.json", "c.json", "d.json"]


def test_signatures_that_do_not_count(
    read: Callable[..., EvidenceSet], office: Any, statement: dict[str, Any]
) -> None:
    signed = json.loads(office.sign(encode(statement)))
    altered = copy.deepcopy(signed)
    other = json.loads(office.sign(encode({**statement, "subject": []})))
    altered["payload"] = other["payload"]
    stranger = encode(sign_payload(encode(statement), Ed25519PrivateKey.generate()))
    found = read(a=encode(altered), b=stranger)
    assert [(one.type, one.fault) for one in found.rejections] == [
        ("fairness_report", "bad_signature"),
        ("fairness_report", "unknown_signer"),
    ]


def test_a_revoked_key_does_not_count(
    tmp_path: Path, trust: Trust, schemas: Schemas, office: Any, statement: dict[str, Any]
) -> None:
    identities = tuple(
        dataclasses.replace(
            one,
            keys=tuple(dataclasses.replace(key, revoked_at=NOW - 1) for key in one.keys),
        )
        for one in trust.identities
    )
    (tmp_path / "x.json").write_bytes(office.sign(encode(statement)))
    revoked = dataclasses.replace(trust, identities=identities)
    found = read_evidence(tmp_path, revoked, schemas, at=NOW)
    assert [one.fault for one in found.rejections] == ["revoked"]


def test_an_approval_becomes_evidence(
    read: Callable[..., EvidenceSet], office: Any, schemas: Schemas
) -> None:
    found = read(mrm_DOT_approval=office.approve("credit-risk", MODEL, "promotion"))
    assert not found.rejections
    (one,) = found.statements
    flat: Any = one.document
    assert one.type == "approval"
    assert flat["signer"]["identity"] == "head-of-model-risk"
    assert flat["signer"]["evidence_types"] == ["approval"]
    assert flat["collected_at"] == 1789041600
    assert flat["result"]["model_digest"] == MODEL
    assert schemas.accepts(flat, "flat:approval")


def test_approvals_that_do_not_count(
    read: Callable[..., EvidenceSet], office: Any, change: Callable[..., Any]
) -> None:
    good = json.loads(office.approve("credit-risk", MODEL, "promotion"))
    forged = change(copy.deepcopy(good), "statement.predicate.reason", "never said")
    stranger = change(copy.deepcopy(good), "statement.predicate.identity", "nobody")
    machine = change(copy.deepcopy(good), "statement.predicate.identity", "evaluation-pipeline")
    no_armor = change(copy.deepcopy(good), "signature", "-----BEGIN")
    found = read(
        a_DOT_approval=encode(forged),
        b_DOT_approval=encode(stranger),
        c_DOT_approval=encode(machine),
        d_DOT_approval=office.approve("credit-risk", MODEL, "promotion", who="author"),
        e_DOT_approval=encode(no_armor),
        f_DOT_approval=office.approve(
            "credit-risk", MODEL, "promotion", approved_at="2025-01-01T00:00:00Z"
        ),
        g_DOT_approval=office.approve("credit-risk", MODEL, "promotion", to_stage=None),
        h_DOT_approval=office.approve(
            "credit-risk", MODEL, "promotion", valid_until="2026-01-01T00:00:00Z"
        ),
        i_DOT_approval=office.approve("EXC-2026-0001", MODEL, "waiver"),
        j_DOT_approval=b"{}",
    )
    assert not found.statements
    assert {one.type for one in found.rejections} == {"approval"}
    assert {one.file[0]: one.fault for one in found.rejections} == {
        "a": "bad_signature",
        "b": "unknown_signer",
        "c": "unknown_signer",
        "d": "wrong_role",
        "e": "malformed",
        "f": "wrong_role",
        "g": "malformed",
        "h": "malformed",
        "j": "malformed",
    }
    assert [name for name, _ in found.ignored] == ["i.approval.json"]


def test_a_machine_cannot_make_approval_evidence(
    read: Callable[..., EvidenceSet], office: Any, statement: dict[str, Any]
) -> None:
    statement["predicateType"] = "urn:hallgate:evidence:approval:v1"
    found = read(approval=encode(statement), b=office.sign(encode(statement)))
    assert not found.statements
    assert [one.type for one in found.rejections] == ["approval"] * 2


def test_links_are_rejected_and_other_files_left_alone(
    tmp_path: Path, trust: Trust, schemas: Schemas, statement: dict[str, Any]
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.json").write_bytes(encode(statement))
    folder = tmp_path / "evidence"
    folder.mkdir()
    (folder / "fairness_report.json").symlink_to(outside / "x.json")
    (folder / "more").symlink_to(outside)
    (folder / "README.md").write_text("notes")
    os.mkfifo(folder / "pii_scan.json")
    found = read_evidence(folder, trust, schemas, at=NOW)
    assert not found.statements
    assert [(one.file, one.type, one.fault) for one in found.rejections] == [
        ("fairness_report.json", "fairness_report", "unreadable"),
        ("more", None, "unreadable"),
        ("pii_scan.json", "pii_scan", "unreadable"),
    ]


def test_a_missing_folder_is_a_usage_error(trust: Trust, schemas: Schemas, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        read_evidence(tmp_path / "absent", trust, schemas, at=NOW)


def test_an_empty_folder_is_an_empty_set(trust: Trust, schemas: Schemas, tmp_path: Path) -> None:
    assert read_evidence(tmp_path, trust, schemas, at=NOW) == EvidenceSet((), (), ())
