"""Runs a kit against a consumer: the same scenarios, and what must be decided about each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from conftest_py import Conftest
from hallgate.model.decision import Decision
from hallgate.testing.kit import Kit, case_lines
from hallgate.testing.parity import denial_lines, denials_by_conftest, denials_expected
from hallgate.testing.runner import Decide, Prepared, run_by


@dataclass(frozen=True, slots=True)
class Result:
    """One case: lines say how it differs, error why there was no whole decision."""

    case: str
    title: str
    lines: tuple[str, ...] = ()
    error: str | None = None

    @property
    def conforms(self) -> bool:
        """Whether exactly what is expected was decided."""
        return not self.lines and self.error is None


def run_kit(kit: Kit, decide: Decide) -> tuple[Result, ...]:
    """Results of every case by a consumer that gives whole decisions, in order."""
    answers = run_by(kit.cases, decide)
    results = []
    for case in kit.cases:
        answer = answers[case.scenario.file]
        if isinstance(answer, Decision):
            results.append(_result(case, case_lines(kit, case, answer), None))
        else:
            results.append(_result(case, (), str(answer)))
    return tuple(results)


def run_kit_by_conftest(
    kit: Kit, program: Conftest, tree: Path, folder: Path
) -> tuple[Result, ...]:
    """Results of every case by conftest over a tree of policies: its denials, no more."""
    answers = denials_by_conftest(kit.cases, program, tree, folder)
    results = []
    for case in kit.cases:
        answer = answers[case.scenario.file]
        if isinstance(answer, str):
            results.append(_result(case, (), answer))
        else:
            lines = denial_lines(denials_expected(case.scenario.expected), answer)
            results.append(_result(case, lines, None))
    return tuple(results)


def _result(case: Prepared, lines: tuple[str, ...], error: str | None) -> Result:
    name = f"{case.scenario.sector}/{case.scenario.name}"
    return Result(name, case.scenario.title, lines, error)
