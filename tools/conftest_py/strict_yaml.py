"""YAML read without guessing, every document of a stream.

A plain scalar which YAML 1.1 and 1.2, or two libraries, read differently (``no``, ``010``,
``1e3``, ``2026-01-01``) is refused: quote it. So are duplicate keys, merge keys, tags, cycles
and aliases that expand without measure.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from conftest_py.errors import DocumentError
from conftest_py.strict_json import Json, Numbers, fraction, integer, refused

LARGEST_DOCUMENT = 500_000  # nodes, aliases expanded
_TAG = "tag:yaml.org,2002:"
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False}
_BOOLEANS["FALSE"] = False
_INTEGER = re.compile(r"^(0|-?[1-9][0-9]*)$")
_FRACTION = re.compile(r"^-?(0|[1-9][0-9]*)\.[0-9]+([eE][-+]?[0-9]+)?$")
_LOOKS_TYPED = re.compile(
    r"^([-+]?(\.[0-9_]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?|0[xob][0-9a-fA-F_]+|[yYnN])$"
)
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_all(raw: bytes, where: str, numbers: Numbers = "float64") -> tuple[Json, ...]:
    """Read every document of a YAML stream; an empty stream is an error."""
    try:
        text = raw.decode("utf-8")
        nodes = list(yaml.compose_all(text, Loader=_Loader))
        documents = tuple(_Builder(where, numbers).build(node) for node in nodes)
    except UnicodeDecodeError as error:
        raise DocumentError(where, f"not UTF-8 at byte {error.start}") from error
    except yaml.YAMLError as error:
        raise DocumentError(where, f"not YAML: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise DocumentError(where, "nested too deeply") from error
    if not documents:
        raise DocumentError(where, "holds no document")
    return documents


class _Builder:
    """Turns composed nodes into JSON values, counting what aliases expand to."""

    def __init__(self, where: str, numbers: Numbers) -> None:
        self._where = where
        self._numbers: Numbers = numbers
        self._count = 0
        self._open: set[int] = set()

    def build(self, node: yaml.Node) -> Json:
        self._count += 1
        if self._count > LARGEST_DOCUMENT:
            raise self._fault(node, f"expands to more than {LARGEST_DOCUMENT} values")
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if id(node) in self._open:
            raise self._fault(node, "an alias holds itself")
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode) and node.tag == _TAG + "seq":
                return [self.build(inner) for inner in node.value]
            if isinstance(node, yaml.MappingNode) and node.tag == _TAG + "map":
                return self._mapping(node)
        finally:
            self._open.discard(id(node))
        raise self._fault(node, f"the tag {node.tag} is refused")

    def _mapping(self, node: yaml.MappingNode) -> dict[str, Json]:
        found: dict[str, Json] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _TAG + "merge":
                raise self._fault(key_node, "merge keys are refused; write the keys out")
            key = self.build(key_node)
            if not isinstance(key, str):
                raise self._fault(key_node, f"the key {key!r} is not a string; quote it")
            if key in found:
                raise self._fault(key_node, f"duplicate key {key!r}")
            found[key] = self.build(value_node)
        return found

    def _scalar(self, node: yaml.ScalarNode) -> Json:
        text = str(node.value)
        if node.style:
            if node.tag != _TAG + "str":
                raise self._fault(node, f"the tag {node.tag} on a quoted scalar is refused")
            return text
        if node.tag == _TAG + "str" and not _LOOKS_TYPED.match(text) and text not in _NULL:
            return text
        if node.tag == _TAG + "null" and text in _NULL:
            return None
        if node.tag == _TAG + "bool" and text in _BOOLEANS:
            return _BOOLEANS[text]
        try:
            if node.tag == _TAG + "int" and _INTEGER.match(text):
                return integer(text, self._numbers)
            if node.tag == _TAG + "float" and _FRACTION.match(text):
                return fraction(text, self._numbers)
        except Exception as error:
            if not refused(error):
                raise
            raise self._fault(node, str(error)) from error
        raise self._fault(node, f"{text!r} is ambiguous in YAML; quote it")

    def _fault(self, node: yaml.Node, problem: str) -> DocumentError:
        mark = node.start_mark
        return DocumentError(self._where, f"line {mark.line + 1}:{mark.column + 1}: {problem}")
