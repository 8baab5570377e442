"""Checkpoints: signed notes about the head of the tree.

Specifications: https://c2sp.org/signed-note (Ed25519, type 0x01) and
https://c2sp.org/tlog-checkpoint. Stricter than they: no extension lines, so that a
checkpoint says nothing that the tree does not.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hallgate.model.errors import InvalidDocument, Location, UsageError
from hallgate.model.trust import Key
from hallgate.record.faults import BAD_SIGNATURE, UNKNOWN_SIGNER, SignatureFault
from hallgate.record.keys import PrivateKey, load_public_key
from hallgate.record.log.tree import HASH

LARGEST = 64 * 1024
MOST_SIGNATURES = 16
LARGEST_SIZE = 2**53 - 1

_ED25519 = b"\x01"
_ORIGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9./_-]{0,199}")
_SIGNATURE = re.compile(r"\u2014 ([^ +\n]+) ([A-Za-z0-9+/]+=*)")
_BODY = re.compile(r"([^\n]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\n")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: root is the hash over its first `size` entries."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The note text that is signed."""
        root = base64.b64encode(self.root).decode("ascii")
        return f"{self.origin}\n{self.size}\n{root}\n"


def valid_origin(origin: str) -> bool:
    """Whether a name can be a log's origin and the name of its key."""
    return _ORIGIN.fullmatch(origin) is not None


def log_key(public: str) -> Ed25519PublicKey:
    """The Ed25519 key in an SPKI PEM text; InvalidDocument for any other kind."""
    key = load_public_key(public).key
    if not isinstance(key, Ed25519PublicKey):
        raise InvalidDocument.one(
            "the key of a log is not Ed25519",
            remedy="make one: openssl genpkey -algorithm ed25519",
        )
    return key


def key_hash(name: str, key: Ed25519PublicKey) -> bytes:
    """The four bytes by which a note names its key."""
    return sha256(name.encode() + b"\n" + _ED25519 + key.public_bytes_raw()).digest()[:4]


def verifier_key(name: str, key: Ed25519PublicKey) -> str:
    """The vkey text of signed-note, as other tools of C2SP read it."""
    public = base64.b64encode(_ED25519 + key.public_bytes_raw()).decode("ascii")
    return f"{name}+{key_hash(name, key).hex()}+{public}"


def signing_key(key: PrivateKey) -> Ed25519PrivateKey:
    """The key, once it is known to be Ed25519; else UsageError."""
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError(
            "a log is signed with an Ed25519 key",
            remedy="make one: openssl genpkey -algorithm ed25519 -out log.pem",
        )
    return key


def sign_checkpoint(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> bytes:
    """The note's bytes: text, empty line, one signature named after the origin."""
    text = checkpoint.text()
    sig = key_hash(checkpoint.origin, key.public_key()) + key.sign(text.encode())
    return f"{text}\n\u2014 {checkpoint.origin} {base64.b64encode(sig).decode('ascii')}\n".encode()


def read_checkpoint(data: bytes, where: Location | None = None) -> Checkpoint:
    """The checkpoint in a note, unverified; raises InvalidDocument with where."""
    return _split(data, where)[0]


def open_checkpoint(
    data: bytes, origin: str, keys: Sequence[Key], where: Location | None = None
) -> tuple[Checkpoint, tuple[Key, ...]]:
    """The checkpoint and the keys of the log that signed it, whatever their dates.

    Signatures of others are ignored, as signed-note wants it; one of a known key that does
    not verify refuses the whole note. Raises InvalidDocument when it is no checkpoint of
    this origin, SignatureFault when no key of the log signed it.
    """
    checkpoint, signatures = _split(data, where)
    if checkpoint.origin != origin:
        raise InvalidDocument.one(
            f"is a checkpoint of {checkpoint.origin}, not of {origin}",
            remedy="use the checkpoint of this log",
            where=where,
        )
    known = [(key, load_public_key(key.public), log_key(key.public)) for key in keys]
    text = checkpoint.text().encode()
    signed: list[Key] = []
    for name, hint, signature in signatures:
        for key, named, public in known:
            if name != origin or hint != key_hash(origin, public):
                continue
            if not named.verifies(signature, text):
                raise SignatureFault(
                    BAD_SIGNATURE,
                    "the checkpoint was rewritten: it is not what the log signed",
                    where=where,
                )
            signed.append(key)
    if not signed:
        raise SignatureFault(
            UNKNOWN_SIGNER, "the checkpoint is signed by no key of the log", where=where
        )
    return checkpoint, tuple(signed)


def _split(
    data: bytes, where: Location | None
) -> tuple[Checkpoint, list[tuple[str, bytes, bytes]]]:
    """Checkpoint, and its signatures as (key name, key hash, signature)."""
    if len(data) > LARGEST:
        raise _malformed("has too many bytes", where)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _malformed("is not UTF-8", where) from error
    body, gap, rest = text.rpartition("\n\n")
    match = _BODY.fullmatch(body + "\n")
    if not gap or match is None or not rest.endswith("\n"):
        raise _malformed("has not origin, size, root and signatures alone", where)
    size, root = int(match[2]), _base64(match[3], where)
    if len(root) != HASH or size > LARGEST_SIZE:
        raise _malformed("root or size is out of range", where)
    lines = rest[:-1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise _malformed(f"has more than {MOST_SIGNATURES} signatures", where)
    signatures = []
    for line in lines:
        found = _SIGNATURE.fullmatch(line)
        raw = _base64(found[2], where) if found else b""
        if found is None or len(raw) < 5:
            raise _malformed("has a signature line of another form", where)
        signatures.append((found[1], raw[:4], raw[4:]))
    return Checkpoint(match[1], size, root), signatures


def _base64(text: str, where: Location | None) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _malformed("is not standard base64", where) from error
    if base64.b64encode(raw).decode("ascii") != text:
        raise _malformed("is not canonical base64", where)
    return raw


def _malformed(what: str, where: Location | None) -> InvalidDocument:
    return InvalidDocument.one(
        f"no checkpoint: {what}", remedy="use the checkpoint as the log wrote it", where=where
    )
