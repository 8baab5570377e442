"""Where the parts of a document stand; worked out only when something is wrong.

The readers are fast because they keep no positions. These functions read the
text again, slowly, and need not be strict: the strict reader has been there.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import yaml

Pointer = tuple[str | int, ...]
Place = tuple[int, int]
"""Line and column, counted from 1 in characters."""

_LONGEST_MAP = 200_000  # values; beyond, faults carry the place of their parent


@dataclass(frozen=True, slots=True)
class Places:
    """Line and column of each value, and of each key, by pointer."""

    values: Mapping[Pointer, Place] = field(default_factory=dict)
    keys: Mapping[Pointer, Place] = field(default_factory=dict)

    def value(self, pointer: Pointer) -> Place | None:
        """Place of a value, or of the nearest part of the document around it."""
        for length in range(len(pointer), -1, -1):
            found = self.values.get(pointer[:length])
            if found is not None:
                return found
        return None

    def key(self, pointer: Pointer) -> Place | None:
        """Place of a member's key, or of its value where it has none."""
        return self.keys.get(pointer) or self.value(pointer)


@dataclass(frozen=True, slots=True)
class Token:
    """A key, or the start of a value, in JSON text; offset counts characters."""

    kind: str
    pointer: Pointer
    offset: int
    text: str


_TOKEN = re.compile(r'[ \t\n\r]*("[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+)', re.DOTALL)


def json_tokens(text: str) -> Iterator[Token]:
    """Keys and values of JSON text that a parser accepted, in order."""
    # One frame per open container: [is object, index of the item, current key].
    frames: list[list[bool | int | str | None]] = []
    path: list[str | int] = []
    for match in _TOKEN.finditer(text):
        word, offset = match[1], match.start(1)
        frame = frames[-1] if frames else None
        if word in "]}":
            frames.pop()
            path.pop()
        elif word == ",":
            if frame is not None and frame[0]:
                frame[2] = None
            elif frame is not None:
                path[-1] = int(path[-1]) + 1
        elif word == ":":
            continue
        elif frame is not None and frame[0] and frame[2] is None:
            key = str(json.loads(word, strict=False))
            frame[2] = path[-1] = key
            yield Token("key", tuple(path), offset, word)
        else:
            yield Token("value", tuple(path), offset, word)
            if word in "[{":
                frames.append([word == "{", 0, None])
                path.append(0)


class Lines:
    """Turns offsets in a text into line and column."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def place(self, offset: int) -> Place:
        """Line and column, from 1, of a character."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


def json_places(text: str) -> Places:
    """Places in JSON text that a parser accepted."""
    lines = Lines(text)
    values: dict[Pointer, Place] = {}
    keys: dict[Pointer, Place] = {}
    for token in json_tokens(text):
        target = keys if token.kind == "key" else values
        target[token.pointer] = lines.place(token.offset)
        if len(values) > _LONGEST_MAP:
            break
    return Places(values, keys)


def yaml_places(data: bytes) -> Places:
    """Places in YAML that the strict reader accepted: no aliases, so a tree."""
    import yaml

    values: dict[Pointer, Place] = {}
    keys: dict[Pointer, Place] = {}
    todo: list[tuple[Pointer, yaml.Node]] = []
    root = yaml.compose(data, Loader=yaml.CSafeLoader)
    if isinstance(root, yaml.Node):
        todo.append(((), root))
    while todo:
        pointer, node = todo.pop()
        values[pointer] = _mark(node)
        if isinstance(node, yaml.MappingNode):
            for key_node, value_node in node.value:
                inner = (*pointer, str(key_node.value))
                keys[inner] = _mark(key_node)
                todo.append((inner, value_node))
        elif isinstance(node, yaml.SequenceNode):
            todo.extend(((*pointer, index), item) for index, item in enumerate(node.value))
    return Places(values, keys)


def _mark(node: yaml.Node) -> Place:
    return node.start_mark.line + 1, node.start_mark.column + 1
