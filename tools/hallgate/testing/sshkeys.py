"""SSH keys and signatures of made-up people, without a process for each.

The same bytes as ssh-keygen writes for an Ed25519 key, which signs alike every time. What people
sign is still verified as every approval is.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_ssh_private_key,
)

from hallgate.record.sshblob import fields, made_signature, public_blob, signed_data
from hallgate.record.sshsig import NAMESPACE, sign_ssh

_HASH = "sha512"  # what ssh-keygen takes unless told otherwise


def make_key(folder: Path, name: str) -> Path:
    """A new Ed25519 key without passphrase in a folder; the public half lies beside it, as .pub."""
    key = Ed25519PrivateKey.generate()
    path = folder / name
    private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(private)
    path.with_name(f"{name}.pub").write_text(f"{_public(key)} {name}\n", encoding="utf-8")
    return path


@lru_cache(maxsize=4096)
def sign(payload: bytes, path: Path) -> str:
    """The armored signature of an approval; a key that is not Ed25519 is left to ssh-keygen."""
    key = load_ssh_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        return sign_ssh(payload, path)
    value = key.sign(signed_data(payload, NAMESPACE, _HASH))
    public = public_blob(_public(key))
    return made_signature(public, NAMESPACE, _HASH, fields(b"ssh-ed25519", value))


def _public(key: Ed25519PrivateKey) -> str:
    line = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    return line.decode("ascii")
