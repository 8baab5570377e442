"""JSON whose own bytes prove what it says, read at the speed of a C library.

A document is read, written again with sorted keys and no white space, and both byte strings are
compared. Equal bytes leave no room: no key stands twice, nothing follows, no number was rounded,
no NaN, and base64 is the one text of its bytes. Whatever differs is no fault yet: it is None here,
and the strict reader alone decides about it and says what is wrong.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

_Read = TypeVar("_Read")
# What reading or writing raises for a document of another form.
_OTHER = (msgspec.MsgspecError, ValueError, RecursionError, OverflowError)


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A signature of a DSSE envelope; sig is decoded."""

    keyid: str
    sig: bytes


class Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A DSSE envelope; payload is decoded. Members stand in the order of their names."""

    payload: bytes
    payloadType: str  # noqa: N815 - the specification's name
    signatures: list[Signature]


class Sealed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Both envelopes of a decision record."""

    decision: Envelope
    vsa: Envelope


class Verdict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A verdict as OPA answers it."""

    findings: list[Any]
    findings_total: int
    id: str
    observed: Any
    outcome: str
    override: Any
    reasons: list[Any]
    severity: str


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The engine's answer."""

    allowed: bool
    decided_at: int
    tier: str | None
    verdicts: list[Verdict]


class Engine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who answered."""

    name: str
    version: str


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The predicate of a decision statement."""

    body: Body
    engine: Engine
    evidence: list[str]
    input: str
    mode: str
    policies: str
    waivers: str | None


class Digest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A digest of in-toto."""

    sha256: str


class Subject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a statement is about."""

    digest: Digest
    name: str


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A decision statement."""

    type: str = msgspec.field(name="_type")
    predicate: Said
    predicateType: str  # noqa: N815 - the specification's name
    subject: list[Subject]


_ENCODER = msgspec.json.Encoder(order="deterministic")
_ANY = msgspec.json.Decoder(Any)
_ENVELOPE = msgspec.json.Decoder(Envelope)
_SEALED = msgspec.json.Decoder(Sealed)
_DECISION = msgspec.json.Decoder(Decision)


def exact_json(data: bytes) -> tuple[Any] | None:
    """The value, in a tuple, where the bytes prove it; for what is no exact JSON None."""
    value = _proven(_ANY, data)
    return None if value is _NONE else (value,)


def exact_envelope(data: bytes) -> Envelope | None:
    """The envelope in JCS bytes, its base64 canonical; else None."""
    value = _proven(_ENVELOPE, data)
    return None if value is _NONE else value


def exact_record(data: bytes) -> Sealed | None:
    """The decision record in JCS bytes, its base64 canonical; else None."""
    value = _proven(_SEALED, data)
    return None if value is _NONE else value


def exact_decision(data: bytes) -> Decision | None:
    """The decision statement in JCS bytes, its types as OPA answers; else None."""
    value = _proven(_DECISION, data)
    return None if value is _NONE else value


def plain(value: Any) -> Any:
    """What was read by its type as dictionaries and lists."""
    return msgspec.to_builtins(value)


def exact_bytes(value: Any) -> bytes:
    """A value written with sorted keys and no white space, to compare bytes with.

    JCS for text, whole numbers within 2**53 and names of plain ASCII: what Hallgate signs.
    """
    return _ENCODER.encode(value)


def _proven(decoder: msgspec.json.Decoder[_Read], data: bytes) -> _Read | Any:
    try:
        value = decoder.decode(data)
        return value if _ENCODER.encode(value) == data else _NONE
    except _OTHER:
        return _NONE


_NONE = object()
