"""Keys of machines: Ed25519 and ECDSA P-256, PKCS#8 and SPKI in PEM (RFC 5958, RFC 5280).

A key id is `sha256:<hex>` of the DER bytes of the SubjectPublicKeyInfo.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeGuard

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hallgate.model.errors import InvalidDocument, Location, StorageError, UsageError
from hallgate.record.canonical import sha256_digest

PrivateKey = Ed25519PrivateKey | ec.EllipticCurvePrivateKey
PublicKey = Ed25519PublicKey | ec.EllipticCurvePublicKey

_KINDS = "use an Ed25519 or ECDSA P-256 key"
_LARGEST_KEY_FILE = 64 * 1024


@dataclass(frozen=True, slots=True)
class NamedPublicKey:
    """A parsed public key with its key id."""

    key: PublicKey
    key_id: str

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether this key made the signature (ECDSA: SHA-256, DER) over the message."""
        try:
            if isinstance(self.key, Ed25519PublicKey):
                self.key.verify(signature, message)
            else:
                self.key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True


def generate_key(kind: str = "ed25519") -> PrivateKey:
    """A new private key; kind is ed25519 or p256, else UsageError."""
    if kind == "ed25519":
        return Ed25519PrivateKey.generate()
    if kind == "p256":
        return ec.generate_private_key(ec.SECP256R1())
    raise UsageError(f"no key kind {kind!r}", remedy="use ed25519 or p256")


def sign(key: PrivateKey, message: bytes) -> bytes:
    """Signature over the message: Ed25519, or ECDSA with SHA-256 in DER, deterministic
    (RFC 6979) where the library offers it."""
    if isinstance(key, Ed25519PrivateKey):
        return key.sign(message)
    try:
        return key.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    except UnsupportedAlgorithm:
        return key.sign(message, ec.ECDSA(hashes.SHA256()))


def private_pem(key: PrivateKey, passphrase: str | None = None) -> bytes:
    """PKCS#8 PEM, encrypted where there is a passphrase."""
    protection: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        protection = serialization.BestAvailableEncryption(passphrase.encode())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection
    )


def public_pem(key: PrivateKey | PublicKey) -> str:
    """SPKI PEM of the public half, as it stands in trust/."""
    public = key if isinstance(key, PublicKey) else key.public_key()
    encoded = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return encoded.decode("ascii")


def key_id(key: PrivateKey | PublicKey) -> str:
    """`sha256:<hex>` of the DER SubjectPublicKeyInfo."""
    public = key if isinstance(key, PublicKey) else key.public_key()
    return sha256_digest(
        public.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )


@lru_cache(maxsize=4096)
def load_public_key(pem: str) -> NamedPublicKey:
    """The public key in one SPKI PEM text, cached by the text; raises InvalidDocument."""
    try:
        key = serialization.load_pem_public_key(pem.encode("utf-8"))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InvalidDocument.one(
            f"not a public key in PEM: {error}", remedy=f"{_KINDS}, as SPKI PEM"
        ) from error
    if isinstance(key, Ed25519PublicKey) or _is_p256(key):
        return NamedPublicKey(key, key_id(key))
    raise InvalidDocument.one("a public key of an unsupported kind", remedy=_KINDS)


def load_private_key(path: Path, passphrase: Callable[[], str | None] | None = None) -> PrivateKey:
    """The private key in a PKCS#8 PEM file; passphrase is asked only when it is encrypted.

    Raises UsageError when the file is missing, readable or writable by everybody, or the
    passphrase missing or wrong; InvalidDocument when it holds no usable key.
    """
    data = _read_private(path)
    where = Location(str(path))
    encrypted = b"ENCRYPTED" in data
    secret = passphrase() if encrypted and passphrase is not None else None
    if encrypted and not secret:
        raise UsageError(
            "the private key has a passphrase and none was given",
            remedy="give the passphrase, or use a key without one from a secret store",
            where=where,
        )
    try:
        key = serialization.load_pem_private_key(data, secret.encode() if secret else None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        if encrypted:
            raise UsageError(
                "the passphrase does not open the private key",
                remedy="give the right passphrase",
                where=where,
            ) from error
        raise InvalidDocument.one(
            "not a private key in PEM", remedy=f"{_KINDS}, as PKCS#8 PEM", where=where
        ) from error
    if isinstance(key, Ed25519PrivateKey):
        return key
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise InvalidDocument.one("a private key of an unsupported kind", remedy=_KINDS, where=where)


def write_private_key(path: Path, key: PrivateKey, passphrase: str | None = None) -> None:
    """Write a new private key with mode 0600; an existing file is a UsageError, never replaced."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError as error:
        raise UsageError(
            "there is a file already; keys are never overwritten",
            remedy="choose another path or move the old key away",
            where=Location(str(path)),
        ) from error
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(private_pem(key, passphrase))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise _unwritable(path, error) from error


def _read_private(path: Path) -> bytes:
    where = Location(str(path))
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            data = file.read(_LARGEST_KEY_FILE)
    except OSError as error:
        raise UsageError(
            f"cannot read the private key: {error.strerror}",
            remedy="check the path and its permissions",
            where=where,
        ) from error
    if mode & 0o007:
        raise UsageError(
            "the private key is open to every user of this machine",
            remedy=f"chmod 600 {path}; if others could have read it, make a new key",
            where=where,
        )
    return data


def _is_p256(key: object) -> TypeGuard[ec.EllipticCurvePublicKey]:
    return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)


def _unwritable(path: Path, error: OSError) -> StorageError:
    return StorageError(
        f"cannot write the private key: {error.strerror}",
        remedy="check the folder, its permissions and the free space",
        where=Location(str(path)),
    )
