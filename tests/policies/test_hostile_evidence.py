"""Evidence of the right shape and the wrong size: every policy still has an outcome, in time.

Extremes are made from the schemas. What is of the wrong shape is tried in
test_negative_evidence.py.
"""

from __future__ import annotations

import json
import os
import subprocess
import time

import pytest

from hallgate.model.decision import Decision

CAP = 50
BIG = {"findings": 20_000, "per statement": 1_000}


def extreme(value, schema, turn):
    """The value with each number, text and list turned to an end of what its schema allows."""
    if isinstance(value, dict):
        return {
            name: extreme(inner, schema["properties"][name], turn) for name, inner in value.items()
        }
    return turn(value, schema)


def numbers(end):
    def turn(value, schema):
        if isinstance(value, list):
            return [extreme(one, schema["items"], turn) for one in value]
        if isinstance(value, int) and not isinstance(value, bool) and end in schema:
            return schema[end]
        return value

    return turn


def shortest(value, schema):
    """Lists as short, and free text as empty, as may be."""
    if isinstance(value, list):
        return [extreme(one, schema["items"], shortest) for one in value[: schema["minItems"]]]
    if isinstance(value, str) and "maxLength" in schema and "pattern" not in schema:
        return "" if not schema.get("minLength") else value[: schema["minLength"]]
    return value


def full(budget):
    """Lists full, of items told apart by their free text; at most so many items in all."""

    def turn(value, schema):
        if isinstance(value, list) and value:
            size = min(schema["maxItems"], budget)
            inner = full(max(1, budget // size))
            items = [extreme(one, schema["items"], inner) for one in value[:size]]
            return [told_apart(items[n % len(items)], schema["items"], n) for n in range(size)]
        return value

    return turn


def told_apart(item, schema, number):
    def turn(value, inner):
        free = isinstance(value, str) and "maxLength" in inner and "pattern" not in inner
        return f"{value} {number} \u0430\u200b"[: inner["maxLength"]] if free else value

    return extreme(item, schema, turn)


TURNS = {
    "largest": numbers("maximum"),
    "smallest": numbers("minimum"),
    "shortest": shortest,
    "fullest": full(6_000),
}


@pytest.fixture(scope="module")
def documents(harness):
    """One document for each turn and type of each sector's base."""
    found = {}
    for base in sorted(harness.scenarios.glob("*/base.yaml")):
        document = harness.prepared[base].document
        for kind, (first, *others) in document["evidence"].items():
            result = harness.schemas.schema(f"flat:{kind}")["properties"]["result"]
            for name, turn in TURNS.items():
                changed = {**first, "result": extreme(first["result"], result, turn)}
                evidence = {**document["evidence"], kind: [changed, *others]}
                found.setdefault((kind, name), {**document, "evidence": evidence})
    return found


@pytest.fixture(scope="module")
def decisions(harness, documents):
    answers = harness.replayed(list(documents.values()))
    return dict(zip(documents, answers, strict=True))


def test_every_policy_has_an_outcome_at_every_end(harness, documents, decisions):
    ids = [policy.id for policy in harness.policies.catalog]
    for case, decision in decisions.items():
        assert isinstance(decision, Decision), (case, decision)
        assert [one.id for one in decision.verdicts] == ids, case
        errors = [one.id for one in decision.verdicts if one.outcome.value == "error"]
        assert not errors, case


def test_extremes_have_the_shape_of_their_schemas(decisions):
    """Otherwise they would all end as malformed, and no rule would have met them."""
    for (kind, name), decision in decisions.items():
        for verdict in decision.body["verdicts"]:
            for finding in verdict["findings"]:
                if finding["kind"] == "evidence" and finding["key"] == f"evidence:{kind}":
                    assert finding["fault"] != "malformed", (kind, name)


def test_findings_are_capped_and_counted(decisions):
    totals = [one.findings_total for got in decisions.values() for one in got.verdicts]
    assert max(totals) > CAP
    for decision in decisions.values():
        for verdict in decision.verdicts:
            assert len(verdict.findings) == min(CAP, verdict.findings_total)


def peak(harness, tmp_path, document):
    """Verdicts of a request, with CPU seconds and peak memory (KiB) of the engine alone."""
    bundle = tmp_path / "policies.tar.gz"
    bundle.write_bytes(harness.policies.bundle.data)
    asked = tmp_path / "input.json"
    asked.write_text(json.dumps(document))
    query = (
        "[[v.id, v.outcome, v.findings_total] | some v in data.promotion.replay.decision.verdicts]"
    )
    command = [str(harness.engine.program), "eval", "--strict-builtin-errors", "-f", "raw"]
    command += ["-b", str(bundle), "-i", str(asked), query]
    with (tmp_path / "out").open("w+b") as out:
        child = subprocess.Popen(command, stdout=out, stdin=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        said = out.read()
    assert child.returncode == 0, said[:2000]
    return json.loads(said), usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def test_twenty_thousand_findings_cost_time_and_memory_in_proportion(harness, tmp_path):
    document = harness.prepared[harness.scenarios / "finance" / "base.yaml"].document
    kind = "vulnerability_report"
    result = harness.schemas.schema(f"flat:{kind}")["properties"]["result"]["properties"][
        "findings"
    ]
    one = {"id": "CVE-2026-1", "component": "lib@1", "severity": "critical", "exploited": True}
    row = {**dict.fromkeys(result["items"]["properties"]), **one, "published_at": document["now"]}
    first = document["evidence"][kind][0]

    def with_findings(count):
        def statement(number):
            found = [
                told_apart({**row, "component": f"lib{number}-{n}@1"}, result["items"], 0)
                for n in range(BIG["per statement"])
            ]
            return {**first, "result": {**first["result"], "findings": found}}

        several = [statement(number) for number in range(count // BIG["per statement"])]
        return {**document, "evidence": {**document["evidence"], kind: several}}

    started = time.monotonic()
    few, seconds, memory = peak(harness, tmp_path, with_findings(BIG["findings"] // 10))
    many, more_seconds, more_memory = peak(harness, tmp_path, with_findings(BIG["findings"]))
    assert [row[:2] for row in few] == [row[:2] for row in many]
    assert {row[0]: row[2] for row in many}["SUP-002"] >= BIG["findings"]
    assert more_seconds <= 20 * seconds, "more than in proportion, twice over"
    assert more_memory <= 10 * memory
    assert time.monotonic() - started < harness.engine.timeout
