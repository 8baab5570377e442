from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from hallgate.publish.report import DecisionView, render

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parent / "data" / "junit.xsd"))


def parsed(view: DecisionView) -> Any:
    root = etree.fromstring(render(view, "junit").encode())
    SCHEMA.assertValid(root)
    return root


def test_one_case_per_policy_named_by_id_and_title(every_outcome: DecisionView, build: Any) -> None:
    cases = parsed(every_outcome).findall("testsuite/testcase")
    assert [case.get("name") for case in cases] == [f"{n} Claim of {n}" for n in build.order]
    assert {case.get("classname") for case in cases} == {"hallgate.fairness"}


def test_each_outcome_has_its_element(every_outcome: DecisionView) -> None:
    cases = parsed(every_outcome).findall("testsuite/testcase")
    kinds = {case.get("name")[:7]: [child.tag for child in case] for case in cases}
    assert kinds == {
        "DDD-001": ["error"],
        "CCC-001": ["failure"],
        "BBB-001": ["failure"],
        "BBB-002": ["failure"],
        "EEE-001": ["skipped"],
        "FFF-001": ["skipped"],
        "AAA-001": [],
        "AAA-002": ["skipped"],
    }


def test_counts_agree_with_the_cases(every_outcome: DecisionView) -> None:
    root = parsed(every_outcome)
    for element in (root, root.find("testsuite")):
        counts = {name: element.get(name) for name in ("tests", "failures", "errors", "skipped")}
        assert counts == {"tests": "8", "failures": "3", "errors": "1", "skipped": "3"}


def test_a_waiver_stays_visible(allowed: DecisionView) -> None:
    (skipped,) = parsed(allowed).iter("skipped")
    assert skipped.get("message") == (
        "waived: two groups differ [waived by EXC-2026-0007, owner head-of-credit, "
        "until 2027-01-15 08:00:00 UTC]"
    )


def test_a_failure_says_what_and_what_to_do(every_outcome: DecisionView) -> None:
    failure = next(parsed(every_outcome).iter("failure"))
    assert failure.get("message") == "ratio too low (60 more of 61 findings left off)"
    assert failure.text.splitlines() == [
        "severity: high",
        "ratio too low",
        "  observed 7,200 basis points; limit 8,000 basis points (minimum)",
        "  do: Mend what CCC-001 found.",
    ]


def test_the_schema_refuses_what_jenkins_does_not_know() -> None:
    root = etree.fromstring(
        '<testsuites name="x" tests="1" failures="0" errors="0" skipped="0" time="0">'
        '<testsuite name="x" tests="1" failures="0" errors="0" skipped="0" time="0" '
        'timestamp="2026-09-21T13:13:20"><testcase name="a" classname="b" time="0">'
        "<waived/></testcase></testsuite></testsuites>"
    )
    with pytest.raises(etree.DocumentInvalid):
        SCHEMA.assertValid(root)
