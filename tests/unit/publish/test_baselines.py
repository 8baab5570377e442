"""A baseline only shrinks, whatever it is changed into."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hallgate.publish.baselines import Baseline, growth, of_bundle, of_track, told
from hallgate.publish.versions.observed import Observed, observed_steps
from hallgate.publish.versions.value import Level

OLD: Baseline = {("FAIR-001", "m"): (10, 20), ("FAIR-002", "m"): (10, 20)}
PAIRS = st.tuples(st.sampled_from(["FAIR-001", "FAIR-002"]), st.sampled_from(["m", "n"]))
BASELINES = st.dictionaries(PAIRS, st.tuples(st.integers(0, 9), st.integers(0, 9)))


def _words(old: Baseline | None, new: Baseline | None) -> list[str]:
    return [one.what for one in growth(old, new)]


def test_the_first_is_drawn_freely_and_none_is_drawn_again() -> None:
    assert _words(None, OLD) == _words(None, None) == []
    assert _words({}, OLD) == ["FAIR-001 would no longer bind m", "FAIR-002 would no longer bind m"]
    for once in ({}, OLD):
        assert _words(once, None) == ["the baseline is null again, so that another could begin"]


def test_each_way_to_grow_is_named() -> None:
    assert _words(OLD, {**OLD, ("FAIR-001", "n"): (10, 20)}) == ["FAIR-001 would no longer bind n"]
    assert _words(OLD, {**OLD, ("SUP-001", "m"): (10, 20)}) == ["SUP-001 would no longer bind m"]
    assert _words(OLD, {**OLD, ("FAIR-001", "m"): (10, 21)}) == [
        "FAIR-001 would be observed of m longer, "
        "until 1970-01-01 00:00:20 UTC → 1970-01-01 00:00:21 UTC"
    ]
    assert _words(OLD, {**OLD, ("FAIR-001", "m"): (9, 20)}) == [
        "FAIR-001 would be observed of m earlier, "
        "from 1970-01-01 00:00:10 UTC → 1970-01-01 00:00:09 UTC"
    ]


def test_what_shrinks_is_let_pass() -> None:
    assert _words(OLD, OLD) == _words(OLD, {}) == []
    assert _words(OLD, {("FAIR-001", "m"): (11, 19)}) == []


@given(BASELINES, BASELINES, st.integers(-1, 10))
def test_without_growth_nothing_is_observed_that_was_not(
    old: Baseline, new: Baseline, when: int
) -> None:
    def at(baseline: Baseline) -> set[tuple[str, str]]:
        return {pair for pair, (since, until) in baseline.items() if since <= when < until}

    if not _words(old, new):
        assert at(new) <= at(old)


def test_what_reviewers_are_told() -> None:
    assert list(told(OLD, OLD)) == list(told(None, None)) == []
    assert list(told(None, {("FAIR-001", "m"): (0, 60)})) == [
        "a baseline is DRAWN UP, for 1 model, LOOSENED",
        "FAIR-001 is only observed of m until 1970-01-01 00:01:00 UTC, LOOSENED",
    ]
    assert list(told(OLD, {("FAIR-001", "m"): (10, 30)})) == [
        "FAIR-001 of m: until 1970-01-01 00:00:20 UTC → 1970-01-01 00:00:30 UTC, LOOSENED",
        "FAIR-002 binds m at once, tightened",
    ]
    assert list(told(OLD, {**OLD, ("FAIR-001", "m"): (10, 15)})) == [
        "FAIR-001 of m: until 1970-01-01 00:00:20 UTC → 1970-01-01 00:00:15 UTC, tightened"
    ]


def test_a_bundle_without_the_member_never_had_one() -> None:
    assert of_bundle({"name": "all"}) is None
    assert of_bundle({"baseline": []}) == {}
    entry = {"policy": "FAIR-001", "model": "m", "since": 1, "until": 2}
    assert of_bundle({"baseline": [entry]}) == {("FAIR-001", "m"): (1, 2)}
    assert of_track(None) is None
    assert of_track(()) == {}


def _levels(old: Observed, new: Observed, at: int) -> list[Level]:
    return [one.level for one in observed_steps(old, new, "FAIR-001", at)]


def test_levels_of_a_version() -> None:
    mine: Observed = {("baseline", "m"): (10, 20)}
    every: Observed = {("rollout", None): (10, 20)}
    assert _levels({}, mine, 15) == _levels({}, every, 15) == [Level.MINOR]
    assert _levels(mine, {}, 15) == _levels(every, {}, 15) == [Level.MAJOR]
    assert _levels(mine, {("baseline", "m"): (10, 15)}, 15) == [Level.MAJOR]
    assert _levels(mine, {("baseline", "m"): (10, 16)}, 15) == [Level.MINOR]
    assert _levels(mine, {("baseline", "m"): (10, 25)}, 15) == [Level.MINOR]
    assert _levels(mine, {}, 20) == [Level.PATCH]
    assert _levels(mine, {}, 9) == [Level.MINOR]
    assert _levels(mine, mine, 15) == []
    (step,) = observed_steps(every, {}, "FAIR-001", 15)
    assert step.line == (
        "FAIR-001: rollout of every model: observed until 1970-01-01 00:00:20 UTC → never,"
        " binds at once."
    )
