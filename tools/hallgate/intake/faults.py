"""What is wrong with a document, in words: jsonschema finds it, this says it.

Slow to import and to run, so only documents that the fast validator did not
accept come here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any

from referencing import Registry

from hallgate.intake.document import Document
from hallgate.intake.jsonschema_light import jsonschema
from hallgate.intake.positions import Place, Pointer
from hallgate.intake.rfc3339 import is_time, seconds
from hallgate.model.errors import Fault, Location
from hallgate.model.values import JsonObject, JsonValue

_SHOWN = 60
_KINDS = {
    "object": "an object", "array": "a list", "string": "text", "integer": "a whole number",
    "number": "a number", "boolean": "true or false", "null": "null",
}  # fmt: skip

ValidationError = jsonschema.ValidationError
Said = tuple[Pointer, bool, str, str]
"""Pointer, whether the key rather than the value is meant, what, remedy."""


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # $ in Python also matches before a last newline; RE2's does not.
    return re.compile(re.sub(r"(?<!\\)\$$", r"\\Z", pattern))


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not _compiled(pattern).search(instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


_HouseValidator: Any = jsonschema.validators.extend(  # type: ignore[no-untyped-call]
    jsonschema.Draft7Validator, {"pattern": _pattern}
)


def slow_validator(schema: JsonObject) -> Any:
    """jsonschema's validator, with the house's date-time and patterns, that never fetches."""
    formats = jsonschema.FormatChecker(formats=())
    formats.checks("date-time")(is_time)
    return _HouseValidator(schema, format_checker=formats, registry=Registry())


def said_faults(value: JsonValue, schema: JsonObject) -> list[Said]:
    """Every fault of a value against a schema, in words."""
    said: list[Said] = []
    for error in slow_validator(schema).iter_errors(value):
        for one in _say(error):
            if one not in said:
                said.append(one)
    return said


def located_faults(document: Document, schema: JsonObject) -> tuple[Fault, ...]:
    """Every fault with its line and column, in that order; empty when valid."""
    said = said_faults(document.value, schema)
    if not said:
        return ()
    places = document.places()
    found: list[tuple[Place, Fault]] = []
    for pointer, at_key, what, remedy in said:
        place = places.key(pointer) if at_key else places.value(pointer)
        where = Location(document.file, *(place or (None, None)))
        found.append((place or (0, 0), Fault(_path(pointer, at_key) + what, where, remedy)))
    return tuple(fault for _, fault in sorted(found, key=lambda one: one[0]))


def _path(pointer: Pointer, at_key: bool) -> str:
    parts = pointer[:-1] if at_key else pointer
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return f"{path.lstrip('.')}: " if path else ""


def shown(value: object) -> str:
    """A value for a message, cut to a readable length, control characters escaped."""
    text = repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def suggestion(word: object, known: list[str]) -> str | None:
    """The nearest known spelling of a word, if one is near."""
    near = get_close_matches(str(word), known, n=1, cutoff=0.6)
    return near[0] if near else None


def _say(error: ValidationError) -> Iterator[Said]:
    pointer: Pointer = tuple(error.absolute_path)
    rule = str(error.validator)
    value: Any = error.instance
    limit: Any = error.validator_value
    if rule == "required" and isinstance(value, Mapping):
        for name in limit:
            if name not in value:
                yield pointer, False, f"{name} is missing", _how_to_add(name, error)
    elif rule == "additionalProperties" and isinstance(value, Mapping):
        yield from _unknown(pointer, value, error)
    elif rule == "oneOf":  # of several members exactly one
        names = [arm["required"][0] for arm in limit]
        said = [name for name in names if isinstance(value, Mapping) and name in value]
        what = "exclude each other" if said else "are both missing"
        if isinstance(value, Mapping):  # else its type is a fault already
            yield pointer, False, f"{' and '.join(said or names)} {what}", "say exactly one"
    else:
        what, remedy = _words(rule, value, limit, error)
        yield pointer, False, what, remedy


def _unknown(pointer: Pointer, value: Any, error: ValidationError) -> Iterator[Said]:
    known = sorted(_sub(error.schema, "properties"))
    for name in value:
        if name in known:
            continue
        near = suggestion(name, known)
        remedy = f"did you mean {near}?" if near else f"known here: {', '.join(known)}"
        yield (*pointer, str(name)), True, f"{shown(name)} is no known field", remedy


def _how_to_add(name: str, error: ValidationError) -> str:
    inner = _sub(_sub(error.schema, "properties"), name)
    kinds = inner.get("type", "value")
    words = [kinds] if isinstance(kinds, str) else list(kinds)
    described = " or ".join(_KINDS.get(word, word) for word in words)
    meaning = inner.get("description")
    return f"add {name}: {described}" + (f" ({meaning.rstrip('.')})" if meaning else "")


def _sub(schema: Any, key: str) -> Any:
    found = schema.get(key, {}) if isinstance(schema, Mapping) else {}
    return found if isinstance(found, Mapping) else {}


def _words(rule: str, value: Any, limit: Any, error: ValidationError) -> tuple[str, str]:
    if rule == "type":
        return _type_words(value, limit)
    if rule == "enum":
        near = suggestion(value, [one for one in limit if isinstance(one, str)])
        listed = ", ".join("null" if one is None else str(one) for one in limit)
        remedy = f"use one of: {listed}" + (f"; did you mean {near}?" if near else "")
        return f"{shown(value)} is none of the values allowed", remedy
    if rule == "pattern":
        return f"{shown(value)} does not have the right form", f"it must match {limit}"
    if rule == "format":
        return f"{shown(value)} {_time_problem(value)}", "write it as 2026-01-31T09:30:00Z, quoted"
    table = {
        "minimum": (f"{shown(value)} is too small", f"at least {limit}"),
        "maximum": (f"{shown(value)} is too large", f"at most {limit}"),
        "minLength": ("the text is too short", f"at least {limit} characters"),
        "maxLength": ("the text is too long", f"at most {limit} characters"),
        "minItems": ("the list is too short", f"at least {limit} entries"),
        "maxItems": ("the list is too long", f"at most {limit} entries"),
    }
    return table.get(rule, (error.message[:400], f"see the rule {rule} of the schema"))


def _type_words(value: Any, limit: Any) -> tuple[str, str]:
    kinds = [limit] if isinstance(limit, str) else list(limit)
    wanted = " or ".join(_KINDS.get(kind, kind) for kind in kinds)
    found = next((word for kind, word in _KINDS.items() if _is(value, kind)), "something else")
    remedy = f"give {wanted}"
    if "string" in kinds and isinstance(value, int | float):
        remedy = "quote it"
    elif "integer" in kinds and isinstance(value, str) and re.fullmatch(r"-?[0-9]+", value):
        remedy = "leave the quotes out"
    return f"{shown(value)} is {found}, not {wanted}", remedy


def _is(value: Any, kind: str) -> bool:
    types: dict[str, Any] = {
        "object": Mapping, "array": list, "string": str, "number": int | float,
        "integer": int, "boolean": bool, "null": type(None),
    }  # fmt: skip
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, types[kind])


def _time_problem(value: Any) -> str:
    try:
        seconds(str(value))
    except ValueError as error:
        return str(error)
    return "is no time"
