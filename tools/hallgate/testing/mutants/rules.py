"""Mutants of rules and their bodies: conditions dropped, turned round, joined otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from hallgate.testing.mutants.mutant import Mutant, distinct
from hallgate.testing.mutants.source import Module, Node, Places
from hallgate.testing.mutants.terms import COMPARISONS, Change, operator_name, term_changes

_IMPORT = re.compile(r"^import\s+(\S+?)(?:\s+as\s+(\w+))?\s*$", re.MULTILINE)


def mutants_of(module: Module, rules: list[Node]) -> tuple[Mutant, ...]:
    """Every mutant of a module, in order of place."""
    places = Places(module.text)
    imported = frozenset(
        one[2] or one[1].rpartition(".")[2] for one in _IMPORT.finditer(module.text)
    )
    found = []
    for rule in rules:
        name = _name(rule)
        for change in _Rule(places, imported, name).changes(rule):
            old = module.text[change.start : change.end]
            row = places.row(change.start)
            found.append(
                Mutant(
                    module.path,
                    name,
                    change.operator,
                    change.start,
                    change.end,
                    old,
                    change.new,
                    row,
                )
            )
    return distinct(found, module.text)


def _name(rule: Node) -> str:
    head = rule["head"]
    # A part that is computed is a tree with places in it, which differ from run to run.
    values = [part["value"] for part in head.get("ref") or ()]
    parts = ["[…]" if isinstance(one, list | dict) else str(one) for one in values]
    return ".".join(parts) or str(head.get("name"))


class _Rule:
    """Walks one rule; every method yields changes."""

    def __init__(self, places: Places, imported: frozenset[str], name: str) -> None:
        self.places = places
        self.imported = imported
        self.name = name

    def changes(self, rule: Node) -> Iterator[Change]:
        yield from self._head(rule["head"])
        branch: Node | None = rule
        while branch is not None:
            if branch is not rule:
                yield from self._head(branch["head"])
            yield from self._branch(branch)
            branch = branch.get("else")
        yield from self._either(rule)

    def _head(self, head: Node) -> Iterator[Change]:
        for one in head.get("args") or ():
            yield from self._term(one)
        for part in ("key", "value"):
            if isinstance(head.get(part), dict) and self.places.span(head[part]):
                yield from self._term(head[part])

    def _term(self, term: Any) -> Iterator[Change]:
        yield from term_changes(term, self.places, self.imported, self._body)

    def _branch(self, branch: Node) -> Iterator[Change]:
        """The body of a rule, and the branch that never holds."""
        body = [one for one in branch["body"] if not one.get("generated")]
        spans = [self.places.span(one) for one in body]
        if not body or None in spans:
            return
        start, end = spans[0][0], spans[-1][1]  # type: ignore[index]
        yield (
            Change("never", start, start, "false; ")
            if self._braced(start)
            else Change("never", start, end, f"{{ false; {self.places.text[start:end]} }}")
        )
        if self.name == "not_applicable":
            plain = [span for one, span in zip(body, spans, strict=True) if _plain(one) and span]
            yield from self._widened(plain)
        yield from self._body(body)

    def _widened(self, spans: list[tuple[int, int]]) -> Iterator[Change]:
        """All conditions dropped at once."""
        if len(spans) > 1:
            text, parts, at = self.places.text, [], spans[0][0]
            for start, end in spans:
                parts += [text[at:start], "true"]
                at = end
            yield Change("widen", spans[0][0], spans[-1][1], "".join(parts))

    def _braced(self, start: int) -> bool:
        return self.places.text[:start].rstrip().endswith("{")

    def _body(self, body: list[Node]) -> Iterator[Change]:
        for one in body:
            if not one.get("generated"):
                yield from self._expression(one)

    def _expression(self, one: Node) -> Iterator[Change]:
        terms = one["terms"]
        span = self.places.span(one)
        for modifier in one.get("with") or ():
            yield from self._term(modifier["value"])
        if isinstance(terms, dict) and "symbols" in terms:
            for symbol in terms["symbols"]:
                for argument in symbol["value"][2:] if symbol["type"] == "call" else ():
                    yield from self._term(argument)
            return
        if isinstance(terms, dict) and "domain" in terms:
            yield from self._every(one, terms)
            return
        if span is not None and _plain(one):
            yield from self._condition(one, span)
        if isinstance(terms, dict):
            yield from self._term(terms)
        else:
            yield from self._call(one, terms)

    def _condition(self, one: Node, span: tuple[int, int]) -> Iterator[Change]:
        start, end = span
        text = self.places.text[start:end]
        yield Change("drop", start, end, "true")
        if one.get("negated"):
            yield Change("negate", start, end, re.sub(r"^not\s+", "", text))
        elif _operator(one) not in COMPARISONS:
            yield Change("negate", start, end, f"not {text}")

    def _call(self, one: Node, terms: list[Node]) -> Iterator[Change]:
        name = _operator(one)
        if name in COMPARISONS and (place := self.places.span(terms[0])):
            nearer, opposite = COMPARISONS[name]
            for kind, new in (("compare", nearer), ("opposite", opposite)):
                if new:
                    yield Change(kind, *place, new)
        for argument in terms[2:] if name in {"assign", "eq"} else terms[1:]:
            yield from self._term(argument)

    def _every(self, one: Node, terms: Node) -> Iterator[Change]:
        yield from self._term(terms["domain"])
        yield from self._body(terms["body"])
        start = self.places.span(one)
        spans = [self.places.span(part) for part in terms["body"]]
        domain = self.places.span(terms["domain"])
        if not start or not domain or None in spans:
            return
        text = self.places.text
        head = re.sub(r"^every\s+", "", text[start[0] : domain[1]])
        inner = text[spans[0][0] : spans[-1][1]]  # type: ignore[index]
        yield Change("every", *start, f"count([1 | some {head}; {inner}]) > 0")
        yield Change("drop", *start, "true")

    def _either(self, rule: Node) -> Iterator[Change]:
        """Two conditions that must both hold become two of which one is enough."""
        head, span = rule["head"], self.places.span(rule)
        several = "key" in head or (head.get("value") or {}).get("value") is True
        if rule.get("else") or span is None or rule.get("default") or not several:
            return
        plain = [
            place
            for one in rule["body"]
            if not one.get("generated") and _plain(one) and (place := self.places.span(one))
        ]
        start, end = span
        text = self.places.text
        for (a, b), (c, d) in pairwise(plain):
            first = text[start:a] + "true" + text[b:end]
            second = text[start:c] + "true" + text[d:end]
            yield Change("or", start, end, f"{first}\n\n{second}")


def _operator(one: Node) -> str:
    terms = one["terms"]
    return operator_name(terms[0]) if isinstance(terms, list) else ""


def _plain(one: Node) -> bool:
    """Whether an expression only asks, and binds nothing."""
    terms = one["terms"]
    if isinstance(terms, dict) and ("symbols" in terms or "domain" in terms):
        return False
    return _operator(one) not in {"assign", "eq"}
