"""Reads the armor and fields of an SSH signature, so that they can be judged before
ssh-keygen is asked: it answers 255 to everything it does not like.

Format: PROTOCOL.sshsig of OpenSSH.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hallgate.model.errors import InvalidDocument

_BEGIN = "-----BEGIN SSH SIGNATURE-----"
_END = "-----END SSH SIGNATURE-----"
_MAGIC = b"SSHSIG"
_HASHES = (b"sha256", b"sha512")
_LARGEST = 64 * 1024
_WIDTH = 70


@dataclass(frozen=True, slots=True)
class SshSignature:
    """The fields of a signature, as claimed: nothing of it is verified yet.

    public and value are the SSH wire forms of the key and of the bare signature, digest the
    name of the hash of the payload, armor the signature written afresh.
    """

    public: bytes
    namespace: str
    armor: str
    digest: str
    value: bytes

    def ed25519_accepts(self, payload: bytes) -> bool:
        """Whether an Ed25519 key made it over the payload; False too for every other kind.

        What PROTOCOL.sshsig says is signed, checked by the library and without a process.
        """
        kind, rest = _field(self.public)
        key, beyond_key = _field(rest)
        made_by, rest = _field(self.value)
        value, beyond = _field(rest)
        if {kind, made_by} != {b"ssh-ed25519"} or beyond_key or beyond:
            return False
        signed = signed_data(payload, self.namespace, self.digest)
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(value, signed)
        except (InvalidSignature, ValueError):
            return False
        return True


def signed_data(payload: bytes, namespace: str, digest: str) -> bytes:
    """What is signed instead of a payload: its hash, by the name of the hash, and its use."""
    hashed = hashlib.new(digest, payload).digest()
    return _MAGIC + fields(namespace.encode(), b"", digest.encode(), hashed)


def made_signature(public: bytes, namespace: str, digest: str, value: bytes) -> str:
    """The armored signature of these fields, as SshSignature has them."""
    rest = fields(public, namespace.encode(), b"", digest.encode(), value)
    return _armored(_MAGIC + b"\0\0\0\1" + rest)


def parse_signature(text: str) -> SshSignature:
    """The fields of an armored SSH signature; raises InvalidDocument when malformed."""
    blob = _unarmored(text)
    if blob[: len(_MAGIC)] != _MAGIC:
        raise _malformed("it does not begin with SSHSIG")
    version, rest = blob[6:10], blob[10:]
    if version != b"\0\0\0\1":
        raise _malformed("it is not of version 1")
    public, rest = _field(rest)
    namespace, rest = _field(rest)
    reserved, rest = _field(rest)
    algorithm, rest = _field(rest)
    signature, rest = _field(rest)
    if reserved or rest or not public or not signature:
        raise _malformed("its fields are empty where they must not be, or too many")
    if algorithm not in _HASHES:
        raise _malformed("its hash is neither sha256 nor sha512")
    name = namespace.decode("utf-8", "backslashreplace")
    return SshSignature(public, name, _armored(blob), algorithm.decode("ascii"), signature)


def public_blob(line: str) -> bytes:
    """The wire form in one OpenSSH public key line `type base64 [comment]`.

    Raises InvalidDocument when it is none.
    """
    parts = line.strip().split(None, 2)
    if "\n" in line.strip() or len(parts) < 2:
        raise _no_key("not one line of type and base64")
    try:
        blob = base64.b64decode(parts[1], validate=True)
        kind, _ = _field(blob)
    except (binascii.Error, ValueError, InvalidDocument) as error:
        raise _no_key("its base64 holds no key") from error
    if kind != parts[0].encode("utf-8"):
        raise _no_key(f"its type is not the {parts[0]} it claims")
    return blob


def _unarmored(text: str) -> bytes:
    if len(text) > _LARGEST:
        raise _malformed("it is larger than 64 KiB")
    lines = text.strip().splitlines()
    if len(lines) < 3 or lines[0] != _BEGIN or lines[-1] != _END:
        raise _malformed("it lacks the lines BEGIN and END SSH SIGNATURE")
    body = "".join(lines[1:-1])
    try:
        blob = base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _malformed("its body is not base64") from error
    if base64.b64encode(blob).decode("ascii") != body:
        raise _malformed("its body is not canonical base64")
    return blob


def _armored(blob: bytes) -> str:
    body = base64.b64encode(blob).decode("ascii")
    lines = [body[start : start + _WIDTH] for start in range(0, len(body), _WIDTH)]
    return "\n".join([_BEGIN, *lines, _END, ""])


def fields(*values: bytes) -> bytes:
    """Values in SSH's wire form: each with its length before it (RFC 4251, section 5)."""
    return b"".join(struct.pack(">I", len(value)) + value for value in values)


def _field(data: bytes) -> tuple[bytes, bytes]:
    if len(data) < 4:
        raise _malformed("it ends within a field")
    (length,) = struct.unpack(">I", data[:4])
    if len(data) < 4 + length:
        raise _malformed("it ends within a field")
    return data[4 : 4 + length], data[4 + length :]


def _malformed(why: str) -> InvalidDocument:
    return InvalidDocument.one(
        f"not an SSH signature: {why}",
        remedy="paste the whole output of `ssh-keygen -Y sign -n hallgate.approval`",
    )


def _no_key(why: str) -> InvalidDocument:
    return InvalidDocument.one(
        f"not an OpenSSH public key: {why}", remedy="paste the one line of the .pub file"
    )
