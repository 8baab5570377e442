"""The syntax tree of policies, from OPA itself.

One ``opa eval`` of ``rego.parse_module`` over all files gives the same tree as ``opa parse
--format json`` on each of them, in one process instead of hundreds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conftest_py import strict_json
from conftest_py.errors import PolicyError
from conftest_py.policies import Source
from conftest_py.process import run
from conftest_py.workspace import Workspace

_QUERY = "{name: tree | some name, text in input; tree := rego.parse_module(name, text)}"
Reference = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """The head of a rule: its path below the package, and what kind of rule it is.

    ``member`` is the type of a partial set's member (``string``, ``var``, ``call`` …), or empty
    when the rule is not a partial set; ``literal`` is the member's value if it is a string.
    """

    path: Reference
    length: int
    function: bool
    member: str
    literal: str | None

    @property
    def name(self) -> str:
        """The first part of the path, by which conftest would know the rule."""
        return self.path[0]


@dataclass(frozen=True, slots=True)
class Module:
    """One parsed file: its package, its rules, and every static ``data.`` path it reads."""

    origin: str
    is_test: bool
    package: Reference
    rules: tuple[Rule, ...]
    references: tuple[Reference, ...]

    @property
    def namespace(self) -> str:
        """The package as conftest writes it."""
        return ".".join(self.package)


def parse_modules(
    opa: Path, sources: Sequence[Source], place: Workspace, timeout: float
) -> tuple[Module, ...]:
    """Parse all sources; a syntax error in any of them is a :class:`PolicyError`."""
    texts = place.root / "sources.json"
    names = {f"{number:05d}": source for number, source in enumerate(sources)}
    document = {name: source.text for name, source in names.items()}
    texts.write_text(strict_json.dumps(document, "sources"), encoding="utf-8")
    flags = ["eval", "--format", "json", "--strict-builtin-errors", "--input", str(texts)]
    done = run(opa, [*flags, _QUERY], place, timeout)
    if done.code != 0:
        said = done.stdout.decode("utf-8", "replace") + done.stderr
        for name, source in names.items():
            said = said.replace(name, source.origin)
        raise PolicyError(f"policies cannot be parsed: {said}")
    answer: Any = strict_json.loads(done.stdout, "opa eval", "any")
    try:
        trees: dict[str, Any] = answer["result"][0]["expressions"][0]["value"]
        found = tuple(_module(names[name], tree) for name, tree in sorted(trees.items()))
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise PolicyError(f"opa printed an unknown syntax tree: {error!r}") from error
    if len(found) != len(sources):
        raise PolicyError("opa did not return a syntax tree for every file")
    return found


def _module(source: Source, tree: dict[str, Any]) -> Module:
    aliases: dict[str, Reference] = {}
    read: set[Reference] = set()
    for item in tree.get("imports") or ():
        path = tuple(str(part["value"]) for part in item["path"]["value"])
        if path[0] == "data":
            aliases[str(item.get("alias") or path[-1])] = path[1:]
            read.add(path[1:])
    rules = tree.get("rules") or ()
    for rule in rules:
        read.update(_references(rule, aliases))
    return Module(
        origin=source.origin,
        is_test=source.is_test,
        package=tuple(str(part["value"]) for part in tree["package"]["path"][1:]),
        rules=tuple(_rule(rule["head"]) for rule in rules),
        references=tuple(sorted(read)),
    )


def _rule(head: dict[str, Any]) -> Rule:
    parts = head.get("ref") or [{"type": "var", "value": head["name"]}]
    path: list[str] = [str(parts[0]["value"])]
    for part in parts[1:]:
        if part["type"] != "string":
            break
        path.append(str(part["value"]))
    key = head.get("key") if "value" not in head else None
    return Rule(
        path=tuple(path),
        length=len(parts),
        function=bool(head.get("args")),
        member=str(key["type"]) if key else "",
        literal=str(key["value"]) if key and key["type"] == "string" else None,
    )


def _references(node: Any, aliases: dict[str, Reference]) -> Iterator[Reference]:
    if isinstance(node, list):
        for inner in node:
            yield from _references(inner, aliases)
    elif isinstance(node, dict):
        if node.get("type") == "ref" and isinstance(node.get("value"), list):
            head, *rest = node["value"]
            base: Reference | None = None
            if head.get("type") == "var":
                base = () if head["value"] == "data" else aliases.get(str(head["value"]))
            if base is not None:
                path = list(base)
                for part in rest:
                    if part["type"] != "string":
                        break
                    path.append(str(part["value"]))
                yield tuple(path)
        for inner in node.values():
            yield from _references(inner, aliases)
