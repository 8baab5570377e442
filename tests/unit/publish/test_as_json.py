from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from hallgate.model.law import Control
from hallgate.publish.report import DecisionView, render


def test_it_holds_the_whole_decision(every_outcome: DecisionView) -> None:
    document = json.loads(render(every_outcome, "json"))
    body = every_outcome.decision.body
    for name in ("allowed", "decided_at", "tier"):
        assert document[name] == body[name]
    told = [
        {
            **{key: value for key, value in verdict.items() if key != "policy"},
            "findings": [
                {key: value for key, value in finding.items() if key != "remedy"}
                for finding in verdict["findings"]
            ],
        }
        for verdict in document["verdicts"]
    ]
    assert told == body["verdicts"]


def test_catalog_facts_and_remedies_stand_beside_each_verdict(
    every_outcome: DecisionView,
) -> None:
    document = json.loads(render(every_outcome, "json"))
    verdict = next(one for one in document["verdicts"] if one["id"] == "BBB-001")
    assert verdict["policy"] == {
        "title": "Claim of BBB-001",
        "description": "Why BBB-001 exists.",
        "controls": ["nist-ai-rmf:MEASURE-2.11"],
        "law": {},
        "remediation": "Mend what BBB-001 found.",
        "severity": "medium",
        "evidence": ["fairness_report"],
        "effective_from": 0,
        "waivable": ["fail", "insufficient"],
        "file": "policies/promotion/rules/x.rego",
        "line": 7,
    }
    assert verdict["findings"][0]["remedy"].startswith("make the fairness_report with")


def test_head_of_the_document(allowed: DecisionView) -> None:
    view = replace(
        allowed,
        ignored=(("vex.json", "foreign"),),
        engine_version="1.22.0",
        policies_digest="sha256:p",
        waivers_digest="sha256:w",
    )
    document = json.loads(render(view, "json"))
    assert document["format"] == "urn:hallgate:report:v1"
    assert document["mode"] == "enforce"
    assert document["counts"] == {"pass": 1, "waived": 1}
    assert document["ignored"] == [{"file": "vex.json", "why": "foreign"}]
    assert document["engine"] == {"name": "opa", "version": "1.22.0"}
    assert (document["policies"], document["waivers"]) == ("sha256:p", "sha256:w")
    assert document["request"]["document"]["to_stage"] == "production"


def test_a_policy_outside_the_catalog_has_null_facts(build: Any) -> None:
    view = build.view(build.verdict("AAA-001", "pass"), catalog=())
    assert json.loads(render(view, "json"))["verdicts"][0]["policy"] is None


def test_cited_controls_stand_as_on_the_day_of_the_decision(every_outcome: DecisionView) -> None:
    when = every_outcome.decision.decided_at
    for since, standing in ((when, "in_force"), (when + 1, "pending")):
        control = Control(
            "nist-ai-rmf", "MEASURE-2.11", "t", "house", "in_force", since, None, None, "s", "v"
        )
        document = json.loads(render(replace(every_outcome, law=(control,)), "json"))
        told = [one["policy"]["law"] for one in document["verdicts"]]
        assert told == [{"nist-ai-rmf:MEASURE-2.11": standing}] * len(told)
