"""Decisions about the bases alone: what a sound promotion of each sector is judged to be."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hallgate.decide.policies import PolicySet
from hallgate.engine.opa import Opa
from hallgate.intake.repository import Repository
from hallgate.intake.schema import Schemas
from hallgate.model.decision import Verdict
from hallgate.model.errors import EngineError
from hallgate.testing.runner import prepare, run_together
from hallgate.testing.scenario import BASE, read_scenario
from hallgate.testing.session import SCENARIOS, cast_of


def base_verdicts(
    repository: Repository, schemas: Schemas, policies: PolicySet, engine: Opa
) -> dict[str, tuple[Verdict, ...]]:
    """Verdicts of each sector's base, by sector; none where a repository has no scenarios.

    Raises HallgateError for a base that cannot be staged or decided.
    """
    files = sorted((repository.root / SCENARIOS).glob(f"*/{BASE}"))
    if not files:
        return {}
    with tempfile.TemporaryDirectory(prefix="hallgate-bases-") as name:
        cast = cast_of(repository, schemas, Path(name))
        staged = [prepare(read_scenario(path), cast, schemas, policies) for path in files]
        answers = run_together(staged, engine, policies)
    found = {}
    for path in files:
        answer = answers[path]
        if isinstance(answer, EngineError):
            raise answer
        found[path.parent.name] = answer.verdicts
    return found
