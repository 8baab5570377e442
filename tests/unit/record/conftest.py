"""A small house: machines with keys and roles, and a decision to record."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from hallgate.model.decision import Decision
from hallgate.model.trust import Identity, Key, Role, RoleHeld, Trust
from hallgate.model.values import JsonObject, Tier
from hallgate.record.decision_record import Material
from hallgate.record.keys import PrivateKey, generate_key, public_pem

NOW = 1_790_000_000
DIGEST = "sha256:" + "ab" * 32
EVIDENCE = "sha256:" + "cd" * 32


def lasting(public: str) -> Key:
    return Key(public, valid_from=NOW - 1000, valid_until=None, revoked_at=None, compromised=False)


@dataclass(frozen=True)
class House:
    """Trust, and the private keys of its machines by identity."""

    trust: Trust
    keys: dict[str, PrivateKey]
    now: int = NOW
    digest: str = DIGEST

    def with_key(self, name: str, **changes: object) -> Trust:
        """The trust with other dates for the key of one identity."""
        identities = tuple(
            replace(one, keys=(replace(one.keys[0], **changes),)) if one.id == name else one  # type: ignore[arg-type]
            for one in self.trust.identities
        )
        return replace(self.trust, identities=identities)

    def material(
        self,
        *,
        allowed: bool = True,
        at: int = NOW,
        digest: str = DIGEST,
        to_stage: str = "production",
        model: str = "credit-risk",
        mode: str = "enforce",
        waivers: bytes | None = b"waivers",
    ) -> Material:
        body: JsonObject = {
            "allowed": allowed,
            "decided_at": at,
            "tier": "high",
            "verdicts": [
                {
                    "id": "FAIR-001",
                    "outcome": "waived" if allowed else "fail",
                    "severity": "high",
                    "reasons": [],
                    "findings": [
                        {
                            "key": "insufficient:age",
                            "kind": "insufficient",
                            "message": "m",
                            "observed": 1,
                            "limit": 2,
                            "waiver": {"id": "EXC-2026-0001", "owner": "lead", "expires": at + 9},
                        }
                    ],
                    "findings_total": 1,
                }
            ],
        }
        return Material(
            decision=Decision(allowed, at, Tier.HIGH, (), body),
            input={
                "request": {"model": {"name": model, "digest": digest}, "to_stage": to_stage},
                "evidence": {"model_card": [{"digest": EVIDENCE}], "approval": []},
            },
            policies=b"policies",
            waivers=waivers,
            engine=("opa", "1.22.0"),
            mode=mode,
        )


@pytest.fixture(scope="session")
def house() -> House:
    keys = {name: generate_key() for name in ("gate", "scanner", "retired")}
    keys["gate-p256"] = generate_key("p256")
    roles = {"gate": "gate", "gate-p256": "gate", "scanner": "scanner", "retired": "gate"}
    identities = tuple(
        Identity(
            name,
            "machine",
            name,
            (),
            (RoleHeld(roles[name], 0, NOW - 10 if name == "retired" else None),),
            (lasting(public_pem(key)),),
        )
        for name, key in keys.items()
    )
    trust = Trust(
        identities,
        (
            Role("gate", "Gate", (), (), decides=True, owns=(), team=None),
            Role("scanner", "Scanner", ("scan",), (), decides=False, owns=(), team=None),
        ),
        (),
        (),
    )
    return House(trust, {**keys, "stranger": generate_key()})


@dataclass(frozen=True)
class Person:
    """An SSH key on disk and its public half as it stands in trust/."""

    file: Path
    key: Key


def make_person(folder: Path, name: str, kind: str = "ed25519", passphrase: str = "") -> Person:
    file = folder / name
    size = ["-b", "2048"] if kind == "rsa" else []
    subprocess.run(
        ["ssh-keygen", "-q", "-t", kind, *size, "-N", passphrase, "-C", "who", "-f", str(file)],
        check=True,
    )
    return Person(file, lasting(file.with_suffix(".pub").read_text(encoding="utf-8").strip()))


@pytest.fixture(scope="session")
def people(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Person]:
    folder = tmp_path_factory.mktemp("ssh")
    people = {kind: make_person(folder, kind, kind) for kind in ("ed25519", "ecdsa", "rsa")}
    people["other"] = make_person(folder, "other")
    people["locked"] = make_person(folder, "locked", passphrase="secret words")
    return people
