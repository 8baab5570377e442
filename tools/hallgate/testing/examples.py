"""What the scenarios show of each policy, for the generated pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import yaml

from hallgate.model.policy import Policy
from hallgate.model.values import JsonValue
from hallgate.publish.policy_pages import Example
from hallgate.testing.scenario import Scenario, read_scenario, scenario_files

_BLOCKS = ("fail", "insufficient", "error")


@dataclass
class Examples:
    """samples: a sound result by evidence type; the rest by policy id."""

    samples: dict[str, JsonValue] = field(default_factory=dict)
    good: dict[str, tuple[str, str]] = field(default_factory=dict)
    alone: dict[str, list[Example]] = field(default_factory=dict)
    scenarios: dict[str, list[str]] = field(default_factory=dict)


def read_examples(folder: Path, catalog: tuple[Policy, ...]) -> Examples:
    """Read tests/scenarios; an adopter may have none. Raises InvalidDocument."""
    found = Examples()
    scenarios = [read_scenario(path) for path in scenario_files(folder)] if folder.is_dir() else []
    for one in scenarios:
        if one.is_base:
            _base(one, catalog, found)
        else:
            _case(one, found)
    for cases in found.alone.values():
        cases.sort(key=lambda case: (_BLOCKS.index(case.outcome), len(case.change), case.name))
    return found


def _name(one: Scenario) -> str:
    return f"{one.sector}/{one.name}"


def _base(one: Scenario, catalog: tuple[Policy, ...], found: Examples) -> None:
    for kind, said in one.base["evidence"].items():
        found.samples.setdefault(kind, said["result"])
    not_passed = {name for name, _, _ in one.expected.verdicts}
    for policy in catalog:
        if policy.id not in not_passed:
            found.good.setdefault(policy.id, (_name(one), one.title))


def _case(one: Scenario, found: Examples) -> None:
    for name in one.own:
        found.scenarios.setdefault(name, []).append(_name(one))
    blocking = [row for row in one.expected.verdicts if row[1] in _BLOCKS]
    if len(blocking) == 1 and one.change:
        name, outcome, keys = blocking[0]
        change = yaml.safe_dump(one.change, sort_keys=False, allow_unicode=True, width=100)
        case = Example(_name(one), one.title, outcome, keys, change)
        found.alone.setdefault(name, []).append(case)
