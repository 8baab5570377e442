"""Typed access to JSON values that already passed their schema.

A TypeError here means that a schema and its reader disagree: a defect of ours,
never of a document.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hallgate.model.values import JsonObject, JsonValue


def an_object(value: JsonValue) -> JsonObject:
    """The value as an object."""
    if not isinstance(value, Mapping):
        raise TypeError(f"an object was promised, not {type(value).__name__}")
    return value


def a_list(value: JsonValue) -> Sequence[JsonValue]:
    """The value as a list."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise TypeError(f"a list was promised, not {type(value).__name__}")
    return value


def a_text(value: JsonValue) -> str:
    """The value as text."""
    if not isinstance(value, str):
        raise TypeError(f"text was promised, not {type(value).__name__}")
    return value


def an_integer(value: JsonValue) -> int:
    """The value as a whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"a whole number was promised, not {type(value).__name__}")
    return value


def texts(value: JsonValue) -> tuple[str, ...]:
    """The value as a list of texts."""
    return tuple(a_text(one) for one in a_list(value))


def text_or_none(value: JsonValue) -> str | None:
    """The value as text, or None for null."""
    return None if value is None else a_text(value)


def integer_or_none(value: JsonValue) -> int | None:
    """The value as a whole number, or None for null."""
    return None if value is None else an_integer(value)


def scalars(value: JsonValue) -> Iterator[str | int | float | bool | None]:
    """Everything within a value that is neither object nor list, names of members left out."""
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from scalars(inner)
    elif isinstance(value, str | int | float) or value is None:
        yield value
    else:
        for inner in value:
            yield from scalars(inner)
