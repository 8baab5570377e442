"""One byte form per value, and its digest.

JSON Canonicalization Scheme: RFC 8785. Digests are `sha256:` and 64 lower-case hex digits.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any, NoReturn

import rfc8785

from hallgate.model.errors import InvalidDocument, Location, StorageError
from hallgate.model.values import JsonValue

_CHUNK = 1 << 20
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_LINE = len("sha256:") + 64 + 1
_DIGESTS = re.compile(r"(?:sha256:[0-9a-f]{64}\n)*")


def canonical_bytes(value: JsonValue) -> bytes:
    """The JCS (RFC 8785) bytes of a JSON value; equal values give equal bytes.

    Raises InvalidDocument where JCS has no form for it: NaN, infinity, integers beyond
    2**53 - 1, lone surrogates, keys that are no text, values that are no JSON.
    """
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise InvalidDocument.one(
            f"no canonical JSON form: {error}",
            remedy="use text, finite numbers, integers up to 2**53 - 1 and shallow nesting",
        ) from error


def parse_json(data: bytes, where: Location | None = None) -> JsonValue:
    """The JSON value in UTF-8 bytes; duplicate keys, NaN and infinity are refused.

    What Hallgate wrote proves itself by its bytes; all else is for the strict reader.
    Raises InvalidDocument with where.
    """
    exact = short_cut()
    found: tuple[JsonValue] | None = exact and exact.exact_json(data)
    return strict_json(data, where) if found is None else found[0]


def strict_json(data: bytes, where: Location | None = None) -> JsonValue:
    """parse_json without its short cut: what decides, and says what is wrong."""
    try:
        value: JsonValue = _strict(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise InvalidDocument.one(
            f"not strict JSON: {error}", remedy="write RFC 8259 JSON in UTF-8", where=where
        ) from error
    return value


def short_cut() -> Any:
    """The module `record.exact` where a run over many records has imported it, else None.

    It changes no answer, and its library takes longer to import than one record to read.
    """
    return sys.modules.get("hallgate.record.exact")


def sha256_digest(data: bytes) -> str:
    """`sha256:<hex>` of these bytes."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def file_digest(path: Path) -> str:
    """`sha256:<hex>` of a file, read in chunks of 1 MiB; raises StorageError."""
    state = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                state.update(chunk)
    except OSError as error:
        raise StorageError(
            f"cannot read the file: {error.strerror}",
            remedy="check the path and its permissions",
            where=Location(str(path)),
        ) from error
    return f"sha256:{state.hexdigest()}"


def is_digest(value: object) -> bool:
    """Whether this is `sha256:` and 64 lower-case hex digits."""
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def are_digests(values: list[Any]) -> bool:
    """Whether each of these is a digest: one match for all of them."""
    try:
        text = "\n".join([*values, ""])
    except TypeError:
        return False
    # By its length, or a text with a line break in it would pass for two digests.
    return len(text) == _LINE * len(values) and _DIGESTS.fullmatch(text) is not None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"key {twice!r} stands twice in one object")
    return members


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _strict(text: str) -> Any:
    """JSONDecoder.decode, less its two looks for white space where there is none."""
    try:
        value, end = _SCAN(text, 0)
    except StopIteration:
        return _STRICT.decode(text)
    return value if end == len(text) else _STRICT.decode(text)


_STRICT = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)
_SCAN: Any = vars(_STRICT)["scan_once"]
