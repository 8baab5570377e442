"""What Trivy and Grype reports have in common once read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime

from hallgate.measure.context import (
    Context,
    Origin,
    Population,
    Predicate,
    clip,
    measured,
    unmeasured,
)
from hallgate.measure.wrap.report import Report, text
from hallgate.measure.wrap.vex import STATUSES, Statement
from hallgate.model.values import JsonValue

_MAX = 1000
_SEVERITIES = ("critical", "high", "medium", "low", "unknown")
_SYNONYMS = {"negligible": "low", "moderate": "medium", "important": "high"}
_LISTED = frozenset({"critical", "high", "unknown"})


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """One unsuppressed finding; published_at as the report writes it, or None."""

    id: str
    component: str
    severity: str
    exploited: bool
    published_at: str | None
    fixed_version: str | None


@dataclass(frozen=True, slots=True)
class Suppression:
    """A finding that was put aside: by a VEX statement, or by a rule of the scanner (ignored)."""

    id: str
    component: str
    status: str = "ignored"
    justification: str | None = None
    author: str | None = None
    product: str | None = None


def severity(value: JsonValue) -> str:
    """House severity; what is not understood is unknown, never low."""
    word = (text(value) or "unknown").lower()
    word = _SYNONYMS.get(word, word)
    return word if word in _SEVERITIES else "unknown"


def predicate(
    report: Report,
    origin: Origin,
    found: list[Vulnerability],
    *,
    scanned: int,
    suppressed: list[Suppression],
    built: str | None,
    made: str | None,
) -> Predicate:
    """A vulnerability_report; not_run where nothing is known to have been scanned.

    made: when the report says the scan was, which counts and not the hour of wrapping it: an
    old scan would be young for ever. Raises InvalidDocument for one of after that hour.

    Listed are findings of severity critical, high or unknown and all exploited ones, worst
    first; above a thousand they are counted as omitted.
    """
    context = _collected(report, moment(made))
    target = report.target_digest or report.subject
    population = Population("packages scanned for known vulnerabilities", scanned, target)
    if not scanned:
        reason = "the report does not show that anything was scanned"
        return unmeasured(context, origin, population, "not_run", reason)
    totals = Counter(one.severity for one in found)
    listed = {one for one in found if one.severity in _LISTED or one.exploited}
    ordered = sorted(
        listed,
        key=lambda one: (
            not one.exploited,
            _SEVERITIES.index(one.severity),
            one.id,
            one.component,
            str(one.fixed_version),
            str(one.published_at),
        ),
    )
    put_aside = sorted(suppressed, key=lambda one: (one.id, one.component))
    result: dict[str, JsonValue] = {
        "target_digest": target,
        "database_at": moment(report.database_at or built),
        "scanned": scanned,
        "totals": {name: totals[name] for name in _SEVERITIES},
        "findings": [_finding(one) for one in ordered[:_MAX]],
        "suppressed": len(suppressed),
        "suppressions": [_suppression(explained(report.vex, one)) for one in put_aside[:_MAX]],
        "omitted": max(0, len(ordered) - _MAX),
    }
    return measured(context, origin, population, result)


def _collected(report: Report, made: str | None) -> Context:
    if made is None:
        return report.context
    if datetime.fromisoformat(made) > datetime.fromisoformat(report.context.collected_at):
        raise report.wrong(f"was made at {made}, which is to come", "set the scanner's clock")
    return replace(report.context, collected_at=made)


def moment(value: str | None) -> str | None:
    """RFC 3339 text with a zone, None where the report's date is missing, zoneless or year 1."""
    if value is None:
        return None
    try:
        when = datetime.fromisoformat(value)
    except ValueError:
        return None
    if when.tzinfo is None or when.year < 1990:
        return None
    return when.isoformat().replace("+00:00", "Z")


def explained(statements: tuple[Statement, ...], one: Suppression) -> Suppression:
    """The suppression with what a VEX statement about the same finding says of it."""
    for said in statements:
        product = said.product_of(one.component)
        if one.id in said.ids and product is not None and said.suppresses:
            return replace(
                one,
                status=said.status,
                justification=said.justification,
                author=said.author,
                product=product,
            )
    return one


def _suppression(one: Suppression) -> dict[str, JsonValue]:
    return {
        "id": clip(one.id, 100),
        "component": clip(one.component, 300),
        "status": one.status if one.status in STATUSES else "ignored",
        "author": clip(one.author, 300) if one.author else None,
        "product": clip(one.product, 500) if one.product else None,
        "justification": clip(one.justification, 100) if one.justification else None,
    }


def _finding(one: Vulnerability) -> dict[str, JsonValue]:
    return {
        "id": clip(one.id, 100),
        "component": clip(one.component, 300),
        "severity": one.severity,
        "exploited": one.exploited,
        "published_at": moment(one.published_at),
        "fixed_version": clip(one.fixed_version, 100) if one.fixed_version else None,
    }
