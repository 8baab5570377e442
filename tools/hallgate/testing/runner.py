"""The one scenario runner: tests, parity with conftest, conformance of consumers."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hallgate.decide.compose import at, compose_input, waiver_bundle
from hallgate.decide.judge import judge_many
from hallgate.decide.policies import PolicySet
from hallgate.engine.bundle import Bundle
from hallgate.engine.opa import Opa
from hallgate.intake.schema import Schemas
from hallgate.model.decision import Decision

from hallgate.model.errors import EngineError

from hallgate.model.values import JsonObject, Outcome
from hallgate.testing.cast import Cast
from hallgate.testing.scenario import Expected, Scenario
from hallgate.testing.stage import stage


@dataclass(frozen=True, slots=True)
class Prepared:
    """A scenario ready for an engine: its input document and its waiver bundle, if any."""

    scenario: Scenario
    document: JsonObject
    waivers: Bundle | None


def prepare(scenario: Scenario, cast: Cast, schemas: Schemas, policies: PolicySet) -> Prepared:
    """Sign, write and read back the documents of one scenario."""
    live = frozenset(policy.id for policy in policies.catalog)
    with tempfile.TemporaryDirectory(prefix="hallgate-scenario-") as name:
        staged = stage(scenario, cast, schemas, Path(name), live)
    document = compose_input(staged.request, staged.evidence, staged.trust)
    bundle = waiver_bundle(staged.waivers, scenario.now) if staged.waivers else None
    return Prepared(scenario, at(document, scenario.now), bundle)


def run_all(
    prepared: Sequence[Prepared], engine: Opa, policies: PolicySet
) -> tuple[Decision | EngineError, ...]:
    """Decide every scenario; those without waivers in one engine run."""
    plain = [one for one in prepared if one.waivers is None]
    answers = judge_many(engine, policies, None, [one.document for one in plain], replay=True)
    by_file = dict(zip((one.scenario.file for one in plain), answers, strict=True))
    for one in prepared:
        if one.waivers is not None:
            answer = judge_many(engine, policies, one.waivers, [one.document], replay=True)
            by_file[one.scenario.file] = answer[0]
    return tuple(by_file[one.scenario.file] for one in prepared)


def observed(decision: Decision) -> Expected:
    """A decision in the form in which scenarios state what they expect."""
    rows = []
    for verdict in decision.verdicts:
        if verdict.outcome is not Outcome.PASS:
            keys = tuple(sorted({finding.key for finding in verdict.findings}))
            rows.append((verdict.id, verdict.outcome.value, keys))
    tier = decision.tier.value if decision.tier else "none"
    return Expected(decision.allowed, tier, tuple(rows))


def differences(scenario: Scenario, decision: Decision) -> tuple[str, ...]:
    """Lines that say how a decision differs from what the scenario expects."""
    said, seen = scenario.expected, observed(decision)
    lines = []
    if said.allowed != seen.allowed:
        lines.append(f"allowed: expected {said.allowed}, decided {seen.allowed}")
    if said.tier != seen.tier:
        lines.append(f"tier: expected {said.tier}, computed {seen.tier}")
    wanted = {name: (outcome, keys) for name, outcome, keys in said.verdicts}
    found = {name: (outcome, keys) for name, outcome, keys in seen.verdicts}
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            lines.append(f"{name}: expected {_row(wanted.get(name))}")
            lines.append(f"{' ' * len(name)}  decided  {_row(found.get(name))}")
            lines += _messages(decision, name)
    return tuple(lines)


def _row(row: tuple[str, tuple[str, ...]] | None) -> str:
    return "pass" if row is None else " ".join([row[0], *row[1]])


def _messages(decision: Decision, name: str) -> list[str]:
    verdict = next((one for one in decision.verdicts if one.id == name), None)
    if verdict is None:
        return []
    return [f"    {finding.message}" for finding in verdict.findings] + [
        f"    {reason}" for reason in verdict.reasons
    ]
