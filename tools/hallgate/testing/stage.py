"""Puts a scenario's documents on disk, signed, and reads them back as a promotion would.

Nothing is handed to the engine that did not go through intake: signatures,
schemas and dates are really checked.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hallgate.intake.evidence import read_evidence
from hallgate.intake.requests import read_request
from hallgate.intake.schema import Schemas
from hallgate.model.documents import EvidenceSet, Request, Waiver
from hallgate.model.trust import Trust
from hallgate.intake.rfc3339 import seconds
from hallgate.record.statement import statement as in_toto
from hallgate.testing.cast import Cast, tampered
from hallgate.testing.pointer import apply_change
from hallgate.testing.scenario import Scenario
from hallgate.testing.waiver_stage import stage_waivers

_COMMON = (
    "collected_at", "valid_until", "status", "collector", "source", "population",
    "completeness", "raw_digest",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Staged:
    """A scenario's documents after intake."""

    request: Request
    evidence: EvidenceSet
    trust: Trust
    waivers: tuple[Waiver, ...]


def stage(scenario: Scenario, cast: Cast, schemas: Schemas, folder: Path, live: frozenset[str]) -> Staged:
    """Write, sign and read back one scenario; folder must be empty."""
    base = scenario.base
    request = apply_change(base["request"], scenario.change.get("request"))
    path = folder / "request.json"
    path.write_text(json.dumps(request), encoding="utf-8")
    evidence = folder / "evidence"
    evidence.mkdir()
    _write_evidence(scenario, cast, evidence)
    _write_approvals(scenario, cast, evidence)
    trust = cast.trust
    for name, when in (scenario.change.get("revoke") or {}).items():
        trust = cast.revoked(name, seconds(when))
    return Staged(
        request=read_request(path, schemas),
        evidence=read_evidence(evidence, trust, schemas, at=scenario.now),
        trust=trust,
        waivers=stage_waivers(scenario, cast, schemas, folder / "exceptions", live),
    )


def _subject(base: dict[str, Any], change: dict[str, Any]) -> tuple[str, str]:
    model = base["request"]["model"]
    subject = change.get("subject") or {}
    return subject.get("name", model["name"]), subject.get("digest", model["digest"])


def _write_evidence(scenario: Scenario, cast: Cast, folder: Path) -> None:
    changes = scenario.change.get("evidence") or {}
    strange = sorted(set(changes) - set(scenario.base["evidence"]))
    if strange:
        raise KeyError(f"{scenario.file}: the base has no evidence {strange[0]!r}")
    for kind, said in scenario.base["evidence"].items():
        change = changes.get(kind) or {}
        if change.get("missing"):
            continue
        target = folder / f"{kind}.json"
        if "raw" in change:
            target.write_text(change["raw"], encoding="utf-8")
            continue
        document = _document(scenario, cast, kind, said, change)
        target.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


def _document(
    scenario: Scenario, cast: Cast, kind: str, said: dict[str, Any], change: dict[str, Any]
) -> Any:
    predicate = {key: copy.deepcopy(said.get(key, scenario.base["common"].get(key))) for key in _COMMON}
    predicate["result"] = copy.deepcopy(said["result"])
    predicate = apply_change(predicate, change)
    name, digest = _subject(scenario.base, change)
    document = in_toto(name, digest, f"urn:hallgate:evidence:{kind}:v1", predicate)
    signer = change.get("signer", said.get("signer") or cast.trust.roles_that_sign(kind)[0])
    if signer == "nobody":
        return document
    envelope = cast.sign(signer, document)
    return tampered(envelope) if change.get("tampered") else envelope


def _write_approvals(scenario: Scenario, cast: Cast, folder: Path) -> None:
    changes = scenario.change.get("approvals") or {}
    words = {one["role"]: one for one in scenario.base["approvals"]}
    for role, change in changes.items():
        if role not in words:
            words[role] = {"role": role, **scenario.base["approvals"][0], **(change or {})} | {"role": role}
    for role, word in words.items():
        change = changes.get(role) or {}
        if change.get("missing"):
            continue
        document = _approval(scenario, cast, word, change)
        (folder / f"{role}.approval.json").write_text(json.dumps(document), encoding="utf-8")


def _approval(scenario: Scenario, cast: Cast, word: dict[str, Any], change: dict[str, Any]) -> Any:
    predicate = {
        "action": "promotion",
        "role": word["role"],
        "identity": change.get("identity", word["role"]),
        "decision": "approve",
        "to_stage": scenario.base["request"]["to_stage"],
        "approved_at": word["approved_at"],
        "valid_until": word["valid_until"],
        "reason": word["reason"],
        "conditions": None,
    }
    predicate = apply_change(predicate, change)
    name, digest = _subject(scenario.base, change)
    document = in_toto(name, digest, "urn:hallgate:approval:v1", predicate)
    return cast.approve(change.get("signer", predicate["identity"]), document)
