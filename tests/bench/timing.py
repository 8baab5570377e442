"""Samples of work in turn (A B A B …) and what follows from them.

A ratio compares medians of one run alone, so that a busy or slow machine weighs on
both sides alike. Two clocks are read for every sample: the wall, and the processor
time of this process and of all children that ended meanwhile.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

ROUNDS = 5
CPU, WALL = "cpu", "wall"


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds one sample took by either clock."""

    wall: float
    cpu: float


Samples = Mapping[str, Sequence[Spent]]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    limit None: told, not judged. ratio None: not measured, and note says why.
    """

    name: str
    what: str
    limit: float | None
    clock: str
    ratio: float | None
    note: str = ""
    samples: Samples = field(default_factory=dict)

    @property
    def fails(self) -> bool:
        """Whether the ratio is above its limit."""
        return self.ratio is not None and self.limit is not None and self.ratio > self.limit

    @property
    def missing(self) -> bool:
        """Whether something that has a limit could not be measured."""
        return self.ratio is None and self.limit is not None


def spend(work: Callable[[], object]) -> Spent:
    """Do the work once."""
    wall, cpu = time.perf_counter(), _cpu()
    work()
    return Spent(time.perf_counter() - wall, _cpu() - cpu)


def alternate(works: Mapping[str, Callable[[], object]], rounds: int = ROUNDS) -> Samples:
    """Every work once to warm up, unmeasured, then each in turn, `rounds` times."""
    for work in works.values():
        work()
    return in_turn(works, rounds)


def in_turn(works: Mapping[str, Callable[[], object]], rounds: int = ROUNDS) -> Samples:
    """Each work in turn, `rounds` times, by somebody who has warmed up already."""
    samples: dict[str, list[Spent]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            samples[name].append(spend(work))
    return samples


def ratio(samples: Samples, ours: str, theirs: str, clock: str) -> float:
    """Median of ours over median of theirs."""
    return middle(samples[ours], clock) / middle(samples[theirs], clock)


def middle(samples: Sequence[Spent], clock: str) -> float:
    """Median in seconds by one clock."""
    return median(one.cpu if clock == CPU else one.wall for one in samples)


def say(text: str) -> None:
    """Progress, on standard error."""
    print(f"bench: {text}", file=sys.stderr, flush=True)


def _cpu() -> float:
    total = 0.0
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        used = resource.getrusage(who)
        total += used.ru_utime + used.ru_stime
    return total
