"""A cast of signers, and the trust document an auditor has of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hallgate.intake.schema import Schemas
from hallgate.intake.trust import read_trust
from hallgate.publish.pack.build import trust_json
from hallgate.publish.pack.verifier.trusted import Trusted
from hallgate.record.canonical import canonical_bytes
from hallgate.record.statement import statement
from hallgate.testing.cast import Cast, make_cast

ROOT = Path(__file__).parents[4]
AT = 1_790_000_000
MODEL = "sha256:" + "a" * 64


class Stage:
    """Signs what a test asks for, and edits what the auditor believes."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.document: dict[str, Any] = json.loads(json.dumps(trust_json(cast.trust)))

    def identity(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = next(
            one for one in self.document["identities"] if one["id"] == name
        )
        return found

    def role(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = next(one for one in self.document["roles"] if one["role"] == name)
        return found

    def trusted(self) -> Trusted:
        return Trusted(self.document)

    def evidence(self, signer: str = "steward", kind: str = "model_card") -> Any:
        said = statement("credit-risk", MODEL, f"urn:hallgate:evidence:{kind}:v1", {"n": 1})
        return self.cast.sign(signer, said)

    def word(self, person: str = "model-risk", **facts: Any) -> Any:
        name, digest = facts.pop("subject", ("credit-risk", MODEL))
        said = {
            "action": "promotion", "role": person, "identity": person, "decision": "approve",
            "to_stage": None, "approved_at": "2026-09-21T00:00:00Z",
            "valid_until": "2099-01-01T00:00:00Z", "reason": "Good.", "conditions": None,
            "rule_digest": None, **facts,
        }  # fmt: skip
        key = facts.get("identity", person) if person not in self.cast.people else person
        return self.cast.approve(key, statement(name, digest, "urn:hallgate:approval:v1", said))

    def decision(self, signer: str = "decider", vsa: str | None = None, at: int = AT) -> Any:
        body: Any = {"allowed": False, "decided_at": at, "tier": "high", "verdicts": []}
        said = statement("credit-risk", MODEL, "urn:hallgate:decision:v1", {"body": body})
        return {
            "decision": self.cast.sign(signer, said),
            "vsa": self.cast.sign(vsa or signer, said),
        }


@pytest.fixture(scope="session")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Cast:
    trust = read_trust(ROOT / "trust", Schemas.load(ROOT / "evidence-schemas"))
    return make_cast(tmp_path_factory.mktemp("keys"), trust)


@pytest.fixture
def stage_of(cast: Cast) -> Stage:
    return Stage(cast)


@pytest.fixture
def jcs() -> Any:
    return canonical_bytes
