"""Falco's alerts, as it writes them with json_output: one JSON object a line, or a list of them.

A log of alerts does not say from when until when the sensor watched, with how many rules, or which
alerts somebody has explained: the caller says it, and without it nothing was watched (not_run).
Every alert of the file counts; alerts of other workloads are taken out before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from hallgate.measure.context import Population, Predicate, clip, measured, unmeasured
from hallgate.measure.json_text import strict_json
from hallgate.measure.wrap.report import Report, text
from hallgate.measure.wrap.vulnerabilities import moment
from hallgate.model.values import JsonValue

_PRIORITIES = (
    "emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug",
)  # fmt: skip
_LISTED = _PRIORITIES[:3]
_SYNONYMS = {"info": "informational", "warn": "warning", "err": "error"}
_MAX = 1000
Alert = Mapping[str, JsonValue]


def wrap(report: Report) -> Predicate:
    """Runtime_alerts. Raises InvalidDocument for lines that are no alerts, with the line."""
    alerts = _alerts(report)
    watch = report.watch
    origin = report.origin("falco", None, alerts=str(len(alerts)))
    population = Population("rules of the sensor", watch.rules if watch else 0)
    if watch is None or not watch.rules:
        reason = "nobody said from when until when it watched, and with how many rules"
        return unmeasured(report.context, origin, population, "not_run", reason)
    totals = Counter(_priority(report, one) for one in alerts)
    groups: dict[tuple[str, str], list[Alert]] = {}
    for one in alerts:
        priority = _priority(report, one)
        if priority in _LISTED:
            groups.setdefault((priority, str(one["rule"])), []).append(one)
    ordered = sorted(groups, key=lambda key: (_LISTED.index(key[0]), key[1]))
    closed = dict(watch.closed)
    result: dict[str, JsonValue] = {
        "sensor": "falco",
        "target": watch.target,
        "rules": watch.rules,
        "watched_from": watch.since,
        "watched_until": watch.until,
        "totals": {name: totals[name] for name in _PRIORITIES},
        "alerts": [
            {
                "rule": clip(rule, 300),
                "priority": priority,
                "count": len(groups[priority, rule]),
                "last_at": _last(groups[priority, rule]),
                "closed_by": clip(closed[rule], 500) if closed.get(rule) else None,
            }
            for priority, rule in ordered[:_MAX]
        ],
        "omitted": sum(len(groups[key]) for key in ordered[_MAX:]),
    }
    return measured(report.context, origin, population, result)


def _alerts(report: Report) -> list[Alert]:
    if not isinstance(report.document, str):
        found = report.objects(report.document, "the alerts")
    else:
        found = []
        for number, line in enumerate(report.document.splitlines(), start=1):
            if line.strip():
                found.append(_line(report, number, line))
    for one in found:
        if text(one.get("rule")) is None or text(one.get("priority")) is None:
            raise report.wrong(
                "an alert has no rule or no priority", "let Falco write with json_output: true"
            )
    return found


def _line(report: Report, number: int, line: str) -> Alert:
    try:
        value = strict_json(line)
    except ValueError as error:
        raise report.wrong(
            f"line {number} is no JSON: {error}", "let Falco write with json_output: true"
        ) from error
    return report.object(value, f"line {number}")


def _priority(report: Report, alert: Alert) -> str:
    word = str(alert["priority"]).lower()
    word = _SYNONYMS.get(word, word)
    if word not in _PRIORITIES:
        raise report.wrong(f"{alert['priority']!r} is no priority of Falco")
    return word


def _last(alerts: list[Alert]) -> str | None:
    times = [moment(text(one.get("time"))) for one in alerts]
    known = [one for one in times if one]
    return max(known) if len(known) == len(times) else None
