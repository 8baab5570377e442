"""What a summary is made of: the pack's builder and its verifier call the same functions."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import Any

PERMITTING = ("pass", "waived", "overridden", "not_applicable", "pending")


def canonical(value: Any) -> bytes:
    """JSON of whole numbers and text in one form (RFC 8785 for such values)."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def sample(decisions: list[dict[str, Any]], seed: str, size: int) -> list[str]:
    """Paths of so many decisions, by SHA-256 over seed and path: anybody can draw them again."""
    drawn = sorted(
        (hashlib.sha256(f"{seed}|{one['path']}".encode()).hexdigest(), one["path"])
        for one in decisions
    )
    return sorted(path for _, path in drawn[:size])


def assess(
    decisions: list[dict[str, Any]], controls: list[dict[str, Any]], seed: str, size: int
) -> list[dict[str, Any]]:
    """Per control: population, outcomes, exceptions, failures, sample and a conclusion.

    decisions: {path, allowed, verdicts: {policy: outcome}}. controls: {name, policies, manual}.
    An exception is an allowed decision whose verdict was waived, overridden or pending; a
    failure blocked. `error` is never a pass.
    """
    drawn = sample(decisions, seed, size)
    return [_control(one, decisions, drawn) for one in controls]


def _control(
    control: dict[str, Any], decisions: list[dict[str, Any]], drawn: list[str]
) -> dict[str, Any]:
    counts: Counter[str] = Counter()
    exceptions, failures, judged = [], [], 0
    for one in decisions:
        found = {name: one["verdicts"].get(name) for name in control["policies"]}
        said = {name: outcome for name, outcome in found.items() if outcome is not None}
        counts.update(said.values())
        judged += bool(said)
        odd = sorted(n for n, o in said.items() if o in ("waived", "overridden", "pending"))
        bad = sorted(n for n, o in said.items() if o not in PERMITTING)
        if odd and one["allowed"]:
            exceptions.append({"path": one["path"], "policies": odd})
        if bad:
            failures.append({"path": one["path"], "policies": bad, "allowed": one["allowed"]})
    return {
        "control": control["name"],
        "policies": control["policies"],
        "population": len(decisions),
        "judged": judged,
        "outcomes": dict(sorted(counts.items())),
        "exceptions": exceptions,
        "failures": failures,
        "sample": drawn if control["policies"] else [],
        "conclusion": _conclusion(control, decisions, counts, judged, exceptions, failures),
    }


def _conclusion(
    control: dict[str, Any],
    decisions: list[dict[str, Any]],
    counts: Counter[str],
    judged: int,
    exceptions: list[dict[str, Any]],
    failures: list[dict[str, Any]],
) -> str:
    if not control["policies"]:
        return "manual" if control["manual"] else "not_assessed"
    if not decisions or not judged or set(counts) <= {"not_applicable", "pending"}:
        return "no_evidence"
    if any(one["allowed"] for one in failures):
        return "broken"
    if counts["error"]:
        return "error"
    if judged < len(decisions):
        return "stale"
    return "held_with_exceptions" if exceptions else "held"
