"""A campaign as table, diffs with the missing case, and JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hallgate.model.errors import Fault
from hallgate.model.values import JsonObject
from hallgate.testing.mutants.campaign import Outcome
from hallgate.testing.mutants.corpus import Corpus
from hallgate.testing.mutants.equivalents import Equivalent, stale
from hallgate.testing.mutants.mutant import Mutant

_FATES = ("tests", "dependents", "scenarios", "stillborn")


class Report:
    """Outcomes held against the list of equivalents; ok is the gate."""

    def __init__(
        self, outcomes: Sequence[Outcome], corpus: Corpus, listed: Sequence[Equivalent]
    ) -> None:
        self.outcomes = tuple(outcomes)
        self._corpus = corpus
        reasons = {one.mutant: one for one in listed}
        judged = frozenset(
            module.path
            for one in outcomes
            for module in corpus.sources_of(frozenset({one.target.package}))
        )
        survivors = [(one, mutant) for one in outcomes for mutant in one.survivors]
        names = frozenset(self.name(mutant) for _, mutant in survivors)
        self.unexplained = tuple(m for _, m in survivors if self.name(m) not in reasons)
        self._equivalent = {
            one.target.name: sum(self.name(m) in reasons for m in one.survivors) for one in outcomes
        }
        self.faults: tuple[Fault, ...] = stale(listed, judged, names)

    @property
    def ok(self) -> bool:
        """No unexplained survivor and no stale entry."""
        return not self.unexplained and not self.faults

    def name(self, mutant: Mutant) -> str:
        """The name under which an equivalent is listed."""
        return mutant.name(self._corpus.modules[mutant.path].text)

    def table(self) -> list[tuple[str | int, ...]]:
        """Rows by family: mutants, those that did not compile, killed by whom, left."""
        families: dict[str, list[Outcome]] = {}
        for one in self.outcomes:
            families.setdefault(one.target.family, []).append(one)
        rows = [self._row(name, some) for name, some in families.items()]
        return [*rows, self._row("all", list(self.outcomes))]

    def _row(self, name: str, some: list[Outcome]) -> tuple[str | int, ...]:
        equivalent = sum(self._equivalent[one.target.name] for one in some)
        survived = sum(one.count("survived") for one in some)
        fates = [sum(one.count(fate) for one in some) for fate in _FATES]
        total = sum(len(one.fates) for one in some)
        return (name, len(some), total, *fates, equivalent, survived - equivalent)

    def survivors(self) -> Iterator[str]:
        """Each unexplained survivor: place, diff, missing case, an entry to copy."""
        for one in self.unexplained:
            text = self._corpus.modules[one.path].text
            before, after = one.lines(text)
            yield f"policies/{one.path}:{one.row} {one.rule} ({one.operator}, {self.name(one)})"
            yield from (f"  - {line}" for line in before)
            yield from (f"  + {line}" for line in after or ("(nothing)",))
            yield f"  missing: {one.missing()}"

    def as_json(self) -> JsonObject:
        """Figures by target and every survivor."""
        return {
            "ok": self.ok,
            "families": [dict(zip(HEADERS, row, strict=True)) for row in self.table()],
            "targets": [self._target(one) for one in self.outcomes],
            "survivors": [self._survivor(one) for one in self.unexplained],
            "stale_equivalents": [str(one) for one in self.faults],
        }

    def _target(self, one: Outcome) -> JsonObject:
        counts: Mapping[str, int] = {fate: one.count(fate) for fate in _FATES}
        return {
            "target": one.target.name,
            "family": one.target.family,
            "package": one.target.package,
            "mutants": len(one.fates),
            **counts,
            "equivalent": self._equivalent[one.target.name],
            "survived": one.count("survived") - self._equivalent[one.target.name],
            "seconds": one.seconds,
        }

    def _survivor(self, one: Mutant) -> JsonObject:
        before, after = one.lines(self._corpus.modules[one.path].text)
        return {
            "mutant": self.name(one),
            "file": one.path,
            "row": one.row,
            "rule": one.rule,
            "operator": one.operator,
            "before": list(before),
            "after": list(after),
            "missing": one.missing(),
        }


HEADERS = (
    "family", "targets", "mutants", "tests", "dependents", "scenarios", "stillborn",
    "equivalent", "survived",
)  # fmt: skip
