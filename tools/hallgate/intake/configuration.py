"""Reads configuration documents that other tools own: Kubernetes, workflows, plans, grants.

House documents are read strictly (yaml_strict); these are read as their owners read them, so
several documents, anchors, merge keys and tags are allowed. What readers take differently (yes,
on, 0644, 12:30) stays text, so that a rule that asks for a number or for true does not find it.
Refused: duplicate keys, no document at all, more than the limits below.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from hallgate.intake.files import read_file
from hallgate.intake.json_strict import parse_json
from hallgate.model.errors import InvalidDocument, Location
from hallgate.model.values import JsonValue

SUFFIXES = (".json", ".yaml", ".yml")
LIMIT = 16 * 1024 * 1024
DEPTH = 64
_NODES = 200_000
_FILES = 500
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,15}")
_FRACTION = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]{1,15}")
_WORDS: Mapping[str, JsonValue] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("null", "Null", "NULL", "~", ""), None),
}
Pointer = tuple[str | int, ...]
Dockerfiles = Callable[[Path], JsonValue]
"""The instructions of a Dockerfile, as a list of {Cmd, Value, …}."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """One file: its documents as JSON values, its digest, and the line of every part.

    lines: by number of the document and pointer inside it, counted from 1.
    """

    path: str
    digest: str
    documents: tuple[JsonValue, ...]
    lines: Mapping[Pointer, int] = field(default_factory=dict, repr=False, compare=False)

    def line(self, pointer: Pointer) -> int | None:
        """The line of this part, or of the nearest part around it."""
        for length in range(len(pointer), 0, -1):
            found = self.lines.get(pointer[:length])
            if found is not None:
                return found
        return None


def read_configurations(
    paths: tuple[Path, ...], dockerfiles: Dockerfiles
) -> tuple[Configuration, ...]:
    """Every configuration file at or below these paths, in order of path, each once.

    dockerfiles reads the one format that needs a parser of its own.

    Raises InvalidDocument for what cannot be read, and where there is nothing to read.
    """
    found: dict[str, Configuration] = {}
    for path in paths:
        for one in _walk(path):
            found.setdefault(one.as_posix(), read_configuration(one, dockerfiles))
    if not found:
        raise InvalidDocument.one(
            "there is no configuration file here",
            where=Location(", ".join(map(str, paths))),
            remedy=f"name files that end in {', '.join(SUFFIXES)}, or a Dockerfile",
        )
    return tuple(found[name] for name in sorted(found))


def read_configuration(path: Path, dockerfiles: Dockerfiles) -> Configuration:
    """Read one file by its name. Raises InvalidDocument with place and remedy."""
    name = path.as_posix()
    data = read_file(path, LIMIT)
    text = _text(data, name)
    digest = "sha256:" + sha256(data).hexdigest()
    if is_dockerfile(path):
        instructions = dockerfiles(path)
        lines = _instruction_lines(text, instructions)
        return Configuration(name, digest, ({"instructions": instructions},), lines)
    if path.suffix == ".json":
        document = parse_json(text.encode(), name, limit=4 * LIMIT, depth=DEPTH, floats=True)
        places = document.places().values
        lines = {(0, *pointer): place[0] for pointer, place in places.items()}
        return Configuration(name, digest, (document.value,), lines)
    reader = _Reader(name)
    return Configuration(name, digest, reader.read(text), reader.lines)


def is_dockerfile(path: Path) -> bool:
    """Whether a file is a Dockerfile by its name."""
    return path.name.partition(".")[0] == "Dockerfile" or path.suffix == ".dockerfile"


def _instruction_lines(text: str, instructions: JsonValue) -> Mapping[Pointer, int]:
    """The line of each instruction: the next one that starts with its word."""
    rows = list(enumerate(text.splitlines(), start=1))
    found: dict[Pointer, int] = {(0,): 1}
    for number, one in enumerate(instructions if isinstance(instructions, list) else ()):
        word = str(one.get("Cmd", "")) if isinstance(one, Mapping) else ""
        while rows:
            line, row = rows.pop(0)
            if row.strip().lower().startswith(f"{word} "):
                found[(0, "instructions", number)] = line
                break
    return found


def _walk(path: Path) -> Iterator[Path]:
    if not path.exists():
        raise InvalidDocument.one(
            "there is no such file", where=Location(str(path)), remedy="check the path"
        )
    if not path.is_dir():
        yield path
        return
    found = (
        one
        for one in sorted(path.rglob("*"))
        if (one.suffix in SUFFIXES or is_dockerfile(one)) and one.is_file()
    )
    for number, one in enumerate(found):
        if number >= _FILES:
            raise InvalidDocument.one(
                f"holds more than {_FILES} configuration files",
                where=Location(str(path)),
                remedy="name the folders that matter",
            )
        yield one


def _text(data: bytes, name: str) -> str:
    """UTF-8, or UTF-16 with its mark, as PowerShell saves plans."""
    form = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        return data.decode(form)
    except UnicodeDecodeError as error:
        raise InvalidDocument.one(
            "is no text in UTF-8", where=Location(name), remedy="save it as UTF-8"
        ) from error


class _Wrong(Exception):
    def __init__(self, what: str, remedy: str, node: Any) -> None:
        super().__init__(what)
        self.what, self.remedy, self.mark = what, remedy, node.start_mark


class _Loader(yaml.CSafeLoader):
    """Composes nodes only; plain scalars are told from quoted ones by their style."""


class _Reader:
    """Turns composed nodes into values and notes their lines."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._left = _NODES
        self.lines: dict[Pointer, int] = {}

    def read(self, text: str) -> tuple[JsonValue, ...]:
        """The documents of a stream; empty ones count for nothing."""
        try:
            nodes = list(yaml.compose_all(text, Loader=_Loader))
            values = [
                self._value(node, (number,), DEPTH)
                for number, node in enumerate(one for one in nodes if not _empty(one))
            ]
        except _Wrong as error:
            raise self._at(error.what, error.mark, error.remedy) from error
        except yaml.MarkedYAMLError as error:
            words = "check this place; a template has to be rendered first (helm template)"
            mark = error.problem_mark or error.context_mark
            raise self._at(f"is no YAML: {error.problem or error.context}", mark, words) from error
        except (yaml.YAMLError, RecursionError) as error:
            raise self._at("is no YAML that can be read", None, "check the file") from error
        if not values:
            raise self._at("holds no document", None, "name a file with content")
        return tuple(values)

    def _at(self, what: str, mark: Any, remedy: str) -> InvalidDocument:
        place = (mark.line + 1, mark.column + 1) if mark else (None, None)
        return InvalidDocument.one(what, where=Location(self._name, *place), remedy=remedy)

    def _value(self, node: Any, at: Pointer, depth: int) -> JsonValue:
        self._left -= 1
        if depth == 0 or self._left < 0:
            raise _Wrong("is too large or nested too deeply", "split the file", node)
        self.lines.setdefault(at, node.start_mark.line + 1)
        if isinstance(node, yaml.ScalarNode):
            value = _scalar(node)
        elif isinstance(node, yaml.SequenceNode):
            value = [self._value(one, (*at, i), depth - 1) for i, one in enumerate(node.value)]
        else:
            value = self._members(node, at, depth)
        return {node.tag: value} if node.tag.startswith("!") and len(node.tag) > 1 else value

    def _members(self, node: Any, at: Pointer, depth: int) -> dict[str, JsonValue]:
        found: dict[str, JsonValue] = {}
        merged: dict[str, JsonValue] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise _Wrong("a key is a list or map", "use text as key", key_node)
            key = str(key_node.value)
            if key == "<<" and not key_node.style:
                merged = {**self._merged(value_node, at, depth), **merged}
                continue
            if key in found:
                raise _Wrong(f"the key {key!r} appears twice", "keep one of the two", key_node)
            self.lines[(*at, key)] = key_node.start_mark.line + 1
            found[key] = self._value(value_node, (*at, key), depth - 1)
        return {**merged, **found}

    def _merged(self, node: Any, at: Pointer, depth: int) -> dict[str, JsonValue]:
        parts = list(reversed(node.value)) if isinstance(node, yaml.SequenceNode) else [node]
        found: dict[str, JsonValue] = {}
        for part in parts:
            if not isinstance(part, yaml.MappingNode):
                raise _Wrong("<< merges what is no map", "merge maps alone", part)
            found.update(self._members(part, at, depth - 1))
        return found


def _empty(node: Any) -> bool:
    return node is None or (isinstance(node, yaml.ScalarNode) and _scalar(node) is None)


def _scalar(node: Any) -> JsonValue:
    text = str(node.value)
    if node.style:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FRACTION.fullmatch(text) else text
