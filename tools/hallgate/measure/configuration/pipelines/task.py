"""A task of a pipeline, and what it is told to be."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hallgate.model.values import JsonObject, JsonValue

Starts = tuple[frozenset[str], ...]
FREE: Starts = (frozenset(),)
"""Starts whatever the others did."""

STEPS = ("promote", "scan", "evaluate", "sign", "approve", "other")
MOST = 2000
_WORD = re.compile(r"[a-z]+|[A-Z]+(?![a-z])|[A-Z][a-z]*")
_NAMED = {
    **dict.fromkeys(
        ("promote", "promotion", "deploy", "deployment", "release", "publish", "register"),
        "promote",
    ),
    **dict.fromkeys(("rollout", "serve", "push"), "promote"),
    **dict.fromkeys(("scan", "scanner", "scanning"), "scan"),
    **dict.fromkeys(("evaluate", "evaluation", "eval"), "evaluate"),
    **dict.fromkeys(("sign", "signing"), "sign"),
    **dict.fromkeys(("approve", "approval"), "approve"),
}


class Unreadable(Exception):
    """A document that is no pipeline of the engine it seems to be for."""


@dataclass(frozen=True, slots=True)
class Task:
    """One task: name as written, alternatives of others that must have succeeded.

    skippable: others go on when it did not run. tolerated: others go on when it failed.
    plain: it stands for a start or an end alone and is nothing by its name.
    """

    id: str
    name: str
    starts: Starts
    skippable: bool = False
    tolerated: bool = False
    plain: bool = False


@dataclass(slots=True)
class Graph:
    """The tasks of one entry point, in the order in which they were found."""

    name: str
    tasks: list[Task] = field(default_factory=list)

    def add(self, task: Task) -> str:
        """Add a task; returns its id. Raises Unreadable beyond the limit or for a double id."""
        if len(self.tasks) >= MOST:
            raise Unreadable(f"the pipeline has more than {MOST} tasks")
        if any(one.id == task.id for one in self.tasks):
            raise Unreadable(f"two tasks are called {task.id}")
        self.tasks.append(task)
        return task.id

    def json(self, at: str, steps: Mapping[str, str]) -> JsonObject:
        """The graph as evidence holds it."""
        return {
            "at": at,
            "name": self.name,
            "tasks": [
                {
                    "id": one.id,
                    "step": "other" if one.plain else step_of(one.name, steps),
                    "skippable": one.skippable,
                    "tolerated": one.tolerated,
                    "starts": [sorted(each) for each in one.starts],
                }
                for one in self.tasks
            ],
        }


def step_of(name: str, steps: Mapping[str, str]) -> str:
    """What a task is: as said, else by the words of its name.

    Where a name has words of several steps it promotes, or is nothing: a gate has to be named
    without doubt.
    """
    if name in steps:
        return steps[name]
    found = {_NAMED[word.lower()] for word in _WORD.findall(name) if word.lower() in _NAMED}
    if "promote" in found:
        return "promote"
    return found.pop() if len(found) == 1 else "other"


def after(names: Sequence[str]) -> Starts:
    """Starts when all of these succeeded."""
    return (frozenset(names),)


def both(left: Starts, right: Starts) -> Starts:
    """Starts when both hold; too many alternatives hold nothing."""
    every = dict.fromkeys(one | other for one in left for other in right)
    return tuple(every) if len(every) <= 64 else FREE


def mapping(value: JsonValue, what: str) -> Mapping[str, JsonValue]:
    """The value as an object. Raises Unreadable."""
    if not isinstance(value, Mapping):
        raise Unreadable(f"{what} is no object")
    return value


def listed(value: JsonValue, what: str) -> list[JsonValue]:
    """The value as a list, empty where absent. Raises Unreadable."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise Unreadable(f"{what} is no list")
    return value


def words(value: JsonValue, what: str) -> list[str]:
    """The value as a list of texts. Raises Unreadable."""
    found = listed(value, what)
    if not all(isinstance(one, str) for one in found):
        raise Unreadable(f"{what} holds what is no text")
    return [str(one) for one in found]


def text(value: JsonValue, what: str) -> str:
    """The value as text. Raises Unreadable."""
    if not isinstance(value, str) or not value:
        raise Unreadable(f"{what} has no name")
    return value
