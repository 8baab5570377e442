from __future__ import annotations

from dataclasses import replace
from typing import Any

from hallgate.publish.report import DecisionView
from hallgate.publish.report.view import entries, headline, next_steps


def test_problems_come_first_by_outcome_then_severity(
    every_outcome: DecisionView, build: Any
) -> None:
    assert tuple(entry.id for entry in entries(every_outcome)) == build.order


def test_within_one_outcome_severity_comes_before_id(build: Any) -> None:
    verdicts = [
        build.verdict("AAA-001", "fail", build.finding(), severity="medium"),
        build.verdict("BBB-001", "fail", build.finding(), severity="critical"),
        build.verdict("CCC-001", "fail", build.finding(), severity="high"),
    ]
    found = [entry.id for entry in entries(build.view(*verdicts))]
    assert found == ["BBB-001", "CCC-001", "AAA-001"]


def test_headline_counts_every_outcome_once(every_outcome: DecisionView) -> None:
    assert headline(every_outcome) == (
        "DENIED: 1 error, 1 fail, 2 insufficient, 1 waived, 1 pending, 1 pass and "
        "1 not applicable; tier high."
    )


def test_what_if_never_says_that_something_is_allowed(allowed: DecisionView) -> None:
    asked = replace(allowed, what_if_at=1_800_000_000)
    assert headline(asked).startswith("WOULD BE ALLOWED at 2027-01-15 08:00:00 UTC: ")
    assert asked.mode == "what-if at 2027-01-15 08:00:00 UTC"
    assert allowed.mode == "enforce"


def test_next_steps_are_three_distinct_remedies_with_their_policies(
    every_outcome: DecisionView,
) -> None:
    assert next_steps(every_outcome) == (
        "run `hallgate check` and tell the owners of policies/promotion/rules/x.rego:7: "
        "no fault of the model (DDD-001)",
        "Mend what CCC-001 found (CCC-001)",
        "sign the model_card with `hallgate evidence sign`: role model-owner (BBB-002)",
    )


def test_one_remedy_for_many_policies_is_one_step(build: Any) -> None:
    missing = build.gap("fairness_report", "missing")
    verdicts = [build.verdict(f"AAA-00{n}", "insufficient", missing) for n in range(1, 4)]
    assert next_steps(build.view(*verdicts)) == (
        "make the fairness_report with `hallgate measure fairness`, signed by role evaluator "
        "(AAA-001, AAA-002, AAA-003)",
    )


def test_an_allowed_promotion_has_no_next_steps(allowed: DecisionView) -> None:
    assert next_steps(allowed) == ()


def test_a_gap_without_command_names_the_role_that_must_supply_it(build: Any) -> None:
    verdict = build.verdict("AAA-001", "insufficient", build.gap("model_card", "missing"))
    (line,) = entries(build.view(verdict))[0].lines
    assert line.remedy == (
        "make the model_card with `hallgate evidence wrap model_card`, signed by role model-owner"
    )


def test_a_gap_that_nobody_may_close_says_so(build: Any) -> None:
    verdict = build.verdict("AAA-001", "insufficient", build.gap("dataset_card", "missing"))
    (line,) = entries(build.view(verdict))[0].lines
    assert line.remedy is not None
    assert line.remedy == (
        "trust/roles.yaml lets no role sign the dataset_card: name one, then make it with "
        "`hallgate evidence wrap dataset_card`"
    )
    (line,) = entries(build.view(verdict, trust=None))[0].lines
    assert line.remedy is not None
    assert "a role that trust/roles.yaml allows" in line.remedy


def test_a_missing_approval_names_those_who_may_approve(build: Any) -> None:
    verdict = build.verdict("APR-001", "insufficient", build.gap("approval", "missing"))
    (line,) = entries(build.view(verdict))[0].lines
    assert line.remedy == "have role model-owner approve with `hallgate approval sign`"


def test_a_waived_finding_names_waiver_owner_and_expiry(allowed: DecisionView) -> None:
    waived = entries(allowed)[0]
    assert [line.covered for line in waived.lines] == [
        "waived by EXC-2026-0007, owner head-of-credit, until 2027-01-15 08:00:00 UTC"
    ]


def test_units_are_named_only_where_they_are_certain(build: Any) -> None:
    verdict = build.verdict("AAA-001", "fail", build.finding())
    (line,) = entries(build.view(verdict))[0].lines
    assert line.measured == "observed 7,200 basis points; limit 8,000 basis points (minimum)"
    free = build.verdict("AAA-001", "fail", build.finding(observed=3, limit=None))
    (line,) = entries(build.view(free))[0].lines
    assert line.measured == "observed 3"
    two = build.policy("AAA-001", limits=build.policy("X").limits * 2)
    (line,) = entries(build.view(verdict, catalog=(two,)))[0].lines
    assert line.measured == "observed 7,200; limit 8,000"


def test_a_verdict_outside_the_catalog_is_still_shown(build: Any) -> None:
    view = build.view(build.verdict("AAA-001", "fail", build.finding()), catalog=())
    (entry,) = entries(view)
    assert entry.title == "not in the catalog"
    assert entry.lines[0].message == "ratio too low"
