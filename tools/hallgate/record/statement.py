"""In-toto Statement v1 about exactly one subject.

Specification: https://github.com/in-toto/attestation, spec/v1/statement.md. Stricter than
it: one subject with a name and a SHA-256 digest alone, and no other members.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from hallgate.model.errors import InvalidDocument, Location
from hallgate.model.values import JsonObject, JsonValue
from hallgate.record.canonical import is_digest, parse_json

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"

_MEMBERS = {"_type", "subject", "predicateType", "predicate"}
_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Statement:
    """A parsed statement; digest is `sha256:<hex>` of the subject called name."""

    name: str
    digest: str
    predicate_type: str
    predicate: JsonObject


def statement(
    name: str, digest: str, predicate_type: str, predicate: JsonObject
) -> dict[str, JsonValue]:
    """The JSON form of a statement about one subject; digest is `sha256:<hex>`.

    Raises InvalidDocument for an empty name or type, or another form of digest.
    """
    if not is_digest(digest):
        raise _malformed(f"digest {digest!r} is not sha256: and 64 lower-case hex digits", None)
    if not name or not predicate_type:
        raise _malformed("the subject's name or the predicate type is empty", None)
    return {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": name, "digest": {"sha256": digest.removeprefix("sha256:")}}],
        "predicateType": predicate_type,
        "predicate": predicate,
    }


def parse_statement(payload: bytes, where: Location | None = None) -> Statement:
    """The statement in these bytes; raises InvalidDocument with where."""
    return read_statement(parse_json(payload, where), where)


def read_statement(value: JsonValue, where: Location | None = None) -> Statement:
    """The statement in a JSON value; raises InvalidDocument with where."""
    if not isinstance(value, (dict, Mapping)) or value.keys() != _MEMBERS:
        raise _malformed(f"a statement has {', '.join(sorted(_MEMBERS))}, nothing else", where)
    if value["_type"] != STATEMENT_TYPE:
        raise _malformed(f"_type is not {STATEMENT_TYPE}", where)
    kind, predicate = value["predicateType"], value["predicate"]
    if not isinstance(kind, str) or not kind:
        raise _malformed("predicateType is no text", where)
    if not isinstance(predicate, (dict, Mapping)):
        raise _malformed("predicate is no object", where)
    name, digest = _subject(value["subject"], where)
    return Statement(name, digest, kind, predicate)


def _subject(value: JsonValue, where: Location | None) -> tuple[str, str]:
    if not isinstance(value, list) or len(value) != 1:
        raise _malformed("a statement has exactly one subject", where)
    subject = value[0]
    if not isinstance(subject, (dict, Mapping)) or subject.keys() != {"name", "digest"}:
        raise _malformed("a subject has name and digest, nothing else", where)
    name, digest = subject["name"], subject["digest"]
    if not isinstance(name, str) or not name:
        raise _malformed("the subject's name is no text", where)
    if not isinstance(digest, (dict, Mapping)) or digest.keys() != {"sha256"}:
        raise _malformed("the subject's digest has sha256, nothing else", where)
    sha256 = digest["sha256"]
    if not isinstance(sha256, str) or _HEX.fullmatch(sha256) is None:
        raise _malformed("sha256 is not 64 lower-case hex digits", where)
    return name, f"sha256:{sha256}"


def _malformed(what: str, where: Location | None) -> InvalidDocument:
    return InvalidDocument.one(
        what, remedy="write an in-toto Statement v1 about one subject", where=where
    )
