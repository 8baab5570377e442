"""JSON read without guessing: no duplicate keys, no NaN, no number that float64 would change."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from conftest_py.errors import DocumentError

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Numbers: TypeAlias = Literal["float64", "any"]

LARGEST_INTEGER = 2**53
LONGEST_NUMBER = 400


class _RefusedError(Exception):
    """Carries a problem out of the hooks of the standard parser."""


def integer(text: str, numbers: Numbers = "float64") -> int:
    """Read an integer; beyond 2^53 conftest would round it, so that is refused."""
    if len(text) > LONGEST_NUMBER:
        raise _RefusedError("a number has more than 400 characters")
    value = int(text)
    if numbers == "float64" and abs(value) > LARGEST_INTEGER:
        raise _RefusedError(f"{text} is beyond 2^53 and becomes a rounded float64; use a string")
    return value


def fraction(text: str, numbers: Numbers = "float64") -> float:
    """Read a decimal; one that its shortest float64 form does not equal is refused."""
    if len(text) > LONGEST_NUMBER:
        raise _RefusedError("a number has more than 400 characters")
    value = float(text)
    if not math.isfinite(value):
        raise _RefusedError(f"{text} does not fit into a float64")
    if numbers == "float64":
        if abs(value) > LARGEST_INTEGER:
            raise _RefusedError(
                f"{text} is beyond 2^53 and becomes a rounded float64; use a string"
            )
        if Decimal(text) != Decimal(repr(value)):
            raise _RefusedError(f"{text} loses digits as a float64; use a string")
    return value


def _pairs(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for key, value in pairs:
        if key in found:
            raise _RefusedError(f"duplicate key {key!r}")
        found[key] = value
    return found


def _constant(text: str) -> Json:
    raise _RefusedError(f"{text} is not JSON")


def loads(raw: bytes, where: str, numbers: Numbers = "float64") -> Json:
    """Read one JSON document; raises :class:`DocumentError` naming ``where``."""
    try:
        value: Json = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_pairs,
            parse_constant=_constant,
            parse_int=lambda text: integer(text, numbers),
            parse_float=lambda text: fraction(text, numbers),
        )
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeDecodeError as error:
        raise DocumentError(where, f"not UTF-8 at byte {error.start}") from error
    except UnicodeEncodeError as error:
        raise DocumentError(where, "a lone surrogate is not Unicode text") from error
    except RecursionError as error:
        raise DocumentError(where, "nested too deeply") from error
    except json.JSONDecodeError as error:
        raise DocumentError(where, f"line {error.lineno}:{error.colno}: {error.msg}") from error
    except _RefusedError as error:
        raise DocumentError(where, str(error)) from error
    return value


def dumps(value: object, where: str) -> str:
    """Write a value as JSON text; sets, dates, NaN and keys that are no strings are refused."""
    try:
        _check_keys(value)
        return json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True)
    except (TypeError, ValueError, RecursionError, _RefusedError) as error:
        raise DocumentError(where, f"cannot be written as JSON: {error}") from error


def _check_keys(value: Any) -> None:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise _RefusedError(f"the key {key!r} is not a string")
            _check_keys(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            _check_keys(inner)


def refused(error: Exception) -> bool:
    """Whether an exception is this module's own refusal of a number."""
    return isinstance(error, _RefusedError)
