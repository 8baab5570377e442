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


_ENCODER = msgspec.json.Encoder(order="deterministic")
_ANY = msgspec.json.Decoder(Any)
_ENVELOPE = msgspec.json.Decoder(Envelope)
_SEALED = msgspec.json.Decoder(Sealed)


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
