"""Signatures: by the cryptography package, else by openssl and ssh-keygen.

The answer is True, False, or None: nothing that is here can tell. A program that refuses a
signature known to be good cannot tell either.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

APPROVAL_NAMESPACE = "hallgate.approval"

_ARMOR = re.compile(
    r"-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]{1,65536})\n-----END SSH SIGNATURE-----\s*"
)
_SPKI_ED25519 = bytes.fromhex("302a300506032b6570032100")
# RFC 8032, section 7.1, test 2: public key, message, signature.
_KNOWN = (
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "72",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
)


def verifies(pem: str, signature: bytes, message: bytes) -> bool | None:
    """Whether a P-256 or Ed25519 key made a signature; None where nothing here can tell."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec, ed25519
    except ImportError:
        return _by_openssl(pem, signature, message)
    key = _loaded(pem)
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, message)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
        else:
            return False
    except InvalidSignature:
        return False
    return True


@functools.lru_cache(maxsize=1024)
def _loaded(pem: str) -> object:
    from cryptography.hazmat.primitives import serialization

    return serialization.load_pem_public_key(pem.encode())


def _by_openssl(pem: str, signature: bytes, message: bytes) -> bool | None:
    if shutil.which("openssl") is None:
        return None
    if _openssl_says(pem, signature, message):
        return True
    # An openssl of before 3.0 knows no Ed25519 here, and refuses what is good.
    return False if len(signature) != 64 or _openssl_knows_ed25519() else None


def _openssl_says(pem: str, signature: bytes, message: bytes) -> bool:
    with tempfile.TemporaryDirectory() as name:
        files = {"k": pem.encode(), "s": signature, "m": message}
        for file, data in files.items():
            (Path(name) / file).write_bytes(data)
        if len(signature) == 64:
            words = ["pkeyutl", "-verify", "-pubin", "-inkey", "k", "-rawin", "-in", "m"]
            words += ["-sigfile", "s"]
        else:
            words = ["dgst", "-sha256", "-verify", "k", "-signature", "s", "m"]
        done = subprocess.run(["openssl", *words], cwd=name, capture_output=True, check=False)
    return done.returncode == 0


@functools.cache
def _openssl_knows_ed25519() -> bool:
    key, message, signature = (bytes.fromhex(one) for one in _KNOWN)
    return _openssl_says(ed25519_pem(key), signature, message)


def ed25519_pem(public: bytes) -> str:
    """32 bytes of an Ed25519 key as SPKI PEM (RFC 8410)."""
    body = base64.b64encode(_SPKI_ED25519 + public).decode()
    return f"-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n"


def ssh_fields(armor: str) -> tuple[bytes, str, str, bytes]:
    """Public key, namespace, hash and bare signature of an SSH signature (PROTOCOL.sshsig).

    Raises ValueError for any other form.
    """
    found = _ARMOR.fullmatch(armor)
    if found is None:
        raise ValueError("no SSH signature")
    blob = base64.b64decode(found[1].replace("\n", ""), validate=True)
    if blob[:10] != b"SSHSIG\0\0\0\1":
        raise ValueError("no SSH signature of version 1")
    public, namespace, reserved, algorithm, signature = _fields(blob[10:], 5)
    if reserved or algorithm not in (b"sha256", b"sha512"):
        raise ValueError("an SSH signature with fields that are not known")
    return public, namespace.decode(), algorithm.decode(), signature


def _fields(data: bytes, count: int) -> list[bytes]:
    """So many fields of SSH's wire form, and nothing after them."""
    found = []
    for _ in range(count):
        (length,) = struct.unpack(">I", data[:4]) if len(data) >= 4 else (len(data),)
        if len(data) < 4 + length:
            raise ValueError("it ends within a field")
        found.append(data[4 : 4 + length])
        data = data[4 + length :]
    if data:
        raise ValueError("bytes after the last field")
    return found


def verifies_ssh(line: str, armor: str, message: bytes) -> bool | None:
    """Whether the OpenSSH key of this line signed for approvals; None where nothing can tell."""
    public, namespace, algorithm, value = ssh_fields(armor)
    if namespace != APPROVAL_NAMESPACE or public != base64.b64decode(line.split()[1]):
        return False
    if line.split()[0] == "ssh-ed25519":
        _, key = _fields(public, 2)
        _, bare = _fields(value, 2)
        parts = (namespace.encode(), b"", algorithm.encode())
        hashed = hashlib.new(algorithm, message).digest()
        signed = b"SSHSIG" + b"".join(struct.pack(">I", len(p)) + p for p in (*parts, hashed))
        answer = verifies(ed25519_pem(key), bare, signed)
        if answer is not None:
            return answer
    return _by_ssh_keygen(line, armor, message)


def _by_ssh_keygen(line: str, armor: str, message: bytes) -> bool | None:
    if shutil.which("ssh-keygen") is None:
        return None
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "allowed").write_text(f"signer {line}\n")
        (Path(name) / "sig").write_text(armor)
        words = ["-Y", "verify", "-f", "allowed", "-I", "signer", "-n", APPROVAL_NAMESPACE]
        done = subprocess.run(
            ["ssh-keygen", *words, "-s", "sig"], cwd=name, input=message,
            capture_output=True, check=False,
        )  # fmt: skip
    if done.returncode == 0:
        return True
    # One of before 8.2 knows no -Y, and says how it is called instead.
    return False if b"ould not verify signature" in done.stdout + done.stderr else None
