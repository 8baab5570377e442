"""A trust folder with real keys, and builders of the documents that intake reads."""

from __future__ import annotations

import copy
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hallgate.intake.schema import Schemas
from hallgate.intake.trust import read_trust
from hallgate.model.trust import Trust
from hallgate.record.canonical import canonical_bytes
from hallgate.record.dsse import sign_payload
from hallgate.record.keys import public_pem
from hallgate.record.sshsig import sign_ssh

ROOT = Path(__file__).parents[3]
NOW = 1_790_000_000  # 2026-09-21T13:33:20Z
DIGEST = "a" * 64
SINCE = "2026-01-01T00:00:00Z"

INTERVAL = {"estimate_bp": 9000, "lower_bp": 8500, "upper_bp": 9500}
STATEMENT: dict[str, Any] = {
    "_type": "https://in-toto.io/Statement/v1",
    "subject": [{"name": "credit-risk", "digest": {"sha256": DIGEST}}],
    "predicateType": "urn:hallgate:evidence:fairness_report:v1",
    "predicate": {
        "collected_at": "2026-09-01T00:00:00Z",
        "valid_until": "2027-01-01T00:00:00+01:00",
        "status": "measured",
        "collector": {"tool": "hallgate", "version": "0.1.0", "digest": None},
        "source": {"system": "predictions.csv", "query": "measure fairness", "parameters": []},
        "population": {"definition": "rows", "count": 1000, "digest": None},
        "completeness": {"expected": 1000, "observed": 1000},
        "raw_digest": None,
        "result": {
            "model_digest": f"sha256:{DIGEST}",
            "dataset_digest": "sha256:" + "b" * 64,
            "favourable": "paid back",
            "method": "bootstrap",
            "confidence_bp": 9500,
            "rows": 1000,
            "consistency_bp": None,
            "attributes": [
                {
                    "name": "age",
                    "reference": "older",
                    "groups": [
                        {
                            "name": "younger",
                            "rows": 500,
                            "positives": 300,
                            "selected": 290,
                            "true_positives": 250,
                            "false_positives": 40,
                        }
                    ],
                    "comparisons": [
                        {
                            "group": "younger",
                            "selection_ratio": INTERVAL,
                            "tpr_gap": None,
                            "fpr_gap": None,
                        }
                    ],
                }
            ],
        },
    },
}
WAIVER: dict[str, Any] = {
    "id": "EXC-2026-0007",
    "policy": "FAIR-001",
    "subject": {
        "name": "credit-risk",
        "digests": [f"sha256:{DIGEST}"],
        "to_stage": "production",
    },
    "findings": None,
    "reason": "the group is thin",
    "risk": {
        "inherent": {"likelihood": 3, "impact": 3},
        "residual": {"likelihood": 2, "impact": 2},
        "rationale": "every denial is reviewed",
    },
    "compensating_controls": [{"control": "review", "evidence": "docs/review.md"}],
    "remediation": {"plan": "measure more rows", "due": "2026-12-01T00:00:00Z"},
    "owner": "head-of-model-risk",
    "requester": "author",
    "opened": "2026-09-01T00:00:00Z",
    "expires": "2027-01-01T00:00:00Z",
    "renews": None,
}


def identity(name: str, kind: str, roles: list[str], *keys: str) -> dict[str, Any]:
    return {
        "id": name,
        "kind": kind,
        "title": name,
        "emails": [f"{name}@example.org"],
        "roles": [{"role": role, "since": SINCE, "until": None} for role in roles],
        "keys": [
            {
                "public": key,
                "valid_from": SINCE,
                "valid_until": None,
                "revoked_at": None,
                "compromised": False,
            }
            for key in keys
        ],
    }


def role(name: str, evidence: list[str], approves: list[str]) -> dict[str, Any]:
    return {
        "role": name,
        "title": name,
        "evidence": evidence,
        "approves": approves,
        "decides": False,
        "owns": [],
        "team": None,
    }


class Office:
    """Keys and the trust folder that lists them; signs what it is told to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.machine = Ed25519PrivateKey.generate()
        self.people = {name: self._person(name) for name in ("head-of-model-risk", "author")}
        self.documents: dict[str, Any] = {
            "roles.yaml": {
                "roles": [
                    role("evaluator", ["fairness_report", "pii_scan"], []),
                    role("model-risk", ["approval"], ["promotion", "waiver"]),
                    role("developer", [], []),
                ]
            },
            "sources.yaml": {
                "base_models": [],
                "builders": [{"id": "https://ci.example.org", "level": 3}],
                "model_signers": ["evaluation-pipeline"],
            },
            "identities/evaluation-pipeline.yaml": identity(
                "evaluation-pipeline", "machine", ["evaluator"], public_pem(self.machine)
            ),
            "identities/head-of-model-risk.yaml": identity(
                "head-of-model-risk", "person", ["model-risk"], self.public("head-of-model-risk")
            ),
            "identities/author.yaml": identity(
                "author", "person", ["developer"], self.public("author")
            ),
        }

    def _person(self, name: str) -> Path:
        path = self.folder / name
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(path)], check=True
        )
        return path

    def public(self, name: str) -> str:
        return self.people[name].with_suffix(".pub").read_text().strip()

    def write(self, folder: Path, **changes: Any) -> Path:
        """A trust folder; changes are whole files, by name with __ for a slash and no ending."""
        documents = copy.deepcopy(self.documents)
        for name, value in changes.items():
            documents[name.replace("__", "/").replace("_", "-") + ".yaml"] = value
        for name, value in documents.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(value, indent=1))
        return folder

    def sign(self, payload: bytes) -> bytes:
        return json.dumps(sign_payload(payload, self.machine)).encode()

    def approve(
        self, subject: str, digest: str, action: str, who: str = "head-of-model-risk", **said: Any
    ) -> bytes:
        predicate = {
            "action": action,
            "role": "model-risk",
            "identity": who,
            "decision": "approve",
            "to_stage": "production" if action == "promotion" else None,
            "approved_at": "2026-09-10T12:00:00Z",
            "valid_until": "2026-12-31T00:00:00Z",
            "reason": "read and agreed",
            "conditions": None,
            "rule_digest": "sha256:" + "c" * 64 if action == "waiver" else None,
            **said,
        }
        statement = {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"name": subject, "digest": {"sha256": digest.removeprefix("sha256:")}}],
            "predicateType": "urn:hallgate:approval:v1",
            "predicate": predicate,
        }
        signature = sign_ssh(canonical_bytes(statement), self.people[who])
        return json.dumps({"statement": statement, "signature": signature}).encode()


@pytest.fixture(scope="session")
def schemas() -> Schemas:
    return Schemas.load(ROOT / "evidence-schemas")


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return Office(tmp_path_factory.mktemp("office"))


@pytest.fixture(scope="session")
def trust(office: Office, schemas: Schemas, tmp_path_factory: pytest.TempPathFactory) -> Trust:
    return read_trust(office.write(tmp_path_factory.mktemp("trust")), schemas)


@pytest.fixture
def statement() -> dict[str, Any]:
    return copy.deepcopy(STATEMENT)


@pytest.fixture
def waiver() -> dict[str, Any]:
    return copy.deepcopy(WAIVER)


@pytest.fixture
def change() -> Callable[[Any, str, Any], Any]:
    """Set what a dotted path names; ... removes it."""

    def changed(value: Any, path: str, new: Any) -> Any:
        *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        target = value
        for part in parents:
            target = target[part]
        if new is ...:
            del target[last]
        else:
            target[last] = new
        return value

    return changed


@pytest.fixture
def inspect(tmp_path: Path) -> Callable[..., Any]:
    """What `opa inspect` says of sources, which lie as p0.rego, p1.rego, …"""

    def inspected(*sources: str) -> Any:
        for index, source in enumerate(sources):
            (tmp_path / f"p{index}.rego").write_text(source)
        command = [str(ROOT / ".tools/bin/opa"), "inspect", "--annotations", "-f", "json", "."]
        done = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
        return json.loads(done.stdout)

    return inspected
