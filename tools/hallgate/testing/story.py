"""Stories: many decisions about one base, one after another, at a moving clock.

`tests/scenarios/stories/<name>.yaml` has a `title`, what it `proves`, a `base` and `steps`.
Each step is a scenario of its own: `now`, a `change` and what it `expect`s. A change is laid
over those of the steps before it, and null takes one back. `dated` says on which day all
documents of the base were made anew; they age until a later step says so again. `law` names
how controls of the register stand on the day of the step.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from hallgate.intake.rfc3339 import seconds
from hallgate.intake.yaml_strict import parse_yaml
from hallgate.model.errors import HallgateError, InvalidDocument, Location
from hallgate.testing.scenario import BASE, STORIES, Scenario, scenario_of

_KEYS = frozenset({"title", "proves", "base", "steps"})
_STEP = frozenset({"title", "now", "dated", "law", "change", "expect"})
_BY_NAME = frozenset({"evidence", "approvals"})
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
_STANDINGS = frozenset({"in_force", "pending", "lapsed", "draft"})
_FORM = "tests/scenarios/README.md says how; compare it with its neighbours"


@dataclass(frozen=True, slots=True)
class Step:
    """One decision of a story; law is (control, standing) on the day of the step."""

    scenario: Scenario
    law: tuple[tuple[str, str], ...]

    @property
    def day(self) -> str:
        """The day of the decision, as 2026-07-21."""
        return datetime.fromtimestamp(self.scenario.now, UTC).date().isoformat()


@dataclass(frozen=True, slots=True)
class Story:
    """Steps in the order of their times."""

    file: Path
    title: str
    proves: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def own(self) -> frozenset[str]:
        """Ids of the policies of which a step, not the base, expects something."""
        return frozenset(name for step in self.steps for name in step.scenario.own)


def is_story(path: Path, folder: Path) -> bool:
    """Whether a path below tests/scenarios is a story, or is meant to be one."""
    return path.suffix in {".yaml", ".yml"} and path.relative_to(folder).parts[0] == STORIES


def read_story(path: Path) -> Story:
    """Read tests/scenarios/stories/<name>.yaml; raises InvalidDocument."""
    try:
        return _read(path)
    except HallgateError:
        raise
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise _wrong(path, f"cannot be read: {type(error).__name__}: {error}") from error


def _read(path: Path) -> Story:
    document = parse_yaml(path.read_bytes(), str(path)).value
    if not isinstance(document, Mapping):
        raise _wrong(path, "is no mapping")
    told = cast("dict[str, Any]", document)
    _only(told, _KEYS, path, "a story")
    proves = tuple(str(control) for control in told["proves"])
    if not proves or not told["steps"]:
        raise _wrong(path, "a story proves something, and has steps")
    steps: list[Step] = []
    change: dict[str, Any] = {}
    dated: str | None = None
    for number, said in enumerate(told["steps"], start=1):
        _only(said, _STEP, path, f"step {number}")
        change = _laid(change, said.get("change") or {})
        dated = said.get("dated") or dated
        one = {
            "title": said["title"],
            "now": said["now"],
            "proves": told["proves"],
            "base": told["base"],
            "change": change,
            "expect": said["expect"],
        }
        steps.append(_step(path, number, one, dated, said.get("law") or {}))
    times = [step.scenario.now for step in steps]
    if times != sorted(set(times)):
        raise _wrong(path, "its steps do not follow one another in time")
    return Story(path, str(told["title"]), proves, tuple(steps))


def _step(
    path: Path, number: int, document: dict[str, Any], dated: str | None, law: Mapping[str, str]
) -> Step:
    if strange := sorted(set(law.values()) - _STANDINGS):
        raise _wrong(path, f"step {number}: no control stands as {strange[0]!r}")
    base = path.parent.parent / document["base"] / BASE
    scenario = scenario_of(document, base, path)
    if dated is not None:
        moved = seconds(dated) - seconds(scenario.base["now"])
        scenario = replace(scenario, base=cast("dict[str, Any]", _moved(scenario.base, moved)))
    name = f"{path.stem}-{number:02}"
    # Decisions are kept by file: each step has a name of its own below that of its story.
    alone = replace(scenario, name=name, file=path.with_suffix("") / f"{name}.yaml")
    return Step(alone, tuple(sorted(law.items())))


def _laid(before: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Changes so far with those of a step over them; null takes one back."""
    laid = dict(before)
    for part, said in change.items():
        if part in _BY_NAME and said is not None:
            both = {**(laid.get(part) or {}), **said}
            laid[part] = {name: one for name, one in both.items() if one is not None}
        else:
            laid[part] = said
    return {part: said for part, said in laid.items() if said is not None}


def _moved(value: Any, by: int) -> Any:
    """A copy in which every time, RFC 3339 in UTC, is later by so many seconds."""
    if isinstance(value, dict):
        return {name: _moved(inner, by) for name, inner in value.items()}
    if isinstance(value, list):
        return [_moved(inner, by) for inner in value]
    if isinstance(value, str) and _TIME.fullmatch(value):
        return datetime.fromtimestamp(seconds(value) + by, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value


def _only(document: Mapping[str, Any], allowed: frozenset[str], path: Path, what: str) -> None:
    if strange := sorted(set(document) - allowed):
        known = ", ".join(sorted(allowed))
        raise _wrong(path, f"unknown key {strange[0]!r} in {what}: use one of {known}")


def _wrong(path: Path, what: str) -> InvalidDocument:
    return InvalidDocument.one(what, where=Location(str(path)), remedy=_FORM)
