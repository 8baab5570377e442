"""What an approval of a waiver binds of the policy: its parsed rule and the library it reaches.

Comments, annotations and places are no part of it: a changed remark keeps an
approval, a changed rule, or a changed rule of a library it reads, voids it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256

from hallgate.engine.opa import Opa
from hallgate.intake.narrow import a_list, an_object
from hallgate.model.values import JsonObject, JsonValue

_DROPPED = frozenset({"location", "comments", "annotations"})
_RULES = "promotion.rules."
_LIBRARY = ("promotion", "lib")
_QUERY = "{file: rego.parse_module(file, text) | some file, text in input}"


def rule_digests(sources: Mapping[str, bytes], engine: Opa) -> JsonObject:
    """sha256:<hex> by package of each policy; sources are those of a policy bundle, no tests.

    Raises EngineError where OPA cannot parse them.
    """
    packages: dict[str, list[str]] = {}
    reached: dict[str, set[str]] = {}
    for name, tree in parsed_modules(sources, engine):
        packages.setdefault(name, []).append(json.dumps(tree, sort_keys=True))
        reached.setdefault(name, set()).update(_libraries(tree))
    return {
        name: _digest({one: sorted(packages.get(one, ())) for one in _all(name, reached)})
        for name in sorted(packages)
        if name.startswith(_RULES)
    }


def parsed_modules(sources: Mapping[str, bytes], engine: Opa) -> tuple[tuple[str, JsonObject], ...]:
    """(package, syntax tree) of each file, without comments, annotations and places.

    Raises EngineError where OPA cannot parse one.
    """
    texts: dict[str, JsonValue] = {path: data.decode() for path, data in sources.items()}
    trees = [
        an_object(_bare(one)) for one in an_object(engine.evaluate([], _QUERY, texts)).values()
    ]
    return tuple((".".join(_path(an_object(tree["package"])["path"])), tree) for tree in trees)


def _all(name: str, reached: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(reached.get(one, ()))
    return found


def _digest(parts: JsonValue) -> str:
    return "sha256:" + sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _bare(tree: JsonValue) -> JsonValue:
    if isinstance(tree, Mapping):
        return {key: _bare(one) for key, one in tree.items() if key not in _DROPPED}
    return [_bare(one) for one in tree] if isinstance(tree, list) else tree


def _libraries(tree: JsonValue) -> Iterator[str]:
    """Packages of libraries that a tree names anywhere, by import or in full."""
    if isinstance(tree, Mapping):
        if tree.get("type") == "ref":
            path = _path(tree["value"])
            if path[:2] == _LIBRARY and len(path) > 2:
                yield ".".join(path[:3])
        for one in tree.values():
            yield from _libraries(one)
    elif isinstance(tree, list):
        for one in tree:
            yield from _libraries(one)


def _path(terms: JsonValue) -> tuple[str, ...]:
    """The fixed words of a reference below data, up to the first that is none."""
    words: list[str] = []
    for number, term in enumerate(a_list(terms)):
        part = an_object(term)
        if part["type"] != ("string" if number else "var") or (
            not number and part["value"] != "data"
        ):
            break
        if number:
            words.append(str(part["value"]))
    return tuple(words)
