"""Puts a scenario's documents on disk, signed, and reads them back as a promotion would.

Nothing is handed to the engine that did not go through intake: signatures,
schemas and dates are really checked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from hallgate.decide.policies import PolicySet
from hallgate.intake.approvals import SUFFIX
from hallgate.intake.evidence import read_evidence
from hallgate.intake.requests import read_request
from hallgate.intake.rfc3339 import seconds
from hallgate.intake.schema import Schemas
from hallgate.intake.shapes import APPROVAL_TYPE
from hallgate.model.documents import EvidenceSet, Override, Request, Waiver
from hallgate.model.trust import Trust
from hallgate.record.canonical import canonical_bytes
from hallgate.record.dsse import sign_payload
from hallgate.record.keys import PrivateKey
from hallgate.record.statement import statement as in_toto
from hallgate.testing.cast import Cast, tampered
from hallgate.testing.harmless import require_harmless
from hallgate.testing.override_stage import stage_overrides
from hallgate.testing.pointer import apply_change
from hallgate.testing.scenario import Scenario
from hallgate.testing.waiver_stage import stage_waivers

NOBODY = "nobody"

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
    overrides: tuple[Override, ...] = ()


def stage(
    scenario: Scenario, cast: Cast, schemas: Schemas, folder: Path, policies: PolicySet | None
) -> Staged:
    """Write, sign and read back one scenario; folder must be empty.

    policies are those that are live; None stages no waivers. Raises KeyError or IndexError
    for a change that leads nowhere, ValueError for a name that could lead out of the
    folder, HallgateError for what intake refuses.
    """
    require_harmless(scenario)
    path = folder / "request.json"
    request = apply_change(scenario.base["request"], scenario.change.get("request"))
    path.write_text(json.dumps(request), encoding="utf-8")
    evidence = folder / "evidence"
    evidence.mkdir()
    _write_evidence(scenario, cast, evidence)
    _write_approvals(scenario, cast, evidence)
    for name, text in (scenario.change.get("files") or {}).items():
        (evidence / name).write_text(text, encoding="utf-8")
    for name, when in (scenario.change.get("revoke") or {}).items():
        cast = cast.revoked(name, seconds(when))
    for name in scenario.change.get("compromise") or ():
        cast = cast.compromised(name)
    return Staged(
        request=read_request(path, schemas),
        evidence=read_evidence(evidence, cast.trust, schemas, at=scenario.now),
        trust=cast.trust,
        waivers=()
        if policies is None
        else stage_waivers(scenario, cast, schemas, folder / "exceptions", policies),
        overrides=stage_overrides(scenario, cast, schemas, folder / "emergencies"),
    )


def _subject(base: dict[str, Any], change: Mapping[str, Any]) -> tuple[str, str]:
    model = base["request"]["model"]
    subject = change.get("subject") or {}
    return subject.get("name", model["name"]), subject.get("digest", model["digest"])


def _write_evidence(scenario: Scenario, cast: Cast, folder: Path) -> None:
    changes = scenario.change.get("evidence") or {}
    strange = sorted(set(changes) - set(scenario.base["evidence"]))
    if strange:
        raise KeyError(f"the base has no evidence {strange[0]!r}")
    for kind, said in scenario.base["evidence"].items():
        change = changes.get(kind) or {}
        if not change.get("missing"):
            _write(folder / f"{kind}.json", _evidence(scenario, cast, kind, said, change))
        for number, more in enumerate(change.get("also") or (), start=2):
            _write(folder / f"{kind}-{number}.json", _evidence(scenario, cast, kind, said, more))


def _write(target: Path, content: Any) -> None:
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    target.write_text(text, encoding="utf-8")


def _evidence(
    scenario: Scenario, cast: Cast, kind: str, said: dict[str, Any], change: Mapping[str, Any]
) -> Any:
    """The text of a signed statement, or the raw one a change puts in its place."""
    if "raw" in change:
        return change["raw"]
    common = {**scenario.base["common"], **said}
    predicate = {key: common[key] for key in (*_COMMON, "result")}
    name, digest = _subject(scenario.base, change)
    signer = change.get("signer", said.get("signer") or cast.trust.roles_that_sign(kind)[0])
    key = None if signer == NOBODY else cast.machines[signer]
    return _signed(json.dumps([kind, name, digest, predicate, change]), key)


@lru_cache(maxsize=1024)
def _signed(facts: str, key: PrivateKey | None) -> str:
    """The JSON text of a statement, signed unless there is no key.

    facts: kind, subject's name and digest, predicate and what changes it, as JSON. Most of what
    the scenarios of a sector bring is that of its base, so equal evidence is made once.
    """
    kind, name, digest, predicate, change = json.loads(facts)
    predicate = _as_carried(apply_change(predicate, change))
    document = in_toto(name, digest, f"urn:hallgate:evidence:{kind}:v1", predicate)
    if key is None:
        return json.dumps(document, ensure_ascii=False)
    signed = sign_payload(canonical_bytes(document), key)
    return json.dumps(tampered(signed) if change.get("tampered") else signed, ensure_ascii=False)


def _as_carried(predicate: dict[str, Any]) -> dict[str, Any]:
    """Configuration documents, spelt out in a scenario, as the JSON text that evidence holds."""
    result = predicate["result"]
    documents = result.get("documents") if isinstance(result, dict) else None
    for one in documents if isinstance(documents, list) else ():
        if isinstance(one, dict) and isinstance(one.get("content"), dict):
            one["content"] = json.dumps(one["content"], sort_keys=True)
    return predicate


def _write_approvals(scenario: Scenario, cast: Cast, folder: Path) -> None:
    changes = scenario.change.get("approvals") or {}
    words = {one["role"]: one for one in scenario.base["approvals"]}
    example = scenario.base["approvals"][0]
    for role in sorted({*words, *changes}):
        change = changes.get(role) or {}
        if change.get("missing") and role not in words:
            raise KeyError(f"the base has no approval by {role!r}")
        if not change.get("missing"):
            word = words.get(role) or {**example, "role": role}
            _write(folder / f"{role}{SUFFIX}", _approval(scenario, cast, word, change))


def _approval(
    scenario: Scenario, cast: Cast, word: Mapping[str, Any], change: Mapping[str, Any]
) -> dict[str, Any]:
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
        "rule_digest": None,
    }
    predicate = apply_change(predicate, change)
    name, digest = _subject(scenario.base, change)
    document = in_toto(name, digest, APPROVAL_TYPE, predicate)
    approval = dict(cast.approve(change.get("signer", predicate["identity"]), document))
    if change.get("tampered"):
        approval["statement"] = apply_change(document, {"set": {"/predicate/reason": "Forged."}})
    return approval
