"""A channel's pointer: which bundle of a track is current, until when.

Signatures of bundles have no end and no order; a small signed statement that is
published often has both. It is an in-toto Statement in DSSE about the bundle's digest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hallgate.model.errors import InvalidDocument, NotProven, UsageError
from hallgate.model.trust import Trust
from hallgate.model.values import JsonObject
from hallgate.record.canonical import canonical_bytes, is_digest, parse_json
from hallgate.record.dsse import envelope_payload, sign_payload, verify_envelope
from hallgate.record.keys import PrivateKey
from hallgate.record.statement import Statement, parse_statement, statement

CHANNELS = ("next", "stable")
PREDICATE = "urn:hallgate:channel:v1"
LONGEST = 90 * 86_400

_MEMBERS = {"channel", "serial", "issued", "expires", "version"}
_REMEDY = "fetch the pointer again from where it is published; the last good bundle stays in use"


@dataclass(frozen=True, slots=True)
class Pointer:
    """What a channel names: a bundle by digest; times are seconds since 1970."""

    channel: str
    track: str
    serial: int
    issued: int
    expires: int
    digest: str
    version: str


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest pointer that a consumer accepted."""

    channel: str
    track: str
    serial: int
    digest: str

    @classmethod
    def read(cls, data: bytes) -> Seen:
        """From the bytes of a state file; raises InvalidDocument."""
        value = parse_json(data)
        if isinstance(value, Mapping) and set(value) == {"channel", "track", "serial", "digest"}:
            channel, track, digest = value["channel"], value["track"], value["digest"]
            serial = value["serial"]
            if type(serial) is int and isinstance(channel, str) and isinstance(track, str):
                return cls(channel, track, serial, str(digest))
        raise InvalidDocument.one(
            "is no state of a channel", remedy="name the file that an earlier verify wrote"
        )

    def written(self) -> bytes:
        """The bytes of the state file."""
        return canonical_bytes(
            {
                "channel": self.channel,
                "track": self.track,
                "serial": self.serial,
                "digest": self.digest,
            }
        )


def sign_pointer(pointer: Pointer, key: PrivateKey, older: bytes | None) -> bytes:
    """The bytes of a signed pointer. older is what it replaces, so that of two releases
    that race the second is stopped.

    Raises UsageError where it would not be newer, or counts for too long or not at all.
    """
    if not 0 < pointer.expires - pointer.issued <= LONGEST:
        raise UsageError(
            "a pointer counts for more than nothing and at most 90 days",
            remedy="choose --days from 1 to 90",
        )
    if pointer.channel not in CHANNELS:
        raise UsageError(f"no channel {pointer.channel!r}", remedy=f"use {' or '.join(CHANNELS)}")
    if pointer.serial < 1:
        raise UsageError("a serial is a whole number from 1", remedy="count from 1")
    if older is not None:
        before = read_pointer(older)
        if (before.channel, before.track) != (pointer.channel, pointer.track):
            raise UsageError(
                f"the file points channel {before.channel} of {before.track}",
                remedy="write to the file of this channel and track",
            )
        if before.serial >= pointer.serial:
            raise UsageError(
                f"serial {pointer.serial} is not after {before.serial}, which is published",
                remedy=f"use {before.serial + 1}, once nobody else is releasing",
            )
    predicate: JsonObject = {
        "channel": pointer.channel,
        "serial": pointer.serial,
        "issued": pointer.issued,
        "expires": pointer.expires,
        "version": pointer.version,
    }
    payload = canonical_bytes(statement(pointer.track, pointer.digest, PREDICATE, predicate))
    return canonical_bytes(sign_payload(payload, key))


def verify_pointer(data: bytes, trust: Trust, at: int) -> Pointer:
    """The pointer, once a key of trust signed it and it counts at this time.

    Raises InvalidDocument for another shape, NotProven where it does not hold.
    """
    verified = verify_envelope(_envelope(data), trust, at)
    pointer = _pointer(parse_statement(verified.payload))
    if pointer.expires <= at:
        raise NotProven(f"the pointer of channel {pointer.channel} expired", remedy=_REMEDY)
    if pointer.issued > at:
        raise NotProven(
            f"the pointer of channel {pointer.channel} was issued in the future",
            remedy="set this machine's clock, or find out who issued it",
        )
    return pointer


def read_pointer(data: bytes) -> Pointer:
    """What a pointer says, unverified: for one that was verified before; raises InvalidDocument."""
    return _pointer(parse_statement(envelope_payload(_envelope(data))))


def follow(pointer: Pointer, track: str, channel: str, digest: str, seen: Seen | None) -> Seen:
    """Accept the bundle of this digest as what the pointer names, never an older one.

    Raises NotProven for another track, channel or bundle, a lower serial than was seen,
    and the seen serial with another bundle.
    """
    if (pointer.track, pointer.channel) != (track, channel):
        raise NotProven(
            f"the pointer is for channel {pointer.channel} of {pointer.track},"
            f" not {channel} of {track}",
            remedy=_REMEDY,
        )
    if pointer.digest != digest:
        raise NotProven(
            f"the pointer names {pointer.digest}, and the bundle is {digest}", remedy=_REMEDY
        )
    if seen is not None:
        if (seen.track, seen.channel) != (track, channel):
            raise UsageError(
                f"the state is of channel {seen.channel} of {seen.track}",
                remedy="keep one state file per channel and track",
            )
        if pointer.serial < seen.serial:
            raise NotProven(
                f"serial {pointer.serial} is older than {seen.serial}, which was in use: rollback",
                remedy=_REMEDY,
            )
        if pointer.serial == seen.serial and pointer.digest != seen.digest:
            raise NotProven(
                f"serial {pointer.serial} was in use with another bundle",
                remedy="find out which release is meant; two must not share a serial",
            )
    return Seen(channel, track, pointer.serial, digest)


def _envelope(data: bytes) -> JsonObject:
    try:
        value = parse_json(data)
    except InvalidDocument as error:
        raise InvalidDocument.one(f"the pointer is {error.what}", remedy=_REMEDY) from error
    if not isinstance(value, Mapping):
        raise InvalidDocument.one("the pointer is no DSSE envelope", remedy=_REMEDY)
    return value


def _pointer(said: Statement) -> Pointer:
    facts = said.predicate
    if said.predicate_type != PREDICATE or set(facts) != _MEMBERS or not is_digest(said.digest):
        raise InvalidDocument.one("is no pointer of a channel", remedy=_REMEDY)
    channel, version = facts["channel"], facts["version"]
    serial, issued, expires = facts["serial"], facts["issued"], facts["expires"]
    if type(serial) is not int or type(issued) is not int or type(expires) is not int:
        raise InvalidDocument.one("the pointer's numbers are none", remedy=_REMEDY)
    if channel not in CHANNELS or not isinstance(version, str):
        raise InvalidDocument.one("the pointer names no channel or version", remedy=_REMEDY)
    return Pointer(str(channel), said.name, serial, issued, expires, said.digest, version)
