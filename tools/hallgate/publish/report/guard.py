"""What `hallgate guard` saw, in the formats of reports."""

from __future__ import annotations

import json
from collections.abc import Callable

from hallgate.decide.guard import Look, Seen
from hallgate.model.values import JsonObject, JsonValue
from hallgate.publish.report.github import command
from hallgate.publish.report.sarif import (
    LEVELS,
    SCHEMA,
    fingerprint,
    sarif_rule,
    sarif_text,
    sarif_uri,
)
from hallgate.publish.report.text import counted, visible

NO_DECISION = "A look at files, no decision: nothing is signed, and nothing is allowed by it."


def render_look(look: Look, format: str) -> str:
    """What was seen in one of GUARD_FORMATS, ending in a newline."""
    return _RENDERERS[format](look)


def headline(look: Look) -> str:
    """One sentence with the counts."""
    by = f"{counted(look.documents, 'document')} by {counted(len(look.policies), 'policy')}"
    return f"{counted(len(look.findings), 'finding')} in {by.replace('policys', 'policies')}."


def _table(look: Look) -> str:
    lines = []
    for seen in look.findings:
        word = "" if seen.kind == "deny" else " (cannot be judged)"
        lines.append(f"{visible(str(seen.where))}: {seen.policy.id}{word} {visible(seen.message)}")
    said = {one.policy.id: one.policy for one in look.findings}
    for policy in said.values():
        lines.append(f"\n{policy.id} {policy.title}")
        lines.append(f"  do: {' '.join(policy.remediation.split())}")
    lines.append(("\n" if lines else "") + headline(look))
    lines.append(NO_DECISION)
    return "\n".join(lines) + "\n"


def _json(look: Look) -> str:
    document: JsonObject = {
        "what": NO_DECISION,
        "files": list(look.files),
        "documents": look.documents,
        "policies": [one.id for one in look.policies],
        "findings": [
            {
                "policy": one.policy.id,
                "severity": one.policy.severity.value,
                "kind": one.kind,
                "key": one.key,
                "message": one.message,
                "file": one.where.file,
                "line": one.where.line,
            }
            for one in look.findings
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _sarif(look: Look) -> str:
    places = {policy.id: index for index, policy in enumerate(look.policies)}
    results: list[JsonValue] = [_result(one, places) for one in look.findings]
    rules: list[JsonValue] = [sarif_rule(one) for one in look.policies]
    run: JsonObject = {
        "tool": {"driver": {"name": "hallgate-guard", "rules": rules}},
        "invocations": [{"executionSuccessful": True}],
        "columnKind": "unicodeCodePoints",
        "results": results,
        "properties": {"answer": headline(look), "what": NO_DECISION},
    }
    document: JsonObject = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, sort_keys=True, allow_nan=False) + "\n"


def _result(seen: Seen, places: dict[str, int]) -> JsonObject:
    return {
        "ruleId": seen.policy.id,
        "ruleIndex": places[seen.policy.id],
        "kind": "fail",
        "level": LEVELS[seen.policy.severity],
        "message": {"text": sarif_text(seen.message)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": sarif_uri(seen.where.file)},
                    "region": {"startLine": seen.where.line or 1},
                }
            }
        ],
        "partialFingerprints": {"hallgateFinding/v1": fingerprint(seen.policy.id, seen.key)},
        "properties": {"kind": seen.kind, "key": seen.key},
    }


def _github(look: Look) -> str:
    lines = [
        command(
            "error",
            one.where.file,
            f"{one.policy.id} {one.policy.title}",
            f"{one.message}\n{one.policy.remediation}",
            line=one.where.line or 1,
        )
        for one in look.findings
    ]
    kind = "error" if look.findings else "notice"
    lines.append(command(kind, look.files[0], "hallgate guard", f"{headline(look)} {NO_DECISION}"))
    return "\n".join(lines) + "\n"


_RENDERERS: dict[str, Callable[[Look], str]] = {
    "table": _table,
    "json": _json,
    "sarif": _sarif,
    "github": _github,
}
GUARD_FORMATS = tuple(_RENDERERS)
