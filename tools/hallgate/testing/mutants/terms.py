"""Mutants of terms: numbers, texts, collections, references and infix operators."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from hallgate.testing.mutants.source import Node, Places

# Each comparison with its neighbour, which differs on the limit alone, and its opposite.
COMPARISONS = {
    "lt": ("<=", ">="),
    "lte": ("<", ">"),
    "gt": (">=", "<="),
    "gte": (">", "<"),
    "equal": ("", "!="),
    "neq": ("", "=="),
}
_INFIX = {"plus": "-", "minus": "+", "mul": "+", "div": "*", "rem": "*", "or": "&", "and": "|"}
_SWAPPED = {"max": "min", "min": "max", "ceil": "floor", "floor": "ceil"}
_SWAPPED |= {"startswith": "endswith", "endswith": "startswith"}
_NUMBER = re.compile(r"-?\d+")
_EMPTY = {"array": "[]", "set": "set()", "object": "{}"}
_EMPTY |= {"arraycomprehension": "[]", "setcomprehension": "set()", "objectcomprehension": "{}"}


@dataclass(frozen=True, slots=True)
class Change:
    """New text for the characters start to end."""

    operator: str
    start: int
    end: int
    new: str


Bodies = Callable[[list[Node]], Iterator[Change]]


def operator_name(term: Node) -> str:
    """The name of a called function: lt, member_2, sprintf, numbers.believable."""
    if term["type"] != "ref":
        return ""
    parts = [str(part["value"]) for part in term["value"]]
    return ".".join(parts[1:] if parts[0] == "internal" else parts)


def term_changes(
    term: Any, places: Places, imported: frozenset[str], bodies: Bodies
) -> Iterator[Change]:
    """Changes of a term and of everything in it; bodies walks those of comprehensions."""
    yield from _Terms(places, imported, bodies).changes(term)


class _Terms:
    def __init__(self, places: Places, imported: frozenset[str], bodies: Bodies) -> None:
        self.places = places
        self.imported = imported
        self.bodies = bodies

    def changes(self, term: Any) -> Iterator[Change]:
        kind = term.get("type")
        span = self.places.span(term)
        if kind in _EMPTY and span and self.places.text[slice(*span)] != _EMPTY[kind]:
            yield Change("empty", *span, _EMPTY[kind])
        walk = {
            "number": self._number,
            "boolean": self._boolean,
            "string": self._string,
            "ref": self._reference,
            "call": self._call,
            "array": self._members,
            "set": self._members,
            "object": self._pairs,
        }.get(str(kind), self._comprehension)
        yield from walk(term)

    def _number(self, term: Node) -> Iterator[Change]:
        span = self.places.span(term)
        found = _NUMBER.match(self.places.text, span[0]) if span else None
        if found and isinstance(term["value"], int):
            for value in (term["value"] + 1, term["value"] - 1):
                yield Change("number", *found.span(), str(value))

    def _boolean(self, term: Node) -> Iterator[Change]:
        if span := self.places.span(term):
            yield Change("boolean", *span, "false" if term["value"] else "true")

    def _string(self, term: Node) -> Iterator[Change]:
        span = self.places.span(term)
        if span and self.places.text[span[0]] in '"`':
            text = self.places.text[slice(*span)]
            yield Change("rename", *span, f"{text[:-1]}_m{text[-1]}")

    def _reference(self, term: Node) -> Iterator[Change]:
        first, *rest = term["value"]
        if first["type"] not in {"var", "ref", "call"} or first["type"] != "var":
            yield from self.changes(first)
        dotted = None
        for part in rest:
            span = self.places.span(part)
            if part["type"] != "string":
                yield from self.changes(part)
            elif span and self.places.text[span[0]] == '"':
                yield from self._string(part)
            else:
                dotted = span
        known = first["type"] == "var" and first["value"] in {"data", *self.imported}
        if dotted and not known:
            yield Change("rename", *dotted, f"{self.places.text[slice(*dotted)]}_m")

    def _call(self, term: Node) -> Iterator[Change]:
        function, *arguments = term["value"]
        name, span = operator_name(function), self.places.span(function)
        if span:
            token = self.places.text[slice(*span)]
            if name in _INFIX and not token.isalpha():
                yield Change("operator", *span, _INFIX[name])
            elif name in _SWAPPED and token == name:
                yield Change("operator", *span, _SWAPPED[name])
            elif name in COMPARISONS:
                yield from (Change("opposite", *span, new) for new in COMPARISONS[name] if new)
        for one in arguments:
            yield from self.changes(one)

    def _members(self, term: Node) -> Iterator[Change]:
        members = term.get("value") or []
        yield from self._dropped([(one, one) for one in members])
        for one in members:
            yield from self.changes(one)

    def _pairs(self, term: Node) -> Iterator[Change]:
        pairs = term.get("value") or []
        yield from self._dropped([(key, value) for key, value in pairs])
        for key, value in pairs:
            yield from self.changes(key)
            yield from self.changes(value)

    def _dropped(self, members: list[tuple[Node, Node]]) -> Iterator[Change]:
        """A collection less one member; OPA lists members in another order than the text."""
        spans = []
        for first, last in members:
            begins, ends = self.places.span(first), self.places.span(last)
            if not begins or not ends:
                return
            spans.append((begins[0], ends[1]))
        spans.sort()
        for number, (start, end) in enumerate(spans if len(spans) > 1 else ()):
            if number + 1 < len(spans):
                yield Change("element", start, spans[number + 1][0], "")
            else:
                yield Change("element", spans[number - 1][1], end, "")

    def _comprehension(self, term: Node) -> Iterator[Change]:
        inner = term.get("value")
        if not str(term.get("type")).endswith("comprehension") or not isinstance(inner, dict):
            return
        for part in ("key", "value", "term"):
            if isinstance(inner.get(part), dict):
                yield from self.changes(inner[part])
        yield from self.bodies(inner["body"])
