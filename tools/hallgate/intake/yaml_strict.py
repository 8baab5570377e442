"""YAML read without guessing: one meaning in YAML 1.1 and 1.2, or an error with its place.

Refused: duplicate and merge keys, anchors, aliases and tags, keys that are no
text, several documents, deep nesting, large files, and every plain scalar that
two readers may take differently (no, on, 010, 1e3, 12:30, 2026-01-01, ~): quote it.
libyaml composes the nodes; one pass over them makes the values.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from hashlib import sha256
from typing import Any

import yaml

from hallgate.intake.document import Document
from hallgate.intake.json_strict import DEPTH, LARGEST_INTEGER, decode
from hallgate.model.errors import InvalidDocument, Location
from hallgate.model.values import JsonValue

LIMIT = 1024 * 1024

_WORDS: dict[str, JsonValue] = {"true": True, "false": False, "null": None}
_AMBIGUOUS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", "nil"})
_INTEGER = re.compile(r"0|-?[1-9][0-9]*")
_FRACTION = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+")
_STARTS = frozenset("0123456789+-.~=<")
_LOOKS_TYPED = re.compile(
    r"[-+]?[0-9][0-9_]*"  # 010, 1_000, +5
    r"|[-+]?[0-9_]*\.?[0-9_]*(?:[eE][-+]?[0-9_]*)?"  # .5, 5., 1e3, 1.5e3
    r"|[-+]?0[xob][0-9a-fA-F_]*"
    r"|[-+]?[0-9][0-9_]*(?::[0-9]{1,2})+(?:\.[0-9_]*)?"  # 12:30:45
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:[Tt]|[ \t]+).*)?"
    r"|[-+]?\.(?:inf|Inf|INF|nan|NaN|NAN)"
    r"|~|=|<<",
    re.DOTALL,
)
_PLAIN, _QUOTED, _LIST, _MAP = "plain", "quoted", "list", "map"


class _Loader(yaml.CSafeLoader):
    """Composes nodes, marked plain or quoted, and stops before the stack runs out."""

    def __init__(self, data: bytes, depth: int) -> None:
        super().__init__(data)
        self._levels = depth + 1
        self._level = 0

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> str:
        if kind is yaml.ScalarNode:
            return _PLAIN if implicit[0] else _QUOTED
        return _MAP if kind is yaml.MappingNode else _LIST

    def descend_resolver(self, current_node: yaml.Node | None, current_index: Hashable) -> None:
        self._level += 1
        if self._level > self._levels and current_node is not None:
            raise _Wrong("is nested too deeply", "flatten it", current_node)

    def ascend_resolver(self) -> None:
        self._level -= 1


class _Wrong(Exception):
    """A fault at a node or event."""

    def __init__(self, what: str, remedy: str, spot: Any) -> None:
        super().__init__(what)
        self.what, self.remedy, self.mark = what, remedy, spot.start_mark


def parse_yaml(
    data: bytes, file: str, *, limit: int = LIMIT, depth: int = DEPTH, floats: bool = False
) -> Document:
    """Read one YAML document.

    limit is in bytes, depth in nested containers; floats admits plain
    decimals such as 0.5. Raises InvalidDocument with one located fault.
    """
    if len(data) > limit:
        raise InvalidDocument.one(
            f"has {len(data)} bytes, the limit is {limit}",
            where=Location(file),
            remedy="split it; house documents are small",
        )
    decode(data, file)
    try:
        if b"&" in data or b"*" in data or b"!" in data or b"%" in data:
            _refuse_graph(data)
        value = _compose(data, depth, floats)
    except _Wrong as error:
        raise InvalidDocument.one(
            error.what,
            where=Location(file, error.mark.line + 1, error.mark.column + 1),
            remedy=error.remedy,
        ) from error
    except yaml.MarkedYAMLError as error:
        raise _no_yaml(error, file) from error
    except yaml.YAMLError as error:
        raise InvalidDocument.one(
            f"is no YAML: {getattr(error, 'reason', error)}",
            where=Location(file),
            remedy="remove control characters",
        ) from error
    return Document(value, file, "sha256:" + sha256(data).hexdigest(), data, "yaml")


def _compose(data: bytes, depth: int, floats: bool) -> JsonValue:
    loader = _Loader(data, depth)
    try:
        node = loader.get_single_node()
        if node is None:
            raise yaml.MarkedYAMLError(problem="the document is empty")
        return _value(node, depth, floats)
    finally:
        loader.dispose()


def _no_yaml(error: yaml.MarkedYAMLError, file: str) -> InvalidDocument:
    mark = error.problem_mark or error.context_mark
    where = Location(file, mark.line + 1, mark.column + 1) if mark else Location(file)
    if error.problem == "but found another document":
        return InvalidDocument.one(
            "holds more than one document", where=where, remedy="one document per file"
        )
    return InvalidDocument.one(
        f"is no YAML: {error.problem or error.context}",
        where=where,
        remedy="check indentation and quotes at this place",
    )


def _refuse_graph(data: bytes) -> None:
    """Anchors, aliases, tags and directives, before anything is expanded."""
    events: Iterator[Any] = yaml.parse(data, Loader=yaml.CSafeLoader)
    for event in events:
        if isinstance(event, yaml.AliasEvent):
            raise _Wrong(f"the alias *{event.anchor} is refused", "write the value out", event)
        if getattr(event, "anchor", None) is not None:
            raise _Wrong(f"the anchor &{event.anchor} is refused", "write values out", event)
        if getattr(event, "tag", None) is not None:
            raise _Wrong(f"the tag {event.tag} is refused", "leave it out, or quote", event)
        if isinstance(event, yaml.DocumentStartEvent) and (event.version or event.tags):
            raise _Wrong("directives are refused", "leave the % line out", event)


def _value(node: Any, depth: int, floats: bool) -> JsonValue:
    tag = node.tag
    if tag == _QUOTED:
        quoted: str = node.value
        return quoted
    if tag == _PLAIN:
        return _plain(node, floats)
    if depth == 0:
        raise _Wrong("is nested too deeply", "flatten it", node)
    if tag == _LIST:
        return [_value(item, depth - 1, floats) for item in node.value]
    if tag != _MAP:
        raise _Wrong(f"the tag {tag} is refused", "leave it out, or quote", node)
    found: dict[str, JsonValue] = {}
    for key_node, value_node in node.value:
        if key_node.tag == _PLAIN:
            key = _plain(key_node, floats)
        elif key_node.tag == _QUOTED:
            key = key_node.value
        else:
            raise _Wrong("a key is a list or map", "use text as key", key_node)
        if type(key) is not str:
            raise _Wrong(f"the key {key_node.value} is no text", "quote it", key_node)
        if key in found:
            raise _Wrong(f"the key {key!r} appears twice", "keep one of the two", key_node)
        found[key] = _value(value_node, depth - 1, floats)
    return found


def _plain(node: Any, floats: bool) -> JsonValue:
    text: str = node.value
    if text in _WORDS:
        return _WORDS[text]
    if not text:
        raise _Wrong("there is no value", "write null, or quote an empty text", node)
    if text[0] in _STARTS:
        return _number_or_text(node, text, floats)
    if len(text) <= 5 and text.lower() in _AMBIGUOUS:
        raise _Wrong(
            f"{text} means different things to different readers",
            "quote it, or write true, false or null",
            node,
        )
    return text


def _number_or_text(node: Any, text: str, floats: bool) -> JsonValue:
    if _INTEGER.fullmatch(text):
        if len(text) > 17 or abs(int(text)) > LARGEST_INTEGER:
            raise _Wrong(f"{text[:30]} is beyond 2^53 and would be rounded", "quote it", node)
        return int(text)
    if floats and len(text) <= 40 and _FRACTION.fullmatch(text):
        return float(text)
    if text == "<<":
        raise _Wrong("merge keys are refused", "write the keys out", node)
    if _LOOKS_TYPED.fullmatch(text):
        raise _Wrong(f"{text[:40]} means different things to different readers", "quote it", node)
    return text
