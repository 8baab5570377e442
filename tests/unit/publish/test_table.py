from __future__ import annotations

from dataclasses import replace
from typing import Any

from hallgate.publish.report import DecisionView, render


def test_the_whole_table(allowed: DecisionView) -> None:
    assert render(allowed, "table") == (
        "credit-risk to production; decided 2026-09-21 14:13:20 UTC; enforce\n"
        "\n"
        "policy    outcome    what, and what to do\n"
        f"--------  ---------  {'-' * 65}\n"
        "EEE-001   waived     Claim of EEE-001\n"
        "high                 - two groups differ\n"
        "                       observed 7,200 basis points; limit 8,000 basis points (minimum)\n"
        "                       waived by EXC-2026-0007, owner head-of-credit, until 2027-01-15\n"
        "                       08:00:00 UTC\n"
        "                       do: Mend what EEE-001 found.\n"
        "\n"
        "policy    outcome    claim\n"
        "--------  ---------  ----------------\n"
        "AAA-001   pass       Claim of AAA-001\n"
        "\n"
        "ALLOWED: 1 waived and 1 pass; tier high.\n"
    )


def test_problems_stand_above_what_passes(every_outcome: DecisionView, build: Any) -> None:
    text = render(every_outcome, "table")
    places = [text.index(f"\n{name} ") for name in build.order]
    assert places == sorted(places)


def test_nothing_is_wider_than_100_columns(build: Any) -> None:
    long = "word " * 60 + "x" * 250
    view = build.view(
        build.verdict("AAA-001", "fail", build.finding(long, observed=long)),
        build.verdict("BBB-001", "not_applicable", reasons=[long]),
        catalog=(build.policy("AAA-001", title=long, remediation=long),),
        ignored=(("x" * 150, long),),
    )
    assert max(len(line) for line in render(view, "table").splitlines()) <= 100


def test_capped_findings_are_counted(every_outcome: DecisionView) -> None:
    assert "- 60 more of 61 findings left off" in render(every_outcome, "table")


def test_a_denial_ends_with_what_to_do_next(every_outcome: DecisionView) -> None:
    answer, _, steps = (
        render(every_outcome, "table").partition("\nDENIED: ")[2].partition("Next:\n")
    )
    assert answer.split()[-2:] == ["tier", "high."]
    assert [line[:5] for line in steps.splitlines() if not line.startswith("     ")] == [
        "  1. ",
        "  2. ",
        "  3. ",
    ]


def test_ignored_files_and_mode_are_named(allowed: DecisionView) -> None:
    view = replace(allowed, ignored=(("vex.json", "foreign type"),), what_if_at=1_800_000_000)
    text = render(view, "table")
    assert "ignored: vex.json: foreign type" in text
    assert "what-if at 2027-01-15 08:00:00 UTC" in text


def test_colour_only_when_asked(every_outcome: DecisionView) -> None:
    assert "\x1b" not in render(every_outcome, "table")
    plain = render(every_outcome, "table")
    coloured = render(every_outcome, "table", colour=True)
    assert "\x1b[31mfail\x1b[0m" in coloured
    for code in ("31", "32", "33", "34", "35", "36", "2", "0"):
        coloured = coloured.replace(f"\x1b[{code}m", "")
    assert coloured == plain
