"""Grype's JSON report.

Grype does not list the packages it looked at, so a report without matches says nothing on its
own: it counts only when the caller knows how many packages were scanned (from the SBOM).
With EPSS data it carries no date of publication; the policy then has none to go by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hallgate.measure.context import Predicate
from hallgate.measure.wrap.report import Report, inner, text
from hallgate.measure.wrap.vulnerabilities import (
    Suppression,
    Vulnerability,
    predicate,
    severity,
)
from hallgate.model.values import JsonValue


def wrap(report: Report) -> Predicate:
    """A vulnerability_report. Raises InvalidDocument for a document that is not Grype's."""
    document = report.object(report.document, "the report")
    if "matches" not in document:
        raise report.wrong("this is no report of grype", "run grype with -o json")
    matches = report.objects(document["matches"], "matches")
    found = [_vulnerability(report, match) for match in matches]
    ignored = [
        _suppression(_vulnerability(report, match), match)
        for match in report.objects(document.get("ignoredMatches"), "ignoredMatches")
    ]
    descriptor = document.get("descriptor")
    database = inner(descriptor, "db", "status", "built") or inner(descriptor, "db", "built")
    origin = report.origin(
        "grype",
        text(inner(descriptor, "version")),
        scanned="as the caller counted" if report.scanned else "components with matches only",
    )
    known = len({one.component for one in found})
    scanned = max(report.scanned or 0, known)
    return predicate(
        report,
        origin,
        found,
        scanned=scanned,
        suppressed=ignored,
        built=text(database),
        made=text(inner(descriptor, "timestamp")),
    )


def _suppression(one: Vulnerability, match: Mapping[str, JsonValue]) -> Suppression:
    rules = match.get("appliedIgnoreRules")
    said = [rule for rule in rules if isinstance(rule, Mapping)] if isinstance(rules, list) else []
    by_vex = next((rule for rule in said if text(rule.get("vex-status"))), {})
    return Suppression(
        one.id,
        one.component,
        text(by_vex.get("vex-status")) or "ignored",
        text(by_vex.get("vex-justification")),
    )


def _vulnerability(report: Report, match: Mapping[str, JsonValue]) -> Vulnerability:
    about = report.object(match.get("vulnerability"), "a vulnerability")
    name, identity = text(inner(match, "artifact", "name")), text(about.get("id"))
    if name is None or identity is None:
        raise report.wrong("a match lacks the vulnerability's id or the artifact's name")
    fixed = inner(about, "fix", "versions")
    first = fixed[0] if isinstance(fixed, Sequence) and fixed else None
    exploited = about.get("knownExploited")
    return Vulnerability(
        id=identity,
        component=f"{name}@{text(inner(match, 'artifact', 'version')) or 'unknown'}",
        severity=severity(about.get("severity")),
        exploited=isinstance(exploited, Sequence) and len(exploited) > 0,
        published_at=text(about.get("publishedDate")) or text(about.get("published")),
        fixed_version=text(first),
    )
