"""What an approval of a waiver binds of the policy: its parsed rule and the library it reaches.

Comments, annotations and places are no part of it: a changed remark keeps an
approval, a changed rule, or a changed rule of a library it reads, voids it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from hallgate.decide.kept_answers import KeptModules
from hallgate.engine.opa import Opa
from hallgate.intake.narrow import a_list, an_object
from hallgate.model.values import JsonObject, JsonValue

_DROPPED = frozenset({"location", "comments", "annotations"})
_ABOUT = "rule"
_RULES = "promotion.rules."
_LIBRARY = ("promotion", "lib")
_QUERY = "{file: rego.parse_module(file, text) | some file, text in input}"


def rule_digests(
    sources: Mapping[str, bytes], engine: Opa, kept: KeptModules | None = None
) -> JsonObject:
    """sha256:<hex> by package of each policy; sources are those of a policy bundle, no tests.

    kept is where that of single modules is kept that goes into it, None for nowhere. Raises
    EngineError where OPA cannot parse them.
    """
    packages: dict[str, list[str]] = {}
    reached: dict[str, set[str]] = {}
    for module in _modules(sources, engine, kept):
        packages.setdefault(module.package, []).append(module.text)
        reached.setdefault(module.package, set()).update(module.libraries)
    texts = {name: ", ".join(map(json.dumps, sorted(trees))) for name, trees in packages.items()}
    return {
        name: _digest(_all(name, reached), texts)
        for name in sorted(packages)
        if name.startswith(_RULES)
    }


@dataclass(frozen=True, slots=True)
class _Module:
    """The JSON of a module's tree, and the libraries that it names."""

    package: str
    text: str
    libraries: tuple[str, ...]


def _modules(
    sources: Mapping[str, bytes], engine: Opa, kept: KeptModules | None
) -> Iterator[_Module]:
    known = {} if kept is None else kept.known(_ABOUT, sources)
    found = {path: module for path, said in known.items() if (module := _told(said)) is not None}
    fresh = {path: data for path, data in sources.items() if path not in found}
    if fresh:
        trees = zip(fresh, _parsed(fresh, engine), strict=True)
        read = {
            path: _Module(
                name, json.dumps(tree, sort_keys=True), tuple(sorted(set(_libraries(tree))))
            )
            for path, (name, tree) in trees
        }
        if kept is not None:
            answers = {path: [one.package, one.text, *one.libraries] for path, one in read.items()}
            kept.keep(_ABOUT, fresh, answers)
        found |= read
    return (found[path] for path in sources)


def _told(said: JsonValue) -> _Module | None:
    """A module as it was kept; None for what has another form."""
    if not isinstance(said, list) or len(said) < 2:
        return None
    words = [one for one in said if isinstance(one, str)]
    return _Module(words[0], words[1], tuple(words[2:])) if len(words) == len(said) else None


def parsed_modules(
    sources: Mapping[str, bytes], engine: Opa, kept: KeptModules | None = None
) -> tuple[tuple[str, JsonObject], ...]:
    """(package, syntax tree) of each file in their order, without comments, annotations and places.

    kept is where that of single modules is kept, None for nowhere. Raises EngineError where
    OPA cannot parse one.
    """
    if kept is None:
        return _parsed(sources, engine)
    return tuple(
        (one.package, an_object(json.loads(one.text))) for one in _modules(sources, engine, kept)
    )


def _parsed(sources: Mapping[str, bytes], engine: Opa) -> tuple[tuple[str, JsonObject], ...]:
    texts: dict[str, JsonValue] = {path: data.decode() for path, data in sources.items()}
    parsed = an_object(engine.evaluate([], _QUERY, texts))
    trees = [an_object(_bare(parsed[path])) for path in sources]
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


def _digest(names: set[str], texts: Mapping[str, str]) -> str:
    """Over the JSON of {package: [its trees as texts]}, each text written once."""
    parts = ", ".join(f"{json.dumps(name)}: [{texts.get(name, '')}]" for name in sorted(names))
    return "sha256:" + sha256(f"{{{parts}}}".encode()).hexdigest()


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
