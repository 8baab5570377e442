"""The decision for programs: everything there is, under documented names.

| field | meaning |
|---|---|
| format | `urn:hallgate:report:v1` |
| mode | `enforce`, or `what-if` |
| allowed, decided_at, tier | as in the decision of docs/guide/formats.md |
| request | file, digest of its bytes, document |
| engine, policies, waivers | version of opa, digests of the bundles; null where unknown |
| bundle | facts of the published bundle that decided; null where a repository did |
| sources | a line about each source, where an organisation adds to an upstream |
| counts | number of policies by outcome |
| emergency_overrides | ids of the overrides that let findings pass |
| observed | policies that the track's rollout or baseline only observes |
| ignored | foreign and superseded files: file, why |
| next_steps | what to do first where denied |
| verdicts | in order of id: the decision's verdicts with `policy` and a remedy per finding |

`policy` holds the catalog's facts (title, description, controls, law: how each control that
the register knows stood when it was decided, remediation, evidence, effective_from, waivable,
file, line), null where the catalog lacks the policy. `remedy` is null where there is none.
Times are whole seconds since 1970. Text stands as it came, in ASCII with JSON escapes.
"""

from __future__ import annotations

import json

from hallgate.model.policy import Policy
from hallgate.model.values import JsonObject, JsonValue
from hallgate.publish.report.view import (
    DecisionView,
    Entry,
    counts,
    emergencies,
    entries,
    next_steps,
    observed,
    raw_verdicts,
)


def json_report(view: DecisionView) -> str:
    """All of the decision with the catalog's facts, keys sorted."""
    found = {entry.verdict.id: entry for entry in entries(view)}
    catalog = {policy.id: policy for policy in view.catalog}
    document: dict[str, JsonValue] = {
        "format": "urn:hallgate:report:v1",
        "mode": "enforce" if view.what_if_at is None else "what-if",
        "allowed": view.decision.allowed,
        "decided_at": view.decision.decided_at,
        "tier": view.decision.tier,
        "request": {
            "file": view.request.file,
            "digest": view.request.digest,
            "document": view.request.document,
        },
        "engine": {"name": "opa", "version": view.engine_version},
        "policies": view.policies_digest,
        "bundle": view.bundle,
        "sources": list(view.sources),
        "waivers": view.waivers_digest,
        "counts": {outcome.value: number for outcome, number in counts(view)},
        "emergency_overrides": list(emergencies(view)),
        "observed": list(observed(view)),
        "ignored": [{"file": file, "why": why} for file, why in view.ignored],
        "next_steps": list(next_steps(view)),
        "verdicts": [
            _verdict(raw, found[str(raw["id"])], catalog.get(str(raw["id"])), view)
            for raw in raw_verdicts(view)
        ],
    }
    return json.dumps(document, indent=2, sort_keys=True, allow_nan=False) + "\n"


def _verdict(
    raw: JsonObject, entry: Entry, policy: Policy | None, view: DecisionView
) -> JsonObject:
    # Lines of reasons come first, then one per finding in the engine's order.
    lines = entry.lines[len(entry.verdict.reasons) :]
    findings = raw["findings"]
    told: list[JsonValue] = [
        {**finding, "remedy": line.remedy}
        for finding, line in zip(findings if isinstance(findings, list) else [], lines, strict=True)
    ]
    return {**raw, "findings": told, "policy": _facts(policy, view) if policy else None}


def _facts(policy: Policy, view: DecisionView) -> JsonObject:
    cited = [control for control in view.law if control.name in policy.controls]
    return {
        "law": {one.name: one.standing_at(view.decision.decided_at) for one in cited},
        "title": policy.title,
        "description": policy.description,
        "controls": list(policy.controls),
        "remediation": policy.remediation,
        "severity": policy.severity.value,
        "evidence": list(policy.evidence),
        "effective_from": policy.effective_from,
        "waivable": list(policy.waivable),
        "file": policy.where.file,
        "line": policy.where.line,
    }
