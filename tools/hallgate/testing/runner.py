"""The one scenario runner: tests, parity with conftest, conformance of consumers."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from hallgate.decide.compose import at, compose_input, quarantine, waiver_bundle
from hallgate.decide.judge import Rules, judge_many, judge_served
from hallgate.decide.policies import PolicySet
from hallgate.engine.bundle import Bundle
from hallgate.engine.opa import Opa
from hallgate.engine.served import served
from hallgate.intake.schema import Schemas
from hallgate.model.decision import Decision
from hallgate.model.documents import Override, Waiver
from hallgate.model.errors import EngineError
from hallgate.model.policy import Policy
from hallgate.model.values import JsonObject, Outcome
from hallgate.record.canonical import sha256_digest
from hallgate.testing.cast import Cast
from hallgate.testing.scenario import Expected, Scenario
from hallgate.testing.stage import stage

# From so many on a server's start pays.
_MANY = 20


@dataclass(frozen=True, slots=True)
class Prepared:
    """A scenario ready for an engine: its input document, its waivers and overrides."""

    scenario: Scenario
    document: JsonObject
    waivers: tuple[Waiver, ...]
    overrides: tuple[Override, ...] = ()


Answer = Decision | EngineError


@dataclass(frozen=True, slots=True)
class Group:
    """Scenarios that one engine run can decide: all without exceptions, or at one time."""

    members: tuple[Prepared, ...]
    waivers: Bundle


def prepare(scenario: Scenario, cast: Cast, schemas: Schemas, policies: PolicySet) -> Prepared:
    """Sign, write and read back the documents of one scenario."""
    scenario = _with_own_digest(scenario)
    with tempfile.TemporaryDirectory(prefix="hallgate-scenario-") as name:
        staged = stage(scenario, cast, schemas, Path(name), policies)
    document = compose_input(staged.request, staged.evidence, staged.trust)
    if scenario.change.get("quarantined"):
        document = quarantine(document, scenario.change["quarantined"])
    return Prepared(scenario, at(document, scenario.now), staged.waivers, staged.overrides)


def _with_own_digest(scenario: Scenario) -> Scenario:
    """Give a scenario with exceptions a model of its own, so that one bundle can hold them all.

    Its digest, and its name too for what concerns every version of a model: a range, and an
    override with its debt.
    """
    if not scenario.change.get("waivers") and not scenario.change.get("overrides"):
        return scenario
    model = scenario.base["request"]["model"]
    name = f"{scenario.sector}/{scenario.name}"
    swaps = [(model["digest"], sha256_digest(name.encode()))]
    ranged = any(
        "/subject/versions" in one.get("set", ()) for one in scenario.change.get("waivers", ())
    )
    if scenario.change.get("overrides") or ranged:
        short = sha256_digest(name.encode())[7:15]
        swaps.append((f'"{model["name"]}"', f'"{model["name"]}-{short}"'))

    def renamed(document: dict[str, Any]) -> dict[str, Any]:
        text = json.dumps(document)
        for old, new in swaps:
            text = text.replace(old, new)
        return cast("dict[str, Any]", json.loads(text))

    return replace(scenario, base=renamed(scenario.base), change=renamed(scenario.change))


def grouped(prepared: Sequence[Prepared]) -> tuple[Group, ...]:
    """As few groups as possible, each with one waiver bundle."""
    groups: dict[int | None, list[Prepared]] = {}
    for one in prepared:
        now = one.scenario.now if one.waivers or one.overrides else None
        groups.setdefault(now, []).append(one)
    return tuple(
        Group(
            tuple(members),
            waiver_bundle(
                [waiver for one in members for waiver in one.waivers],
                now or 0,
                overrides=[override for one in members for override in one.overrides],
            ),
        )
        for now, members in groups.items()
    )


# Decides a group's documents under its waivers, in their order.
Decide = Callable[[Group], Sequence[Answer]]


def by_engine(engine: Opa, rules: Rules) -> Decide:
    """Decides with the engine itself, one run for a group."""

    def decide(group: Group) -> Sequence[Answer]:
        documents = [one.document for one in group.members]
        return judge_many(engine, rules, group.waivers, documents, replay=True)

    return decide


def run_by(prepared: Sequence[Prepared], decide: Decide) -> dict[Path, Answer]:
    """Decide every scenario by any consumer that gives whole decisions, by its file."""
    answers: dict[Path, Answer] = {}
    for group in grouped(prepared):
        files = [one.scenario.file for one in group.members]
        answers.update(zip(files, decide(group), strict=True))
    return answers


def run_all(
    prepared: Sequence[Prepared], engine: Opa, policies: PolicySet
) -> dict[Path, Decision | EngineError]:
    """Decide every scenario by the engine, by its file."""
    return run_by(prepared, by_engine(engine, policies.rules))


def run_together(
    prepared: Sequence[Prepared], engine: Opa, policies: PolicySet
) -> dict[Path, Decision | EngineError]:
    """As run_all(), in one engine run although the times differ: a story is one batch.

    What has expired stays in the bundle; main judges that by the time of each.
    """
    together = waiver_bundle(
        [waiver for one in prepared for waiver in one.waivers],
        0,
        overrides=[override for one in prepared for override in one.overrides],
    )
    answers = by_engine(engine, policies.rules)(Group(tuple(prepared), together))
    return dict(zip([one.scenario.file for one in prepared], answers, strict=True))


def run_served(
    prepared: Sequence[Prepared], engine: Opa, policies: PolicySet
) -> dict[Path, Decision | EngineError]:
    """As run_all(), by an opa server wherever many scenarios share their waivers."""
    answers: dict[Path, Decision | EngineError] = {}
    few: list[Prepared] = []
    for group in grouped(prepared):
        if len(group.members) < _MANY:
            few += group.members
            continue
        bundles = [policies.rules.bundle, group.waivers]
        documents = [one.document for one in group.members]
        with served(engine, bundles) as server:
            decided = judge_served(server, policies.rules, documents, replay=True)
        files = [one.scenario.file for one in group.members]
        answers.update(zip(files, decided, strict=True))
    return {**answers, **run_all(few, engine, policies)}


def observed(decision: Decision) -> Expected:
    """A decision in the form in which scenarios state what they expect."""
    rows = []
    for verdict in decision.verdicts:
        if verdict.outcome is not Outcome.PASS:
            keys = tuple(sorted({finding.key for finding in verdict.findings}))
            rows.append((verdict.id, verdict.outcome.value, keys))
    tier = decision.tier.value if decision.tier else "none"
    return Expected(decision.allowed, tier, tuple(rows), tuple(sorted(_faults(decision))))


def _faults(decision: Decision) -> set[tuple[str, str]]:
    """Faults of evidence; they stand in the body of the decision alone."""
    verdicts = cast("list[dict[str, Any]]", decision.body["verdicts"])
    return {
        (finding["key"].removeprefix("evidence:"), finding["fault"])
        for verdict in verdicts
        for finding in verdict["findings"]
        if finding["kind"] == "evidence"
    }


def differences(scenario: Scenario, decision: Decision) -> tuple[str, ...]:
    """Lines that say how a decision differs from what the scenario expects."""
    said, seen = scenario.expected, observed(decision)
    lines = []
    if said.allowed != seen.allowed:
        lines.append(f"allowed: expected {_yes(said.allowed)}, decided {_yes(seen.allowed)}")
    if said.tier != seen.tier:
        lines.append(f"tier: expected {said.tier}, computed {seen.tier}")
    lines += [f"fault: expected {_fault(one)}, not found" for one in _less(said, seen)]
    lines += [f"fault: not expected {_fault(one)}" for one in _less(seen, said)]
    wanted = {name: (outcome, keys) for name, outcome, keys in said.verdicts}
    found = {name: (outcome, keys) for name, outcome, keys in seen.verdicts}
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            lines.append(f"{name}: expected {_row(wanted.get(name))}")
            lines.append(f"{' ' * len(name)}  decided  {_row(found.get(name))}")
            lines += _messages(decision, name)
    return tuple(lines)


def _yes(allowed: bool) -> str:
    return "yes" if allowed else "no"


def _less(one: Expected, other: Expected) -> list[tuple[str, str]]:
    return sorted(set(one.faults) - set(other.faults))


def _fault(fault: tuple[str, str]) -> str:
    return " ".join(fault)


def _row(row: tuple[str, tuple[str, ...]] | None) -> str:
    return "pass" if row is None else " ".join([row[0], *row[1]])


def _messages(decision: Decision, name: str) -> list[str]:
    verdict = next((one for one in decision.verdicts if one.id == name), None)
    if verdict is None:
        return [f"    {name} is no policy of the catalog"]
    return [f"    {finding.message}" for finding in verdict.findings] + [
        f"    {reason}" for reason in verdict.reasons
    ]


def unproven(scenario: Scenario, catalog: Iterable[Policy]) -> tuple[str, ...]:
    """Controls a scenario claims to prove although no policy it is about cites them.

    A scenario is about the policies of which it expects something; one that
    expects nothing of its own is about all of them.
    """
    about = [one for one in catalog if not scenario.own or one.id in scenario.own]
    cited = {control for policy in about for control in policy.controls}
    return tuple(control for control in scenario.proves if control not in cited)
