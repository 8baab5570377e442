"""Strict JSON for bytes that lie inside other documents (headers, payloads, lines)."""

from __future__ import annotations

import json
from typing import NoReturn

from hallgate.model.values import JsonValue


def strict_json(text: str | bytes) -> JsonValue:
    """Parse JSON; duplicate keys, NaN, infinities and broken UTF-8 raise ValueError."""
    if isinstance(text, bytes):
        text = text.decode("utf-8")
    try:
        value: JsonValue = json.loads(
            text, object_pairs_hook=_without_duplicates, parse_constant=_refuse_constant
        )
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return value


def _without_duplicates(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key occurs twice")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
