"""OSCAL 1.2 assessment results, and a plan of action and milestones, from a pack's results.

Model: https://pages.nist.gov/OSCAL/reference/latest/assessment-results/. Every UUID is
derived from what it names (version 5), so the same pack gives the same bytes.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hallgate.intake.rfc3339 import text as time_text
from hallgate.model.law import Control
from hallgate.publish.pack.scope import Decided, Scope

VERSION = "1.2.1"
NAMESPACE = "https://hallgate.invalid/ns/oscal"
_A = {"waiver": "a waiver", "override": "an override"}
_SATISFIED = {"held", "held_with_exceptions"}
_NO_TOKEN = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Assessed:
    """What both documents are made of; at is the time of the log's last entry (seconds)."""

    scope: Scope
    at: int
    controls: Sequence[Control]
    results: Sequence[dict[str, Any]]
    decided: Sequence[Decided]

    def uuid(self, *about: str) -> str:
        """The UUID of something in this pack."""
        scope = json.dumps(self.scope.facts(), sort_keys=True)
        return str(
            uuid.uuid5(uuid.NAMESPACE_URL, "|".join((NAMESPACE, scope, str(self.at), *about)))
        )


def assessment_results(pack: Assessed) -> dict[str, Any]:
    """One result: an observation per sampled decision, a finding per control."""
    sampled = sorted({path for one in pack.results for path in one["sample"]})
    by_path = {one.path: one for one in pack.decided}
    result: dict[str, Any] = {
        "uuid": pack.uuid("result"),
        "title": f"Promotions of {pack.scope.model or 'every model'}",
        "description": "Decisions of Hallgate, as its log lists them.",
        "start": time_text(pack.scope.start),
        "end": time_text(pack.scope.until),
        "reviewed-controls": {"control-selections": [_selection(pack)]},
    }
    observations = [_observation(pack, by_path[path]) for path in sampled]
    if observations:
        result["observations"] = observations
    risks = [_risk(pack, *one) for one in _waivers(pack)]
    if risks:
        result["risks"] = risks
    findings = [_finding(pack, *one) for one in zip(pack.controls, pack.results, strict=True)]
    if findings:
        result["findings"] = findings
    return {
        "assessment-results": {
            "uuid": pack.uuid("assessment-results"),
            "metadata": _metadata(pack, "Assessment results"),
            "import-ap": {"href": "../pack.json"},
            "results": [result],
        }
    }


def plan_of_action(pack: Assessed) -> dict[str, Any] | None:
    """An item for each waiver relied on and each control that did not hold; None without any."""
    items = [
        {
            "uuid": pack.uuid("item", name, policy),
            "title": f"End {kind} {name} of {policy}",
            "description": f"Owner {owner}; the {kind} ends at {time_text(expires)}.",
            "related-risks": [{"risk-uuid": pack.uuid("risk", name, policy)}],
        }
        for name, kind, policy, owner, expires in _waivers(pack)
    ]
    for control, one in zip(pack.controls, pack.results, strict=True):
        if one["conclusion"] not in _SATISFIED:
            items.append(
                {
                    "uuid": pack.uuid("item", control.name),
                    "title": f"Close {control.name}",
                    "description": f"{control.title}: {one['conclusion'].replace('_', ' ')}.",
                }
            )
    if not items:
        return None
    said: dict[str, Any] = {
        "uuid": pack.uuid("plan"),
        "metadata": _metadata(pack, "Plan of action and milestones"),
        "system-id": {"id": pack.scope.model or "all-models"},
        "poam-items": items,
    }
    risks = [_risk(pack, *one) for one in _waivers(pack)]
    if risks:
        said["risks"] = risks
    return {"plan-of-action-and-milestones": said}


def token(text: str) -> str:
    """An OSCAL token of an id: 164.316(b)(2) becomes _164.316-b-2."""
    plain = _NO_TOKEN.sub("-", text).strip("-")
    return plain if plain[:1].isalpha() or plain.startswith("_") else f"_{plain}"


def _metadata(pack: Assessed, title: str) -> dict[str, Any]:
    return {
        "title": f"{title}: {pack.scope.framework}, {pack.scope.model or 'every model'}",
        "last-modified": time_text(pack.at),
        "version": "1",
        "oscal-version": VERSION,
    }


def _selection(pack: Assessed) -> dict[str, Any]:
    if not pack.controls:
        return {"include-all": {}}
    return {
        "description": f"Every control of {pack.scope.framework} in the register.",
        "include-controls": [{"control-id": token(one.id)} for one in pack.controls],
    }


def _observation(pack: Assessed, one: Decided) -> dict[str, Any]:
    return {
        "uuid": pack.uuid("observation", one.path),
        "title": one.path,
        "description": f"{one.model} to {one.stage}: {'allowed' if one.allowed else 'denied'}.",
        "props": [{"name": "digest", "ns": NAMESPACE, "value": one.digest}],
        "methods": ["TEST"],
        "types": ["control-objective"],
        "relevant-evidence": [
            {"href": f"../records/{one.path}", "description": "The signed record."}
        ],
        "collected": time_text(one.at),
    }


def _finding(pack: Assessed, control: Control, one: dict[str, Any]) -> dict[str, Any]:
    state = "satisfied" if one["conclusion"] in _SATISFIED else "not-satisfied"
    found: dict[str, Any] = {
        "uuid": pack.uuid("finding", control.name),
        "title": control.name,
        "description": control.title,
        "props": [
            {"name": "conclusion", "ns": NAMESPACE, "value": one["conclusion"]},
            {"name": "population", "ns": NAMESPACE, "value": str(one["population"])},
        ],
        "target": {
            "type": "objective-id",
            "target-id": token(control.id),
            "status": {"state": state, "reason": one["conclusion"].replace("_", "-")},
        },
    }
    if one["sample"]:
        found["related-observations"] = [
            {"observation-uuid": pack.uuid("observation", path)} for path in one["sample"]
        ]
    return found


def _waivers(pack: Assessed) -> list[tuple[str, str, str, str, int]]:
    return sorted(
        {(w.id, w.kind, w.policy, w.owner, w.expires) for one in pack.decided for w in one.waived}
    )


def _risk(
    pack: Assessed, name: str, kind: str, policy: str, owner: str, expires: int
) -> dict[str, Any]:
    return {
        "uuid": pack.uuid("risk", name, policy),
        "title": f"{name}: {policy} passes by {_A[kind]}",
        "description": "A finding was accepted for a time; it stays in sight in every decision.",
        "statement": f"Owner {owner}, until {time_text(expires)}.",
        "status": "deviation-approved",
        "deadline": time_text(expires),
    }
