"""Argo Workflows: DAGs, steps, `depends`, `when`, loops, hooks and exit handlers.

Semantics after the project's documentation (enhanced depends logic, lifecycle hooks): a name
without a status in `depends` is met by success, by being skipped, and by a daemon that runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hallgate.measure.configuration.pipelines.task import (
    FREE,
    Graph,
    Starts,
    Task,
    Unreadable,
    after,
    both,
    listed,
    mapping,
    text,
    words,
)
from hallgate.model.values import JsonValue

_TOKEN = re.compile(r"\s*(&&|\|\||[()!]|[A-Za-z0-9_-]+(?:\.[A-Za-z]+)?)")
_MET = frozenset({"", "Succeeded"})

Members = Mapping[str, JsonValue]


def read(document: Members) -> list[Graph]:
    """One graph per entry point; a template without one may be entered anywhere."""
    spec = mapping(document.get("spec"), "spec")
    spec = mapping(spec.get("workflowSpec", spec), "spec.workflowSpec")
    templates = {
        text(mapping(one, "a template").get("name"), "a template"): mapping(one, "a template")
        for one in listed(spec.get("templates"), "templates")
    }
    entry = spec.get("entrypoint")
    entries = [text(entry, "the entrypoint")] if entry is not None else sorted(templates)
    return [_Reader(templates).graph(name, spec) for name in entries]


@dataclass(frozen=True, slots=True)
class _Reader:
    templates: Mapping[str, Members]

    def graph(self, entry: str, spec: Members) -> Graph:
        graph = Graph(entry)
        body = self.templates.get(entry)
        if body is not None and ("dag" in body or "steps" in body):
            self._inside(graph, entry, "", FREE, (entry,))
        elif body is not None:
            graph.add(Task(entry, entry, FREE))
        self._hooks(graph, spec, "", FREE, (entry,))
        return graph

    def _inside(
        self, graph: Graph, template: str, prefix: str, start: Starts, stack: tuple[str, ...]
    ) -> list[str]:
        """Add what a template holds; returns the ids of its own tasks."""
        body = self.templates[template]
        if "dag" in body:
            tasks = listed(mapping(body["dag"], "dag").get("tasks"), "tasks")
            return self._dag(graph, [mapping(one, "a task") for one in tasks], prefix, start, stack)
        before, found = start, list[str]()
        for group in listed(body.get("steps"), "steps"):
            steps = group if isinstance(group, list) else [group]
            ids = [
                self._task(graph, mapping(one, "a step"), prefix, before, stack) for one in steps
            ]
            before, found = both(before, after(ids)), found + ids
        return found

    def _dag(
        self, graph: Graph, tasks: list[Members], prefix: str, start: Starts, stack: tuple[str, ...]
    ) -> list[str]:
        by_name = {text(one.get("name"), "a task"): one for one in tasks}
        strict: set[str] = set()
        starts = {}
        for name, task in by_name.items():
            said = task.get("depends")
            if said is None:
                need = after(words(task.get("dependencies"), f"dependencies of {name}"))
            else:
                need = _Expression(text(said, f"depends of {name}")).starts()
            unknown = {one.partition(".")[0] for each in need for one in each} - by_name.keys()
            if unknown:
                raise Unreadable(f"{name} depends on {sorted(unknown)[0]}, which is no task")
            strict |= {one for each in need for one in each if one.endswith(".Succeeded")}
            below = tuple(frozenset(prefix + one for one in each) for each in need)
            starts[name] = both(start, below)
        ids = [self._task(graph, one, prefix, starts[name], stack) for name, one in by_name.items()]
        for one in sorted(strict):
            name = one.partition(".")[0]
            graph.add(Task(prefix + one, name, both(starts[name], after([prefix + name]))))
        return ids

    def _task(
        self, graph: Graph, task: Members, prefix: str, starts: Starts, stack: tuple[str, ...]
    ) -> str:
        name = text(task.get("name"), "a task")
        template = task.get("template")
        inner = self.templates.get(template) if isinstance(template, str) else None
        skippable = _skippable(task)
        tolerated = _tolerated(task, inner or {})
        self._hooks(graph, task, f"{prefix}{name}", starts, stack)
        nested = inner is not None and ("dag" in inner or "steps" in inner)
        if not nested or not isinstance(template, str) or template in stack:
            return graph.add(Task(prefix + name, name, starts, skippable, tolerated))
        # What it does begins at its start, and is done at its end.
        begin = graph.add(Task(f"{prefix}{name}/", name, starts, skippable=True))
        held = after([begin])
        inside = self._inside(graph, template, f"{prefix}{name}/", held, (*stack, template))
        done = held if skippable else after([begin, *inside])
        return graph.add(Task(prefix + name, name, done, skippable, tolerated))

    def _hooks(
        self, graph: Graph, owner: Members, name: str, starts: Starts, stack: tuple[str, ...]
    ) -> None:
        """Hooks run beside the graph: nothing but the start of their owner comes before."""
        for word, template in _handlers(owner):
            hook = f"{name}@{word}"
            body = self.templates.get(template, {})
            graph.add(Task(hook, template, starts, skippable=True))
            if ("dag" in body or "steps" in body) and template not in stack:
                self._inside(graph, template, f"{hook}/", starts, (*stack, template))


def _handlers(owner: Members) -> Iterator[tuple[str, str]]:
    if owner.get("onExit") is not None:
        yield "onExit", text(owner["onExit"], "onExit")
    hooks = owner.get("hooks")
    for word, hook in mapping(hooks, "hooks").items() if hooks is not None else ():
        yield word, text(mapping(hook, f"hook {word}").get("template", word), f"hook {word}")


def _skippable(task: Members) -> bool:
    """A condition, or a loop that may go over nothing."""
    items = task.get("withItems")
    looped = "withItems" in task and (not isinstance(items, list) or not items)
    return any(one in task for one in ("when", "withParam", "withSequence")) or looped


def _tolerated(task: Members, template: Members) -> bool:
    """Others go on after its failure, or it waits for a person only for a while."""
    said = task.get("continueOn")
    anyway = said is not None and (
        not isinstance(said, Mapping) or any(one is not False for one in said.values())
    )
    wait = template.get("suspend")
    return anyway or (isinstance(wait, Mapping) and wait.get("duration") is not None)


class _Expression:
    """`depends`: alternatives of successes that it needs; anything else needs nothing."""

    def __init__(self, said: str) -> None:
        self._said = said
        self._tokens = self._split(said)
        self._at = 0

    def starts(self) -> Starts:
        """Raises Unreadable for what is no such expression."""
        found = self._either()
        if self._at != len(self._tokens):
            raise Unreadable(f"depends cannot be read: {self._said}")
        return found

    def _split(self, said: str) -> list[str]:
        tokens, place = [], 0
        while said[place:].strip():
            match = _TOKEN.match(said, place)
            if match is None:
                raise Unreadable(f"depends cannot be read: {said}")
            tokens.append(match[1])
            place = match.end()
        return tokens

    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        word = self._next()
        self._at += 1
        return word

    def _either(self) -> Starts:
        found = self._all()
        while self._next() == "||":
            self._take()
            found = tuple(dict.fromkeys((*found, *self._all())))
        return found

    def _all(self) -> Starts:
        found = self._one()
        while self._next() == "&&":
            self._take()
            found = both(found, self._one())
        return found

    def _one(self) -> Starts:
        word = self._take()
        if word == "!":
            self._one()
            return FREE
        if word == "(":
            found = self._either()
            if self._take() != ")":
                raise Unreadable(f"depends cannot be read: {self._said}")
            return found
        if not word or word in {"&&", "||", ")"}:
            raise Unreadable(f"depends cannot be read: {self._said}")
        return after([word]) if word.partition(".")[2] in _MET else FREE
