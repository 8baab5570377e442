from __future__ import annotations

from typing import Any

import pytest

from hallgate.publish.report import DecisionView, render
from hallgate.publish.report.github import command


def test_the_whole_output(allowed: DecisionView) -> None:
    assert render(allowed, "github") == (
        "::warning file=promotions/request.yaml,line=1,"
        "title=EEE-001 waived%3A Claim of EEE-001::two groups differ%0A"
        "observed 7,200 basis points; limit 8,000 basis points (minimum)%0A"
        "waived by EXC-2026-0007, owner head-of-credit, until 2027-01-15 08:00:00 UTC%0A"
        "do: Mend what EEE-001 found.\n"
        "::notice file=promotions/request.yaml,line=1,title=credit-risk to production::"
        "ALLOWED: 1 waived and 1 pass; tier high.\n"
    )


def test_commands_by_outcome(every_outcome: DecisionView) -> None:
    lines = render(every_outcome, "github").splitlines()
    assert [line.split(" ")[0] for line in lines] == [
        "::error",  # DDD-001 error
        "::error",  # CCC-001 fail
        "::error",  # CCC-001, what was left off
        "::error",  # BBB-002 insufficient
        "::error",  # BBB-001 insufficient
        "::warning",  # EEE-001 waived
        "::warning",  # FFF-001 pending
        "::error",  # the answer
    ]


def test_a_covered_finding_of_a_failing_policy_is_a_warning(build: Any) -> None:
    verdict = build.verdict(
        "AAA-001", "fail", build.finding("bare"), build.finding("covered", waiver=build.waiver)
    )
    lines = render(build.view(verdict), "github").splitlines()
    assert [line.split(" ")[0] for line in lines] == ["::error", "::warning", "::error"]


@pytest.mark.parametrize(
    ("message", "encoded"),
    [
        ("80% of", "80%25 of"),
        ("%0A::error::", "%250A::error::"),
        ("a\nb", "a%0Ab"),
        ("a\rb", "a\\rb"),
        ("a:b,c", "a:b,c"),
    ],
)
def test_message_escaping(message: str, encoded: str) -> None:
    assert command("error", "f", "t", message) == f"::error file=f,line=1,title=t::{encoded}"


def test_property_escaping() -> None:
    assert command("error", "a,b:c%.yaml", "x::y\n", "m") == (
        "::error file=a%2Cb%3Ac%25.yaml,line=1,title=x%3A%3Ay\\n::m"
    )
