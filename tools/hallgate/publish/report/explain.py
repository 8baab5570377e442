"""An explanation as text or JSON."""

from __future__ import annotations

import json

from hallgate.decide.explain import Explanation
from hallgate.model.errors import UsageError
from hallgate.model.values import JsonObject, Tier
from hallgate.publish.report.table import WIDTH, table
from hallgate.publish.report.text import listed, utc, value, visible, wrapped

EXPLAIN_FORMATS = ("table", "json")


def render_explanation(explanation: Explanation, format: str) -> str:
    """The explanation as table or json; raises UsageError for any other format."""
    if format == "table":
        return _text(explanation)
    if format == "json":
        return json.dumps(_document(explanation), indent=2, sort_keys=True, allow_nan=False) + "\n"
    raise UsageError(f"there is no format {format!r}", remedy="use table or json")


def _text(explanation: Explanation) -> str:
    policy = explanation.policy
    blocks = [wrapped(visible(f"{policy.id} {policy.title}"), WIDTH), _prose(policy.description)]
    if explanation.limits:
        blocks.append(_limits(explanation))
    blocks.append("\n".join(_facts(explanation)))
    blocks.append(_prose(f"When it denies: {policy.remediation}"))
    return "\n\n".join(blocks) + "\n"


def _limits(explanation: Explanation) -> str:
    rows = [
        (
            wrapped(visible(limit.quantity.name.replace("_", " ") or "limit"), 40),
            limit.quantity.sense,
            *(value(limit.at(tier)) if limit.at(tier) is not None else "-" for tier in Tier),
            limit.quantity.unit,
        )
        for limit in explanation.limits
    ]
    return table(("quantity", "sense", *Tier, "unit"), rows)


def _facts(explanation: Explanation) -> list[str]:
    policy = explanation.policy
    since = utc(policy.effective_from) if policy.effective_from else "always"
    facts = [("severity", policy.severity.value), ("in force from", since)]
    facts += [("evidence", f"{kind}: {how}") for kind, how in explanation.evidence] or [
        ("evidence", "none: it reads the request alone")
    ]
    facts.append(("waivable", _waivable(explanation)))
    facts.append(("emergency", _overridable(policy.overridable)))
    facts += [
        ("control", f"{control}: {status or 'not in the register'}")
        for control, status in explanation.controls
    ]
    facts.append(("source", str(policy.where)))
    return [wrapped(visible(text), WIDTH, " " * 15, f"{name:<15}") for name, text in facts]


def _waivable(explanation: Explanation) -> str:
    policy = explanation.policy
    if policy.waivable:
        return f"findings of kind {listed(policy.waivable)}"
    return f"no: {policy.why_not}" if policy.why_not else "no"


def _overridable(allowed: bool) -> str:
    return "an override may let it pass for hours" if allowed else "no override lets it pass"


def _prose(text: str) -> str:
    return wrapped(visible(" ".join(text.split())), WIDTH)


def _document(explanation: Explanation) -> JsonObject:
    policy = explanation.policy
    return {
        "format": "urn:hallgate:explanation:v1",
        "id": policy.id,
        "title": policy.title,
        "description": policy.description,
        "severity": policy.severity.value,
        "evidence": [{"type": kind, "supply": how} for kind, how in explanation.evidence],
        "limits": [
            {
                "name": limit.quantity.name,
                "unit": limit.quantity.unit,
                "sense": limit.quantity.sense,
                "tiers": {tier.value: number for tier, number in limit.values},
            }
            for limit in explanation.limits
        ],
        "waivable": list(policy.waivable),
        "overridable": policy.overridable,
        "why_not": policy.why_not,
        "controls": [{"id": control, "status": status} for control, status in explanation.controls],
        "remediation": policy.remediation,
        "effective_from": policy.effective_from,
        "file": policy.where.file,
        "line": policy.where.line,
    }
