"""Alerts of Falco: who watched what, for how long, and what closed an alert."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from measure_support import check, report

from hallgate.measure.wrap import wrap
from hallgate.measure.wrap.report import Watch
from hallgate.model.errors import InvalidDocument

WATCH = Watch("staging/m", "2026-11-12T05:00:00Z", "2026-11-20T05:00:00Z", 92)
ALERT = {"rule": "Terminal shell", "priority": "Critical", "time": "2026-11-13T09:12:00.5Z"}


def alerts(*found: Any, watch: Watch | None = WATCH, as_lines: bool = True) -> Any:
    document = "\n".join(json.dumps(one) for one in found) if as_lines else list(found)
    return wrap("runtime_alerts", report(document, watch=watch))


def test_falco_alerts_are_grouped_by_rule_and_all_are_counted() -> None:
    later = {**ALERT, "time": "2026-11-14T09:12:00Z"}
    quiet = {"rule": "Read file", "priority": "Notice"}
    for as_lines in (True, False):
        result = check("runtime_alerts", alerts(ALERT, quiet, later, as_lines=as_lines))
        (one,) = result["alerts"]
        assert (one["rule"], one["count"], one["closed_by"]) == ("Terminal shell", 2, None)
        assert one["last_at"] == "2026-11-14T09:12:00Z"
        assert (result["totals"]["critical"], result["totals"]["notice"]) == (2, 1)
        assert (result["rules"], result["omitted"], result["target"]) == (92, 0, "staging/m")
    (one,) = check("runtime_alerts", alerts({**ALERT, "time": None}))["alerts"]
    assert one["last_at"] is None


def test_falco_alert_is_closed_by_name_and_reason_alone() -> None:
    closed = replace(WATCH, closed=(("Terminal shell", "officer: a drill"),))
    (one,) = check("runtime_alerts", alerts(ALERT, watch=closed))["alerts"]
    assert one["closed_by"] == "officer: a drill"
    other = replace(WATCH, closed=(("Other rule", "officer: a drill"),))
    (one,) = check("runtime_alerts", alerts(ALERT, watch=other))["alerts"]
    assert one["closed_by"] is None


def test_falco_log_without_a_word_about_the_watch_measures_nothing() -> None:
    for watch in (None, replace(WATCH, rules=0)):
        predicate = alerts(watch=watch)
        check("runtime_alerts", predicate)
        assert predicate["status"] == "not_run"
    assert check("runtime_alerts", alerts())["alerts"] == []


def test_falco_rules_above_the_cap_are_counted() -> None:
    found = [{**ALERT, "rule": f"rule {at:04}"} for at in range(1_005)]
    result = check("runtime_alerts", alerts(*found))
    assert (len(result["alerts"]), result["omitted"]) == (1_000, 5)


def test_what_is_no_falco_alert_is_told_with_its_line() -> None:
    for broken, words in (
        ("{}", "no rule or no priority"),
        (json.dumps(ALERT) + "\n{broken", "line 2 is no JSON"),
        (json.dumps({**ALERT, "priority": "Urgent"}), "no priority of Falco"),
        ("[1]", "no JSON object"),
    ):
        with pytest.raises(InvalidDocument, match=words):
            wrap("runtime_alerts", report(broken, watch=WATCH))


def test_runtime_alerts_written_by_a_person_are_the_result() -> None:
    said = check("runtime_alerts", alerts(ALERT))
    assert check("runtime_alerts", wrap("runtime_alerts", report(said))) == said
