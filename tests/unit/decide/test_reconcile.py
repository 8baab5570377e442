"""A decision that rests on what is over is named with what it rested on."""

from __future__ import annotations

from dataclasses import replace

from hallgate.decide.reconcile import _lapsed
from hallgate.decide.waiver_status import Standing
from hallgate.model.decision import (
    Decision,
    Finding,
    ObservedMark,
    OverrideMark,
    Verdict,
    WaiverMark,
)
from hallgate.model.values import Outcome, Severity, Tier

AT = 1_790_000_000


def decision(expires: int) -> Decision:
    mark = WaiverMark("EXC-2026-0001", "lead", expires)
    findings = tuple(
        Finding(key, "fail", "m", 1, 2, mark) for key in ("insufficient:a", "insufficient:b")
    )
    verdict = Verdict("FAIR-001", Outcome.WAIVED, Severity.HIGH, (), findings, 2)
    return Decision(True, AT - 100, Tier.HIGH, (verdict,), {})


def standing(status: str) -> dict[str, Standing]:
    return {"EXC-2026-0001": Standing(status, "low", 1, 1, 1, (), None, {})}


def said(found: list[tuple[str, str, str]]) -> list[tuple[str, str]]:
    return [(code, what) for code, what, _ in found]


def test_a_waiver_in_force_is_no_finding() -> None:
    for status in ("in_force", "expiring"):
        assert _lapsed(decision(AT + 1), standing(status), AT) == []


def test_a_waiver_that_is_over_is_named_once() -> None:
    rests = "FAIR-001 rests on the waiver EXC-2026-0001, which "
    lapsed = "lapsed_waiver"
    assert said(_lapsed(decision(AT), standing("in_force"), AT)) == [
        (lapsed, rests + "has expired")
    ]
    for status in ("revoked", "withdrawn", "expired"):
        found = said(_lapsed(decision(AT + 1), standing(status), AT))
        assert found == [(lapsed, rests + f"is {status}")]
    assert said(_lapsed(decision(AT + 1), {}, AT)) == [(lapsed, rests + "is gone")]


def test_an_override_that_is_over_is_named() -> None:
    base = decision(AT + 1)
    mark = OverrideMark("OVR-2026-0001", "lead", AT, AT + 5)
    (verdict,) = base.verdicts
    verdict = replace(verdict, outcome=Outcome.OVERRIDDEN, findings=(), override=mark)
    found = _lapsed(replace(base, verdicts=(verdict,)), {}, AT)
    assert said(found) == [
        ("lapsed_override", "FAIR-001 rests on the override OVR-2026-0001, which has expired")
    ]
    assert _lapsed(replace(base, verdicts=(verdict,)), {}, AT - 1) == []


def test_what_a_track_only_observed_is_named_when_that_is_over() -> None:
    base = decision(AT + 1)
    (verdict,) = base.verdicts
    for by in ("baseline", "rollout"):
        mark = ObservedMark(by, AT)
        seen = replace(verdict, outcome=Outcome.PENDING, findings=(), observed=mark)
        found = _lapsed(replace(base, verdicts=(seen,)), {}, AT)
        words = f"FAIR-001 was only observed, by the track's {by} until 2026-09-21T14:13:20Z, and"
        assert said(found) == [("lapsed_observation", f"{words} binds since")]
        assert _lapsed(replace(base, verdicts=(seen,)), {}, AT - 1) == []
