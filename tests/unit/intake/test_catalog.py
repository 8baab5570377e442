from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hallgate.intake.catalog import read_catalog
from hallgate.intake.schema import Schemas
from hallgate.model.errors import InvalidDocument
from hallgate.model.policy import Limit
from hallgate.model.values import Severity

ROOT = Path(__file__).parents[3]
OPA = ROOT / ".tools" / "bin" / "opa"

CUSTOM: dict[str, Any] = {
    "id": "FAIR-001",
    "severity": "high",
    "evidence": ["fairness_report"],
    "limit": {"unit": "basis points", "sense": "minimum"},
    "waivable": ["fail"],
    "controls": ["nist-ai-rmf:MEASURE-2.11"],
    "effective_from": "2026-01-01T00:00:00Z",
    "remediation": "mend it",
}


def policy(name: str = "close", **custom: Any) -> str:
    said = {key: value for key, value in {**CUSTOM, **custom}.items() if value is not ...}
    return (
        "# METADATA\n# scope: package\n# title: Rates are close\n# description: why\n"
        f"# custom: {json.dumps(said)}\n"
        f'package promotion.rules.fairness.{name}\n\ndeny contains "x" if input.y\n'
    )


def test_a_policy_is_read(inspect: Callable[..., Any], schemas: Schemas) -> None:
    (one,) = read_catalog(inspect(policy()), schemas)
    assert (one.id, one.family, one.name) == ("FAIR-001", "fairness", "close")
    assert one.severity is Severity.HIGH
    assert one.limits == (Limit("", "basis points", "minimum"),)
    assert one.effective_from == 1767225600
    assert one.why_not is None
    assert str(one.where).startswith("p0.rego:6")


def test_several_limits_and_nothing_waivable(inspect: Callable[..., Any], schemas: Schemas) -> None:
    limits = {
        "tpr_gap": {"unit": "basis points", "sense": "maximum"},
        "rows": {"unit": "rows", "sense": "minimum"},
    }
    source = policy(limit=..., limits=limits, waivable=[], why_not="the law forbids it")
    (one,) = read_catalog(inspect(source), schemas)
    assert [limit.name for limit in one.limits] == ["rows", "tpr_gap"]
    assert one.why_not == "the law forbids it"


@pytest.mark.parametrize(
    ("custom", "what"),
    [
        ({"severty": "high"}, "METADATA custom: 'severty' is no known field"),
        ({"severity": "low"}, "none of the values"),
        ({"severity": ...}, "severity is missing"),
        ({"id": "fair-1"}, "right form"),
        ({"evidence": ["fairnes_report"]}, "fairnes_report is no evidence type"),
        ({"evidence": ["pii_scan", "pii_scan"]}, "names something twice"),
        ({"limits": {"a": CUSTOM["limit"], "b": CUSTOM["limit"]}}, "both limit and limits"),
        ({"limit": {"unit": "x", "sense": "below"}}, "none of the values"),
        ({"limit": {"unit": "x"}}, "sense is missing"),
        ({"waivable": ["everything"]}, "none of the values"),
        ({"waivable": []}, "why nothing may be waived"),
        ({"why_not": "because"}, "yet something may be waived"),
        ({"controls": []}, "too short"),
        ({"controls": ["no colon"]}, "right form"),
        ({"effective_from": "2026-01-01"}, "is no RFC 3339 time"),
        ({"remediation": ""}, "too short"),
    ],
)
def test_faults_of_metadata(
    custom: dict[str, Any], what: str, inspect: Callable[..., Any], schemas: Schemas
) -> None:
    with pytest.raises(InvalidDocument) as caught:
        read_catalog(inspect(policy(**custom)), schemas)
    assert any(what in fault.what for fault in caught.value.faults), caught.value
    assert all(str(fault.where).startswith("p0.rego:6") for fault in caught.value.faults)


def test_ids_and_names_belong_to_one_policy(inspect: Callable[..., Any], schemas: Schemas) -> None:
    again = policy("close").replace("rules.fairness", "rules.other").replace("001", "002")
    with pytest.raises(InvalidDocument) as caught:
        read_catalog(inspect(policy(), policy("other"), again), schemas)
    said = [fault.what for fault in caught.value.faults]
    assert len(said) == 2
    assert any("the id FAIR-001 belongs to" in what for what in said)
    assert any("the name close belongs to" in what for what in said)


def test_a_rules_package_without_metadata_is_a_fault(
    inspect: Callable[..., Any], schemas: Schemas
) -> None:
    bare = "package promotion.rules.fairness.forgotten\n\nx := 1\n"
    test = "package promotion.rules.fairness.forgotten_test\n\ntest_x if true\n"
    with pytest.raises(InvalidDocument) as caught:
        read_catalog(inspect(policy(), bare, test), schemas)
    assert [fault.what for fault in caught.value.faults] == [
        "the package promotion.rules.fairness.forgotten has no METADATA"
    ]


def test_the_repository_s_own_catalog(schemas: Schemas) -> None:
    command = [str(OPA), "inspect", "--annotations", "-f", "json", "policies/promotion"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    catalog = read_catalog(json.loads(done.stdout), schemas)
    assert "FAIR-001" in {one.id for one in catalog}


def test_aliases_mean_one_policy_for_ever(inspect: Callable[..., Any], schemas: Schemas) -> None:
    (one,) = read_catalog(inspect(policy(aliases=["FAIR-009"])), schemas)
    assert one.aliases == ("FAIR-009",)
    assert one.overridable is True


@pytest.mark.parametrize(
    "sources",
    [
        (policy(aliases=["FAIR-001"]),),
        (policy(aliases=["FAIR-009", "FAIR-009"]),),
        (policy(aliases=["FAIR-002"]), policy("other", id="FAIR-002")),
        (policy(aliases=["FAIR-009"]), policy("other", id="FAIR-002", aliases=["FAIR-009"])),
    ],
)
def test_aliases_that_mean_another_policy(
    inspect: Callable[..., Any], schemas: Schemas, sources: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidDocument, match="alias"):
        read_catalog(inspect(*sources), schemas)


def test_what_nobody_may_waive_is_not_overridden_unless_it_says_so(
    inspect: Callable[..., Any], schemas: Schemas
) -> None:
    never = {"waivable": [], "why_not": "no"}
    for said, expected in (
        (never, False),
        ({**never, "overridable": True}, True),
        ({"overridable": False}, False),
        ({}, True),
    ):
        (one,) = read_catalog(inspect(policy(**said)), schemas)
        assert one.overridable is expected
