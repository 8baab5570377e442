"""The decision as SARIF 2.1.0, for code-scanning views."""

from __future__ import annotations

import hashlib
import json
from pathlib import PurePosixPath
from urllib.parse import quote

from hallgate.model.policy import Policy
from hallgate.model.values import JsonObject, JsonValue, Outcome, Severity
from hallgate.publish.report.text import counted, iso, visible
from hallgate.publish.report.view import DecisionView, Entry, Line, counts, entries, headline

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning"}
_SILENT = (Outcome.PASS, Outcome.NOT_APPLICABLE)


def sarif_report(view: DecisionView) -> str:
    """One run: a rule per policy, a result per finding; waived ones carry their suppression.

    What an emergency lets pass carries none: it stays an open alert.
    """
    catalog = sorted(view.catalog, key=lambda policy: policy.id)
    places = {policy.id: index for index, policy in enumerate(catalog)}
    results = [
        result
        for entry in entries(view)
        if entry.outcome not in _SILENT
        for result in _results(view, entry, places)
    ]
    errors = any(entry.outcome is Outcome.ERROR for entry in entries(view))
    run: dict[str, JsonValue] = {
        "tool": {
            "driver": {"name": "hallgate", "rules": [sarif_rule(policy) for policy in catalog]}
        },
        "invocations": [
            {"executionSuccessful": not errors, "endTimeUtc": iso(view.decision.decided_at)}
        ],
        "columnKind": "unicodeCodePoints",
        "results": results,
        "properties": {
            "allowed": view.decision.allowed,
            "answer": headline(view),
            "counts": {outcome.value: number for outcome, number in counts(view)},
            "mode": view.mode,
        },
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, sort_keys=True, allow_nan=False) + "\n"


def sarif_rule(policy: Policy) -> JsonObject:
    """A policy as a reporting descriptor."""
    return {
        "id": policy.id,
        "name": "".join(word.capitalize() for word in policy.name.split("_")),
        "shortDescription": {"text": _prose(policy.title)},
        "fullDescription": {"text": _prose(policy.description)},
        "help": {"text": _prose(policy.remediation)},
        "defaultConfiguration": {"level": LEVELS[policy.severity]},
        "properties": {
            "controls": list(policy.controls),
            "family": policy.family,
            "severity": policy.severity.value,
        },
    }


def _results(view: DecisionView, entry: Entry, places: dict[str, int]) -> list[JsonValue]:
    found: list[JsonValue] = [_result(view, entry, line, places) for line in entry.lines]
    if entry.left_off:
        total = counted(entry.verdict.findings_total, "finding")
        message = f"{entry.left_off:,} more of {total} left off"
        found.append(_result(view, entry, Line("left-off", message, None, None, None), places))
    return found


def _result(view: DecisionView, entry: Entry, line: Line, places: dict[str, int]) -> JsonObject:
    told = [f"{entry.outcome.value}: {line.message}", line.measured, line.covered]
    told.append(entry.notice)
    told.append(line.remedy and f"do: {line.remedy}")
    result: dict[str, JsonValue] = {
        "ruleId": entry.verdict.id,
        "kind": "fail",
        "level": _level(entry),
        "message": {"text": sarif_text(". ".join(part for part in told if part))},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": sarif_uri(view.request.file)},
                    "region": {"startLine": 1},
                }
            }
        ],
        "partialFingerprints": {"hallgateFinding/v1": fingerprint(entry.verdict.id, line.key)},
        "properties": {"outcome": entry.outcome.value, "key": line.key},
    }
    if entry.verdict.id in places:
        result["ruleIndex"] = places[entry.verdict.id]
    if line.covered is not None:
        covered: JsonObject = {
            "kind": "external",
            "status": "accepted",
            "justification": line.covered,
        }
        result["suppressions"] = [covered]
    return result


def _level(entry: Entry) -> str:
    if entry.outcome is not Outcome.PENDING:
        return "error"
    return "warning" if entry.observed else "note"


def sarif_text(text: str) -> str:
    """Plain text that no viewer takes for a placeholder or an embedded link (3.11.5, 3.11.6)."""
    return visible(text).replace("{", "{{").replace("}", "}}").replace("](", "] (")


def _prose(text: str) -> str:
    return sarif_text(" ".join(text.split()))


def sarif_uri(file: str) -> str:
    """A file as a URI reference."""
    # A file name need not be text: its bytes are what the URI holds.
    path = quote(PurePosixPath(file).as_posix(), errors="surrogatepass")
    return f"file://{path}" if path.startswith("/") else path


def fingerprint(policy: str, key: str) -> str:
    """What stays the same of a finding when lines move."""
    # A lone surrogate cannot be encoded, and a key is foreign text.
    return hashlib.sha256(f"{policy}\0{key}".encode(errors="surrogatepass")).hexdigest()
