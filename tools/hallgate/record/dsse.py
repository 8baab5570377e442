"""DSSE v1 envelopes around in-toto statements, signed by machines.

Specification: https://github.com/secure-systems-lab/dsse, protocol and envelope v1.0.2.
Stricter than it: one payload type, no unknown members, standard base64 alone.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from hallgate.model.errors import InvalidDocument
from hallgate.model.trust import Key, Trust
from hallgate.model.values import JsonObject, JsonValue
from hallgate.record.faults import BAD_SIGNATURE, REVOKED, UNKNOWN_SIGNER, SignatureFault
from hallgate.record.keys import NamedPublicKey, PrivateKey, key_id, load_public_key, sign

if TYPE_CHECKING:  # its library is slow to import, and not every command needs it
    from hallgate.record.exact import Envelope

PAYLOAD_TYPE = "application/vnd.in-toto+json"
MOST_SIGNATURES = 16

_SHAPE = "write a DSSE v1 envelope: payloadType, payload, signatures [{keyid, sig}]"


@dataclass(frozen=True, slots=True)
class Signer:
    """Whose key made a signature that counts."""

    identity: str
    key_id: str


@dataclass(frozen=True, slots=True)
class VerifiedPayload:
    """The payload of an envelope and who signed it.

    identity and key_id are those of the first signature that counts; signers holds every
    key that counts, each once, however often it signed.
    """

    payload: bytes
    identity: str
    key_id: str
    signers: tuple[Signer, ...]


@dataclass(frozen=True, slots=True)
class _Trusted:
    """A machine key of trust/, parsed."""

    identity: str
    dates: Key
    public: NamedPublicKey


@dataclass(frozen=True, slots=True)
class Opened:
    """An envelope taken apart and nothing of it verified; signatures are (keyid or "", bytes)."""

    payload: bytes
    signatures: tuple[tuple[str, bytes], ...]


class _Same:
    """Wraps a Trust so that a cache compares it by identity: hashing all of it is slow."""

    __slots__ = ("trust",)

    def __init__(self, trust: Trust) -> None:
        self.trust = trust

    def __hash__(self) -> int:
        return id(self.trust)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.trust is other.trust


def pae(payload: bytes, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """Pre-authentication encoding: the bytes a DSSE signature is made over."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sign_payload(payload: bytes, key: PrivateKey) -> dict[str, JsonValue]:
    """An envelope with one signature over the payload; keyid is the key id of `keys`."""
    signature = sign(key, pae(payload))
    return {
        "payloadType": PAYLOAD_TYPE,
        "payload": base64.b64encode(payload).decode("ascii"),
        "signatures": [{"keyid": key_id(key), "sig": base64.b64encode(signature).decode("ascii")}],
    }


def envelope_payload(envelope: JsonObject) -> bytes:
    """The payload, unverified: for naming a document in a message, never for believing it.

    Raises InvalidDocument like verify_envelope.
    """
    return open_envelope(envelope).payload


def exactly_opened(envelope: Envelope) -> Opened | None:
    """An envelope whose bytes proved it, taken apart; None where open_envelope would refuse it."""
    signatures = tuple([(one.keyid, one.sig) for one in envelope.signatures])
    if (
        envelope.payloadType != PAYLOAD_TYPE
        or not 1 <= len(signatures) <= MOST_SIGNATURES
        or not envelope.payload
        or b"" in [made for _, made in signatures]
    ):
        return None
    return Opened(envelope.payload, signatures)


def verify_envelope(envelope: JsonObject, trust: Trust, at: int) -> VerifiedPayload:
    """The payload, once a machine key of trust that counts at `at` (seconds) signed it.

    The keyid only says which key to try first. Signatures that do not verify are passed
    over as long as one counts. Raises InvalidDocument when the envelope has another shape
    or trust lists a key twice, SignatureFault when no signature counts.
    """
    return verify_opened(open_envelope(envelope), trust, at)


def verify_opened(opened: Opened, trust: Trust, at: int) -> VerifiedPayload:
    """verify_envelope for one that is taken apart already."""
    payload, signatures = opened.payload, opened.signatures
    message = pae(payload)
    keyring = _keyring(_Same(trust))
    signers: dict[str, Signer] = {}
    refused: list[_Trusted] = []
    for hint, signature in signatures:
        found = _maker(keyring, hint, signature, message)
        if found is None:
            continue
        if found.dates.counts_at(at):
            signers.setdefault(found.public.key_id, Signer(found.identity, found.public.key_id))
        else:
            refused.append(found)
    if signers:
        first = next(iter(signers.values()))
        return VerifiedPayload(payload, first.identity, first.key_id, tuple(signers.values()))
    if refused:
        raise SignatureFault(REVOKED, _why_not(refused[0], at))
    if any(hint in keyring for hint, _ in signatures):
        raise SignatureFault(
            BAD_SIGNATURE, "the signature does not match the payload: forged, or altered since"
        )
    raise SignatureFault(UNKNOWN_SIGNER, "no machine key in trust/ made a signature here")


def _maker(
    keyring: Mapping[str, _Trusted], hint: str, signature: bytes, message: bytes
) -> _Trusted | None:
    hinted = keyring.get(hint)
    if hinted is not None and hinted.public.verifies(signature, message):
        return hinted
    for one in keyring.values():
        if one is not hinted and one.public.verifies(signature, message):
            return one
    return None


@lru_cache(maxsize=8)
def _keyring(same: _Same) -> Mapping[str, _Trusted]:
    keyring: dict[str, _Trusted] = {}
    for identity in same.trust.identities:
        if identity.kind != "machine":
            continue
        for key in identity.keys:
            public = load_public_key(key.public)
            other = keyring.get(public.key_id)
            if other is not None:
                raise InvalidDocument.one(
                    f"key {public.key_id} is listed twice: {other.identity}, {identity.id}",
                    remedy="list a key once, under one identity",
                )
            keyring[public.key_id] = _Trusted(identity.id, key, public)
    return keyring


def _why_not(one: _Trusted, at: int) -> str:
    key = one.dates
    if key.compromised:
        why = "is marked compromised"
    elif key.revoked_at is not None and at >= key.revoked_at:
        why = "was revoked before"
    elif at < key.valid_from:
        why = "was not yet valid"
    else:
        why = "had expired"
    return f"signed by {one.identity}, whose key {why} (judged at {at})"


def open_envelope(envelope: JsonObject) -> Opened:
    """The envelope taken apart, unverified; raises InvalidDocument for another shape."""
    if envelope.keys() != {"payloadType", "payload", "signatures"}:
        raise _malformed("an envelope has payloadType, payload and signatures, nothing else")
    if envelope["payloadType"] != PAYLOAD_TYPE:
        raise _malformed(f"payloadType is not {PAYLOAD_TYPE}")
    signatures = envelope["signatures"]
    if not isinstance(signatures, (list, Sequence)) or isinstance(signatures, str):
        raise _malformed("signatures is no list")
    if not 1 <= len(signatures) <= MOST_SIGNATURES:
        raise _malformed(f"an envelope has 1 to {MOST_SIGNATURES} signatures")
    payload = _base64(envelope["payload"], "payload")
    return Opened(payload, tuple([_signature(one) for one in signatures]))


def _signature(value: JsonValue) -> tuple[str, bytes]:
    if not isinstance(value, dict) or not {"sig"} <= value.keys() <= {"keyid", "sig"}:
        raise _malformed("a signature has sig and perhaps keyid, nothing else")
    hint = value.get("keyid", "")
    if not isinstance(hint, str):
        raise _malformed("keyid is no text")
    return hint, _base64(value["sig"], "sig")


def _base64(value: JsonValue, name: str) -> bytes:
    if not isinstance(value, str):
        raise _malformed(f"{name} is no text")
    try:
        decoded = binascii.a2b_base64(value, strict_mode=True)
    except (binascii.Error, ValueError) as error:
        raise _malformed(f"{name} is not standard base64") from error
    # NOTE: stray bits before the padding are ignored; two texts would mean one payload.
    last = decoded[-(len(decoded) % 3 or 3) :]
    if not decoded or binascii.b2a_base64(last, newline=False) != value[-4:].encode():
        raise _malformed(f"{name} is empty or not canonical base64")
    return decoded


def _malformed(what: str) -> InvalidDocument:
    return InvalidDocument.one(what, remedy=_SHAPE)
