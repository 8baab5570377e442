"""Rollouts and baselines of two bundles: whom a policy starts to bind at once, and whom no more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hallgate.model.interval import within
from hallgate.publish.changes import LOOSER, STRICTER
from hallgate.publish.report.text import utc
from hallgate.publish.versions.value import Level, Step

# By (rollout or baseline, model or None): [since, until) in seconds.
Observed = Mapping[tuple[str, str | None], tuple[int, int]]


def observed_steps(old: Observed, new: Observed, policy: str, at: int) -> Iterator[Step]:
    """One step for each interval that differs; at (seconds) is when the new bundle is released.

    Looser is minor. Less than before is major only where it bound nothing until now and does so
    at once: what still has time is minor.
    """
    for key in sorted(old.keys() | new.keys(), key=str):
        first, second = old.get(key), new.get(key)
        if first == second:
            continue
        by, model = key
        whom = "every model" if model is None else model
        words = f"{by} of {whom}: observed {_told(first)} → {_told(second)}"
        if _within(first, at) and not _within(second, at):
            yield Step(Level.MAJOR, policy, f"{words}, binds at once")
        elif second is None or (first is not None and _inside(second, first)):
            yield Step(_least(first, at), policy, f"{words}, {STRICTER}")
        else:
            yield Step(Level.MINOR, policy, f"{words}, {LOOSER}")


def _within(interval: tuple[int, int] | None, at: int) -> bool:
    return interval is not None and within(*interval, at)


def _inside(inner: tuple[int, int], outer: tuple[int, int]) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _least(first: tuple[int, int] | None, at: int) -> Level:
    """What is over already changes no answer."""
    return Level.PATCH if first is not None and first[1] <= at else Level.MINOR


def _told(interval: tuple[int, int] | None) -> str:
    return "never" if interval is None else f"until {utc(interval[1])}"
