"""Gaps: what of each framework the log shows, and what ends soon.

The same assessment as in an audit pack, over every decision the log lists in a period.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from hallgate.model.law import Control, Extent
from hallgate.model.policy import Policy
from hallgate.publish.pack.build import mapped_control
from hallgate.publish.pack.html import MEANING
from hallgate.publish.pack.scope import Decided
from hallgate.publish.pack.verifier.results import assess

_SEED = "gaps"
_FEW = 10  # missing numbers named one by one


@dataclass(frozen=True, slots=True)
class FrameworkGaps:
    """Controls of a framework by conclusion, and those that are not shown to hold."""

    framework: str
    counts: dict[str, int]
    open: tuple[tuple[str, str], ...]

    @property
    def controls(self) -> int:
        """The denominator: all controls in the register."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Ending:
    """Something that the newest allowed decision of a model and stage rests on, and its end."""

    kind: str
    name: str
    model: str
    stage: str
    ends: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """A numbered series of evidence that skips numbers: how many, and the first of them."""

    kind: str
    series: str
    count: int
    first: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Gaps:
    """The answer at a time (seconds): decisions looked at, gaps, what ends until `until`, and
    series of evidence with a number missing between the lowest and the highest seen."""

    at: int
    until: int
    decisions: int
    frameworks: tuple[FrameworkGaps, ...]
    endings: tuple[Ending, ...]
    skipped: tuple[Skipped, ...] = ()


def find_gaps(
    decided: Sequence[Decided],
    controls: Sequence[Control],
    extents: Sequence[Extent],
    catalog: Sequence[Policy],
    at: int,
    until: int,
) -> Gaps:
    """Assess every framework over these decisions; endings are those up to until (seconds)."""
    facts = [one.facts() for one in decided]
    reach = {one.framework: one for one in extents}
    found = []
    for framework in sorted({one.framework for one in controls}):
        own = [one for one in controls if one.framework == framework and one.applies_at(at)]
        if not own:
            continue  # nothing of it is law or guidance now; `hallgate law` lists what will be
        mapped = [mapped_control(one, reach.get(framework), catalog) for one in own]
        results = assess(facts, mapped, _SEED, 0)
        found.append(_framework(framework, results))
    endings = tuple(one for one in _endings(decided) if one.ends < until)
    return Gaps(at, until, len(decided), tuple(found), endings, skipped(decided))


def skipped(decided: Iterable[Decided]) -> tuple[Skipped, ...]:
    """Series of evidence that skip a number, among what these decisions rest on."""
    seen: dict[tuple[str, str], set[int]] = {}
    for decision in decided:
        for one in decision.statements:
            if one.sequence is not None:
                series, number = one.sequence
                seen.setdefault((one.kind, series), set()).add(number)
    found = []
    for (kind, series), numbers in sorted(seen.items()):
        count = max(numbers) - min(numbers) + 1 - len(numbers)
        if count:
            found.append(Skipped(kind, series, count, _first_missing(sorted(numbers))))
    return tuple(found)


def _first_missing(numbers: Sequence[int]) -> tuple[int, ...]:
    """A few numbers that are not there; a hole may be as wide as integers go."""
    found: list[int] = []
    for low, high in pairwise(numbers):
        found += range(low + 1, min(high, low + 1 + _FEW))
        if len(found) >= _FEW:
            break
    return tuple(found[:_FEW])


def _framework(framework: str, results: Iterable[dict[str, Any]]) -> FrameworkGaps:
    rows = [(one["control"], one["conclusion"]) for one in results]
    counts = Counter(conclusion for _, conclusion in rows)
    left = tuple(row for row in rows if row[1] != "held")
    return FrameworkGaps(framework, {name: counts[name] for name in MEANING}, left)


def _endings(decided: Iterable[Decided]) -> list[Ending]:
    """What the newest allowed decision of each model and stage rests on: waivers, evidence, and
    policies that its track only observed.
    """
    newest: dict[tuple[str, str], Decided] = {}
    for one in decided:
        key = (one.model, one.stage)
        if one.allowed and (key not in newest or newest[key].at <= one.at):
            newest[key] = one
    found = set()
    for (model, stage), one in newest.items():
        found |= {Ending(w.kind, w.id, model, stage, w.expires) for w in one.waived}
        found |= {Ending(by, policy, model, stage, until) for by, policy, until in one.observed}
        found |= {Ending("evidence", s.kind, model, stage, s.valid_until) for s in one.statements}
    return sorted(found, key=lambda one: (one.ends, one.kind, one.name, one.model, one.stage))


def metrics(gaps: Gaps) -> bytes:
    """The gaps in Prometheus's text format, for the node exporter's textfile collector."""
    from prometheus_client import CollectorRegistry, Gauge, generate_latest

    registry = CollectorRegistry()
    by = ("framework", "conclusion")
    controls = Gauge("hallgate_controls", "Controls by conclusion.", by, registry=registry)
    for one in gaps.frameworks:
        for name, count in one.counts.items():
            controls.labels(one.framework, name).set(count)
    names = ("kind", "name", "model", "stage")
    ends = Gauge("hallgate_ends_timestamp_seconds", "When it ends.", names, registry=registry)
    for ending in gaps.endings:
        ends.labels(ending.kind, ending.name, ending.model, ending.stage).set(ending.ends)
    numbers = ("type", "series")
    holes = Gauge("hallgate_evidence_skipped", "Numbers skipped.", numbers, registry=registry)
    for row in gaps.skipped:
        holes.labels(row.kind, row.series).set(row.count)
    Gauge("hallgate_decisions", "Decisions of the period.", registry=registry).set(gaps.decisions)
    Gauge("hallgate_gaps_timestamp_seconds", "When this was counted.", registry=registry).set(
        gaps.at
    )
    return generate_latest(registry)
