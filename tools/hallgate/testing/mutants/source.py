"""A Rego file with its syntax tree and the characters each node stands on.

OPA gives row and column (in characters) and the text of a node. The condition of an
`else … if` on one line has no place of its own in it, so it is parsed once more, alone.
"""

from __future__ import annotations

import base64
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hallgate.engine.opa import Opa

Node = dict[str, Any]

_PACKAGE = re.compile(r"^package\s+(\S+)", re.MULTILINE)
_REFERENCE = re.compile(r"(?<![\w.\"])((?:data|package)[.\s])promotion((?:\.[a-z][a-z0-9_]*)+)")
_REMARKS = re.compile(r"(\s*#[^\n]*)+\s*$")
_IF = re.compile(r"\bif\s+")


@dataclass(frozen=True, slots=True)
class Module:
    """One .rego file; path is relative to policies/."""

    path: str
    text: str
    package: str

    @classmethod
    def read(cls, path: str, data: bytes) -> Module:
        """Take a file; its package is the word after `package`."""
        text = data.decode()
        found = _PACKAGE.search(text)
        return cls(path, text, found[1] if found else "")

    @property
    def is_test(self) -> bool:
        """Whether this holds tests."""
        return self.path.endswith("_test.rego")

    @property
    def tested(self) -> str:
        """The package that a test module tests, else the package itself."""
        return self.package.removesuffix("_test") if self.is_test else self.package

    def references(self) -> frozenset[str]:
        """Every promotion.… path that the text names, as written."""
        return frozenset(f"promotion{one[2]}" for one in _REFERENCE.finditer(self.text))

    def renamed(self, root: str, packages: frozenset[str]) -> str:
        """The text with these packages, and their tests, below another root than promotion."""

        def swap(found: re.Match[str]) -> str:
            word = f"promotion{found[2]}"
            if owner(word, packages) or owner(_untested(word), packages):
                return f"{found[1]}{root}{found[2]}"
            return found[0]

        return _REFERENCE.sub(swap, self.text)


def _untested(path: str) -> str:
    return path.removesuffix("_test")


def owner(path: str, packages: frozenset[str]) -> str | None:
    """The package of a set in which a dotted path lies, or None."""
    while path:
        if path in packages:
            return path
        path = path.rpartition(".")[0]
    return None


class Places:
    """Turns OPA's locations into offsets of one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0]
        for line in text.split("\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)

    def span(self, node: Mapping[str, Any]) -> tuple[int, int] | None:
        """Start and end of a node that has a place of its own."""
        place = node.get("location")
        if not isinstance(place, Mapping) or "row" not in place:
            return None
        said = base64.b64decode(place.get("text", "")).decode()
        start = self.offset(place["row"], place["col"])
        if not said or not self.text.startswith(said, start):
            return None
        return start, start + len(said)

    def offset(self, row: int, column: int) -> int:
        """Offset of a place; both count from one."""
        return self._starts[row - 1] + column - 1

    def row(self, offset: int) -> int:
        """Row of an offset, from one."""
        return self.text.count("\n", 0, offset) + 1

    def column(self, offset: int) -> int:
        """Column of an offset, from one."""
        return offset - self._starts[self.row(offset) - 1] + 1


def parse(text: str, engine: Opa) -> list[Node]:
    """The rules of a Rego text, each node with its place."""
    tree = _parse(text, engine)
    rules: list[Node] = tree.get("rules") or []
    places = Places(text)
    short = [branch for rule in rules for branch in _short_branches(rule, places)]
    if short:
        _place(text, places, short, engine)
    return rules


def _parse(text: str, engine: Opa) -> Node:
    with tempfile.TemporaryDirectory(prefix="hallgate-mutants-") as name:
        path = Path(name) / "policy.rego"
        path.write_text(text, encoding="utf-8")
        return dict(engine.parse(path))


def _short_branches(rule: Node, places: Places) -> list[tuple[Node, int, int]]:
    """`else` branches whose one condition has the place of the branch, with start and end."""
    found = []
    branch = rule.get("else")
    while branch is not None:
        span = places.span(branch)
        inner = branch.get("else")
        after = places.span(inner) if inner else None
        if span is not None and not branch["body"][0].get("generated"):
            end = after[0] if after else span[1]
            if places.span(branch["body"][0]) == span:
                found.append((branch, span[0], end))
        branch = inner
    return found


def _place(text: str, places: Places, short: list[tuple[Node, int, int]], engine: Opa) -> None:
    """Give the conditions of branches their places: each as a rule that starts where they do."""
    lines = ["package x", *([""] * text.count("\n"))]
    taken = []
    for branch, start, end in short:
        head = places.span(branch["head"])
        found = _IF.search(text, head[1] if head else start, end)
        if found is None:
            continue
        row, column = places.row(found.end()), places.column(found.end())
        first, *rest = _REMARKS.sub("", text[found.end() : end]).rstrip().split("\n")
        lines[row - 1] = "p if {".ljust(column - 1) + first
        for number, line in enumerate(rest, start=row):
            lines[number] = line
        lines[row - 1 + len(rest)] += " }"
        taken.append(branch)
    rules = _parse("\n".join(lines), engine).get("rules") or []
    for branch, rule in zip(taken, rules, strict=True):
        branch["body"] = rule["body"]
