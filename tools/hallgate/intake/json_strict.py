"""JSON read without guessing: one meaning in every reader, or an error with its place.

Refused: duplicate keys, NaN and Infinity, integers beyond 2^53 (readers round
them), fractions unless asked for, lone surrogates, a byte order mark, invalid
UTF-8, trailing data, deep nesting and large files. The standard library's C
scanner does the work; positions are looked up only when something is wrong.
"""

from __future__ import annotations

import json
import math
import re
from hashlib import sha256
from typing import Any, NoReturn

from hallgate.intake.document import Document
from hallgate.intake.positions import Lines, Place, Token, json_tokens
from hallgate.model.errors import InvalidDocument, Location
from hallgate.model.values import JsonValue

LIMIT = 8 * 1024 * 1024
DEPTH = 32
LARGEST_INTEGER = 2**53 - 1

_NUMBER = re.compile(r"-?[0-9]")
_CONSTANTS = {"NaN", "Infinity", "-Infinity"}


class _Refused(Exception):
    """Leaves the C scanner from one of its hooks."""


def parse_json(
    data: bytes, file: str, *, limit: int = LIMIT, depth: int = DEPTH, floats: bool = False
) -> Document:
    """Read one JSON document.

    limit is in bytes, depth in nested containers; floats admits finite
    fractions, for foreign reports. Raises InvalidDocument with one located fault.
    """
    if len(data) > limit:
        raise InvalidDocument.one(
            f"has {len(data)} bytes, the limit is {limit}",
            where=Location(file),
            remedy="keep raw reports outside and give their digest",
        )
    text = decode(data, file)
    hook = _fraction if floats else _no_fraction
    try:
        value: JsonValue = json.loads(
            text,
            object_pairs_hook=_pairs,
            parse_int=_integer,
            parse_float=hook,
            parse_constant=_constant,
        )
    except json.JSONDecodeError as error:
        raise InvalidDocument.one(
            f"is no JSON: {error.msg}",
            where=Location(file, error.lineno, error.colno),
            remedy="mend the text at this place; was the file cut short?",
        ) from error
    except _Refused:
        _explain(text, file, floats, depth)
    except RecursionError as error:
        raise _too_deep(file, depth, None) from error
    if _deeper_than(value, depth):
        _explain(text, file, floats, depth)
    if "\\u" in text and _has_lone_surrogate(value):
        _explain(text, file, floats, depth)
    return Document(value, file, "sha256:" + sha256(data).hexdigest(), data, "json")


def decode(data: bytes, file: str) -> str:
    """UTF-8 text without byte order mark; raises InvalidDocument at the bad byte."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        line, column = Lines(before).place(len(before))
        raise InvalidDocument.one(
            f"is not UTF-8: byte 0x{data[error.start]:02x}",
            where=Location(file, line, column),
            remedy="save the file as UTF-8",
        ) from error
    if text.startswith("\ufeff"):
        raise InvalidDocument.one(
            "starts with a byte order mark",
            where=Location(file, 1, 1),
            remedy="save the file as UTF-8 without byte order mark",
        )
    return text


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Refused
    return found


def _integer(digits: str) -> int:
    if len(digits) > 17:
        raise _Refused
    value = int(digits)
    if not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
        raise _Refused
    return value


def _fraction(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise _Refused
    return value


def _no_fraction(digits: str) -> NoReturn:
    raise _Refused


def _constant(word: str) -> NoReturn:
    raise _Refused


def _deeper_than(value: JsonValue, depth: int) -> bool:
    level: list[Any] = [value] if isinstance(value, dict | list) else []
    for _ in range(depth):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if type(outer) is dict else outer)
            if type(inner) is dict or type(inner) is list
        ]
        if not level:
            return False
    return bool(level)


def _has_lone_surrogate(value: JsonValue) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _too_deep(file: str, depth: int, place: Place | None) -> InvalidDocument:
    return InvalidDocument.one(
        f"is nested more than {depth} levels deep",
        where=Location(file, *(place or (None, None))),
        remedy="flatten it; no house document is that deep",
    )


def _explain(text: str, file: str, floats: bool, depth: int) -> NoReturn:
    """Find again, with its place, what the fast reader refused."""
    lines = Lines(text)
    seen = set()
    for token in json_tokens(text):
        place = lines.place(token.offset)
        if token.kind == "value" and token.text in "[{" and len(token.pointer) >= depth:
            raise _too_deep(file, depth, place)
        if token.kind == "key":
            if token.pointer in seen:
                raise InvalidDocument.one(
                    f"the key {token.pointer[-1]!r} appears twice",
                    where=Location(file, *place),
                    remedy="keep one of the two",
                )
            seen.add(token.pointer)
        problem = _problem(token, floats)
        if problem is not None:
            what, remedy = problem
            raise InvalidDocument.one(what, where=Location(file, *place), remedy=remedy)
    raise InvalidDocument.one(
        "is no strict JSON", where=Location(file), remedy="write it again with a JSON library"
    )


def _problem(token: Token, floats: bool) -> tuple[str, str] | None:
    word = token.text
    if word in _CONSTANTS:
        return f"{word} is no JSON value", "use null, or leave the measurement out"
    if word.startswith('"'):
        if _has_lone_surrogate(json.loads(word, strict=False)):
            return "half a surrogate pair is no character", "write the character itself"
        return None
    if not _NUMBER.match(word):
        return None
    shown = word if len(word) <= 30 else word[:30] + "…"
    if re.fullmatch(r"-?[0-9]+", word) is None:
        if not floats:
            return (
                f"{shown} is no whole number",
                "give counts or basis points as whole numbers",
            )
        if not math.isfinite(float(word)):
            return f"{shown} is too large for a number", "give it as text"
    elif len(word) > 17 or abs(int(word)) > LARGEST_INTEGER:
        return f"{shown} is beyond 2^53 and would be rounded", "give it as text"
    return None
