"""Evidence as it must never be believed, made from a sound statement and its schema.

Each case says what was done and what takes the place of all statements of the type. A case
that is still believable stands exactly on a bound: it proves that the bound is where METADATA
and schemas say.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hallgate.testing.pointer import Path, put

_DAY = 86400
_DECEIVING = {
    "fullwidth": str.maketrans("0123456789", "".join(chr(0xFF10 + one) for one in range(10))),
    "cyrillic": str.maketrans("aceopxy", "\u0430\u0441\u0435\u043e\u0440\u0445\u0443"),
}


@dataclass(frozen=True, slots=True)
class Negative:
    """left replaces the statements of a type, None takes the type away; believable ones count."""

    what: str
    left: Any
    believable: bool = False


def negatives(
    statement: Mapping[str, Any], schema: Mapping[str, Any], now: int, max_age_days: int
) -> Iterator[Negative]:
    """Cases for one type; schema is the flat one of a measured statement, now in seconds."""
    yield Negative("absent", None)
    yield Negative("null", _Null)
    for what, left in (
        ("an empty list", []),
        ("a list of null", [None]),
        ("a list of nothing", [{}]),
        ("a list in a list", [[statement]]),
        ("a bare statement instead of a list", dict(statement)),
        ("text", json.dumps(statement)),
        ("a list of text", [json.dumps(statement)]),
        ("truncated text", [json.dumps(statement)[: len(json.dumps(statement)) // 2]]),
        ("a number", 1),
        ("true", True),
    ):
        yield Negative(what, left)
    yield Negative("truncated", [_first_half(statement)])
    yield Negative(
        "a truncated result", [{**statement, "result": _first_half(statement["result"])}]
    )
    for what, left, believable in _common(statement, now, max_age_days * _DAY):
        yield Negative(what, [{**statement, **left}], believable)
    for path, what, value in _wrong(statement["result"], schema["properties"]["result"], ()):
        name = ".".join(str(part) for part in path)
        changed = put(statement["result"], path, value)
        yield Negative(f"result.{name}: {what}", [{**statement, "result": changed}])


class _Null:
    """Stands for a JSON null as the whole value, where None already means absent."""


def in_place(negative: Negative, kind: str) -> dict[str, Any]:
    """What is put into `evidence`: nothing where the type is absent."""
    if negative.left is None:
        return {}
    return {kind: None if negative.left is _Null else negative.left}


def _first_half(value: Mapping[str, Any]) -> dict[str, Any]:
    names = list(value)
    return {name: value[name] for name in names[: len(names) // 2]}


def _common(
    said: Mapping[str, Any], now: int, age: int
) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Changes of the part that all types share: on each bound and one step beyond it."""
    subject, population, seen = said["subject"], said["population"], said["completeness"]
    signer = said["signer"]
    yield "as it is", {}, True
    yield "collected now", {"collected_at": now}, True
    yield "dated in the future by one second", {"collected_at": now + 1}, False
    if age < 3650 * _DAY:
        yield "as old as its schema allows", {"collected_at": now - age}, True
        yield "stale by one second", {"collected_at": now - age - 1}, False
    yield "valid for one more second", {"valid_until": now + 1}, True
    yield "expired this second", {"valid_until": now}, False
    yield (
        "collected at a time in milliseconds",
        {"collected_at": said["collected_at"] * 1000},
        False,
    )
    yield "valid until a time in minutes", {"valid_until": said["valid_until"] // 60}, False
    yield "collected at a time as text", {"collected_at": str(said["collected_at"])}, False
    yield "about another digest", {"subject": {**subject, "digest": "sha256:" + "9" * 64}}, False
    yield (
        "about a digest in capitals",
        {"subject": {**subject, "digest": _capitals(subject)}},
        False,
    )
    yield "about another name", {"subject": {**subject, "name": subject["name"] + "-2"}}, False
    yield (
        "about a look-alike name",
        {"subject": {**subject, "name": _alike(subject["name"])}},
        False,
    )
    yield "unsigned", {"signer": None}, False
    yield "signed by the wrong role", {"signer": {**signer, "evidence_types": []}}, False
    yield (
        "signed for another type",
        {"signer": {**signer, "evidence_types": ["another_type"]}},
        False,
    )
    yield "measured on zero rows", {"population": {**population, "count": 0}}, False
    yield "measured on rows as text", {"population": {**population, "count": "9"}}, False
    yield (
        "seen less than expected",
        {"completeness": {**seen, "observed": seen["expected"] - 1}},
        False,
    )
    yield "nothing expected", {"completeness": {"expected": 0, "observed": 0}}, False
    for status in ("error", "not_run"):
        yield f"status {status}, result kept", {"status": status}, False
        yield f"status {status}", {"status": status, "result": None}, False
    yield "an unknown status", {"status": "measured "}, False
    yield "a field too many", {"trusted": True}, False


def _capitals(subject: Mapping[str, Any]) -> str:
    return str(subject["digest"]).upper().replace("SHA256", "sha256")


def _alike(name: str) -> str:
    for table in _DECEIVING.values():
        changed = name.translate(table)
        if changed != name:
            return changed
    return name + "\u200b"


def _wrong(value: Any, schema: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, str, Any]]:
    """Each field with a value of another type or in another unit; of a list its first item."""
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if "null" not in kinds and path:
        yield path, "null", None
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _wrong(inner, schema["properties"][name], (*path, name))
        if path:
            yield path, "a list of the object", [value]
    elif isinstance(value, list):
        yield path, "an object instead of a list", {"0": value}
        if value:
            yield from _wrong(value[0], schema["items"], (*path, 0))
    elif isinstance(value, bool):
        yield path, "true or false as text", str(value).lower()
    elif isinstance(value, int):
        yield path, "a number as text", str(value)
        yield path, "a share instead of a count", value / 10_000 if value % 10_000 else 0.5
        yield path, "an enormous number", 10**30
    elif isinstance(value, str):
        yield path, "a number instead of text", 1
