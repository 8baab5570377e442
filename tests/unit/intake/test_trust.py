from __future__ import annotations

import copy
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_ssh_public_key,
)

from hallgate.intake.schema import Schemas
from hallgate.intake.trust import read_trust
from hallgate.model.errors import InvalidDocument
from hallgate.model.trust import Trust

SK_KEY = (
    "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIAEBAQEBAQEBAQEBAQEB"
    "AQEBAQEBAQEBAQEBAQEBAQEBAAAABHNzaDo="
)


def faults_of(folder: Path, schemas: Schemas) -> list[str]:
    with pytest.raises(InvalidDocument) as caught:
        read_trust(folder, schemas)
    assert caught.value.exit_code == 3
    assert all(fault.where for fault in caught.value.faults)
    return [fault.what for fault in caught.value.faults]


def test_trust_is_read(trust: Trust) -> None:
    assert [one.id for one in trust.identities] == [
        "author",
        "evaluation-pipeline",
        "head-of-model-risk",
    ]
    pipeline = trust.identity("evaluation-pipeline")
    assert pipeline is not None
    assert pipeline.roles_at(1790000000) == ("evaluator",)
    assert pipeline.keys[0].valid_from == 1767225600
    assert trust.evidence_types(("evaluator",)) == ("fairness_report", "pii_scan")
    assert trust.builders[0].level == 3


def test_missing_and_misnamed_files_are_faults(
    office: Any, schemas: Schemas, tmp_path: Path
) -> None:
    folder = office.write(tmp_path)
    (folder / "sources.yaml").unlink()
    (folder / "identities" / "late.yml").write_text("a: 1")
    (folder / "identities" / "README.md").write_text("how to")
    assert sorted(faults_of(folder, schemas)) == ["is missing", "is no identity by its name"]


def test_faults_of_several_files_come_together(
    office: Any, schemas: Schemas, tmp_path: Path
) -> None:
    roles = copy.deepcopy(office.documents["roles.yaml"])
    roles["roles"].append(roles["roles"][0])
    roles["roles"][0]["evidence"].append("fairnes_report")
    roles["roles"][1]["evidence"] = []
    author = copy.deepcopy(office.documents["identities/author.yaml"])
    author["roles"][0]["role"] = "dev"
    author["roles"][0]["until"] = "2025-01-01T00:00:00Z"
    author["keys"][0]["valid_until"] = "2025-01-01T00:00:00Z"
    said = faults_of(office.write(tmp_path, roles=roles, identities__author=author), schemas)
    for part in (
        "evaluator stands here twice",
        "fairnes_report is no evidence type",
        "model-risk approves promotions but may not sign approval evidence",
        "dev is no role",
        "the role ends before it begins",
        "the key ends before it begins",
    ):
        assert any(part in what for what in said), said


def test_the_file_name_is_the_id(office: Any, schemas: Schemas, tmp_path: Path) -> None:
    folder = office.write(tmp_path)
    (folder / "identities" / "author.yaml").rename(folder / "identities" / "writer.yaml")
    assert faults_of(folder, schemas) == ["the id author is not the file's name"]


def test_a_machine_cannot_approve(office: Any, schemas: Schemas, tmp_path: Path) -> None:
    pipeline = copy.deepcopy(office.documents["identities/evaluation-pipeline.yaml"])
    pipeline["roles"][0]["role"] = "model-risk"
    folder = office.write(tmp_path, identities__evaluation_pipeline=pipeline)
    assert faults_of(folder, schemas) == ["model-risk approves, and a machine cannot"]


def test_one_key_in_two_identities_is_a_fault(
    office: Any, schemas: Schemas, tmp_path: Path
) -> None:
    author = copy.deepcopy(office.documents["identities/author.yaml"])
    other = office.public("head-of-model-risk").split()
    author["keys"][0]["public"] = f"{other[0]} {other[1]} another comment"
    folder = office.write(tmp_path, identities__author=author)
    assert faults_of(folder, schemas) == ["this key stands with author already"]


def test_the_same_key_as_pem_and_as_ssh_line_is_one_key(
    office: Any, schemas: Schemas, tmp_path: Path
) -> None:
    key = load_ssh_public_key(office.public("author").encode())
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    pipeline = copy.deepcopy(office.documents["identities/evaluation-pipeline.yaml"])
    pipeline["keys"][0]["public"] = pem
    folder = office.write(tmp_path, identities__evaluation_pipeline=pipeline)
    assert faults_of(folder, schemas) == ["this key stands with author already"]


def test_a_key_or_address_listed_twice_is_a_fault(
    office: Any, schemas: Schemas, tmp_path: Path
) -> None:
    author = copy.deepcopy(office.documents["identities/author.yaml"])
    author["keys"].append(author["keys"][0])
    author["emails"] = ["author@example.org", "Head-of-model-risk@example.org"]
    said = faults_of(office.write(tmp_path, identities__author=author), schemas)
    assert said == [
        "this key stands with author already",
        "this address stands with author already",
    ]


def test_security_keys_are_keys(office: Any, schemas: Schemas, tmp_path: Path) -> None:
    author = copy.deepcopy(office.documents["identities/author.yaml"])
    author["keys"][0]["public"] = SK_KEY
    assert read_trust(office.write(tmp_path, identities__author=author), schemas)


def _pem(key: Any) -> str:
    pem: bytes = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem.decode()


@pytest.mark.parametrize(
    ("who", "public"),
    [
        ("author", "ssh-ed25519 AAAA"),
        ("author", "not a key"),
        ("author", "ssh-dss AAAAB3NzaC1kc3M="),
        ("author", "ssh-ed25519-cert-v01@openssh.com AAAA"),
        ("author", 'command="x" ssh-ed25519 AAAA'),
        ("author", _pem(ec.generate_private_key(ec.SECP256R1()))),
        ("evaluation-pipeline", SK_KEY),
        ("evaluation-pipeline", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"),
        ("evaluation-pipeline", _pem(ec.generate_private_key(ec.SECP384R1()))),
        ("evaluation-pipeline", _pem(rsa.generate_private_key(65537, 2048))),
    ],
)
def test_keys_of_other_kinds_are_refused(
    who: str, public: str, office: Any, schemas: Schemas, tmp_path: Path
) -> None:
    document = copy.deepcopy(office.documents[f"identities/{who}.yaml"])
    document["keys"][0]["public"] = public
    changed = {"identities__" + who.replace("-", "_"): document}
    assert len(faults_of(office.write(tmp_path, **changed), schemas)) == 1


def test_a_short_rsa_key_is_refused(
    office: Any, schemas: Schemas, tmp_path: Path, change: Callable[..., Any]
) -> None:
    key = tmp_path / "rsa"
    command = ["ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", str(key)]
    subprocess.run(command, check=True)
    author = copy.deepcopy(office.documents["identities/author.yaml"])
    change(author, "keys.0.public", key.with_suffix(".pub").read_text())
    folder = office.write(tmp_path / "trust", identities__author=author)
    assert faults_of(folder, schemas) == ["is an RSA key of 2048 bits"]
