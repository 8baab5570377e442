"""Explanations, with limits read from a real bundle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hallgate.decide.explain import Explanation, explain, tier_limits
from hallgate.decide.policies import PolicySet
from hallgate.engine.bundle import build_bundle
from hallgate.engine.opa import Opa, find_opa
from hallgate.model.errors import InvalidDocument, Location, UsageError
from hallgate.model.policy import Limit, Policy
from hallgate.model.values import Severity, Tier
from hallgate.publish.report.explain import render_explanation

ROOT = Path(__file__).parents[3]
ONE = "package promotion.rules.fairness.ratio\nlimits := {'low': 7000, 'medium': 8000}\n"
TWO = (
    "package promotion.rules.fairness.sufficiency\n"
    "limits := {'rows': {'low': 30, 'medium': 100, 'high': 200}, 'positives': {'high': 67}}\n"
)
REGISTER = {"nist-ai-rmf:MEASURE-2.11": "in force (voluntary) since 2023-01-26"}


def policy(name: str, module: str, *limits: Limit, **changes: Any) -> Policy:
    facts: dict[str, Any] = {
        "id": name,
        "family": "fairness",
        "name": module,
        "title": "Selection rates are close",
        "description": "A group selected less often\nmay be treated unfairly.",
        "severity": Severity.HIGH,
        "evidence": ("fairness_report",),
        "limits": limits,
        "waivable": ("fail", "insufficient"),
        "why_not": None,
        "controls": ("nist-ai-rmf:MEASURE-2.11", "eu-ai-act:10"),
        "remediation": "Retrain without the feature.",
        "effective_from": 1_767_225_600,
        "where": Location(f"policies/promotion/rules/fairness/{module}.rego", 20),
    }
    return Policy(**{**facts, **changes})


RATIO = policy("FAIR-001", "ratio", Limit("", "basis points", "minimum"))
ROWS = policy(
    "FAIR-003",
    "sufficiency",
    Limit("rows", "rows", "minimum"),
    Limit("positives", "rows", "minimum"),
)
PLAIN = policy("PRV-002", "plain", evidence=(), waivable=(), why_not="There is no half measure.")
BROKEN = policy("FAIR-009", "absent", Limit("", "rows", "minimum"))


@pytest.fixture(scope="module")
def engine() -> Opa:
    return Opa(find_opa(ROOT))


@pytest.fixture(scope="module")
def policies() -> PolicySet:
    files = {
        f"promotion/rules/fairness/{name}/{name}.rego": text.replace("'", '"').encode()
        for name, text in (("ratio", ONE), ("sufficiency", TWO))
    }
    return PolicySet((RATIO, ROWS, BROKEN, PLAIN), build_bundle(files, ("promotion",), {}))


def explained(engine: Opa, policies: PolicySet, name: str) -> Explanation:
    return explain(engine, policies, name, controls=REGISTER)


def test_limits_of_one_quantity(engine: Opa, policies: PolicySet) -> None:
    (limit,) = explained(engine, policies, "FAIR-001").limits
    assert limit.values == ((Tier.LOW, 7000), (Tier.MEDIUM, 8000))
    assert limit.at(Tier.HIGH) is None
    assert limit.quantity.sense == "minimum"


def test_limits_of_two_quantities_in_one_run(engine: Opa, policies: PolicySet) -> None:
    found = tier_limits(engine, policies, (RATIO, ROWS, PLAIN))
    rows, positives = found["FAIR-003"]
    assert (rows.quantity.name, rows.at(Tier.MEDIUM)) == ("rows", 100)
    assert (positives.quantity.name, positives.at(Tier.HIGH)) == ("positives", 67)
    assert found["PRV-002"] == ()


def test_limits_that_metadata_announces_but_rego_lacks(engine: Opa, policies: PolicySet) -> None:
    with pytest.raises(InvalidDocument, match="FAIR-009 has no limits per tier"):
        explained(engine, policies, "FAIR-009")


def test_case_does_not_matter(engine: Opa, policies: PolicySet) -> None:
    assert explained(engine, policies, "fair-001").policy is RATIO


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("FAIR-01", "did you mean FAIR-001"),
        ("FIAR-003", "did you mean FAIR-003"),
        ("suficiency", "did you mean FAIR-003?"),
        ("%%%", "known are FAIR-001, FAIR-003, FAIR-009, PRV-002"),
    ],
)
def test_an_unknown_id_suggests_the_nearest(
    name: str, nearest: str, engine: Opa, policies: PolicySet
) -> None:
    with pytest.raises(UsageError) as caught:
        explained(engine, policies, name)
    assert caught.value.remedy.startswith(nearest)
    assert caught.value.exit_code == 2


def test_the_text(engine: Opa, policies: PolicySet) -> None:
    text = render_explanation(explained(engine, policies, "FAIR-001"), "table")
    assert text == (
        "FAIR-001 Selection rates are close\n"
        "\n"
        "A group selected less often may be treated unfairly.\n"
        "\n"
        "quantity    sense    low    medium    high    unit\n"
        "----------  -------  -----  --------  ------  ------------\n"
        "limit       minimum  7,000  8,000     -       basis points\n"
        "\n"
        "severity       high\n"
        "in force from  2026-01-01 00:00:00 UTC\n"
        "evidence       fairness_report: make the fairness_report with "
        "`hallgate measure fairness`, signed by\n"
        "               a role that trust/roles.yaml allows\n"
        "waivable       findings of kind fail and insufficient\n"
        "emergency      no override lets it pass\n"
        "control        nist-ai-rmf:MEASURE-2.11: in force (voluntary) since 2023-01-26\n"
        "control        eu-ai-act:10: not in the register\n"
        "source         policies/promotion/rules/fairness/ratio.rego:20\n"
        "\n"
        "When it denies: Retrain without the feature.\n"
    )


def test_a_policy_that_cannot_be_waived_says_why(engine: Opa, policies: PolicySet) -> None:
    text = render_explanation(explained(engine, policies, "PRV-002"), "table")
    assert "waivable       no: There is no half measure." in text
    assert "evidence       none: it reads the request alone" in text


def test_the_json(engine: Opa, policies: PolicySet) -> None:
    explanation = explained(engine, policies, "FAIR-003")
    document = json.loads(render_explanation(explanation, "json"))
    assert document["limits"] == [
        {
            "name": "rows",
            "unit": "rows",
            "sense": "minimum",
            "tiers": {"low": 30, "medium": 100, "high": 200},
        },
        {"name": "positives", "unit": "rows", "sense": "minimum", "tiers": {"high": 67}},
    ]
    assert document["controls"] == [
        {
            "id": "nist-ai-rmf:MEASURE-2.11",
            "status": "in force (voluntary) since 2023-01-26",
        },
        {"id": "eu-ai-act:10", "status": None},
    ]
    with pytest.raises(UsageError):
        render_explanation(explanation, "yaml")
