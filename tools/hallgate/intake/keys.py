"""Public keys as they stand in trust/: parsed, of an allowed kind, comparable."""

from __future__ import annotations

from hallgate.model.errors import InvalidDocument

_SSH = (
    "ssh-ed25519", "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
    "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa",
)  # fmt: skip
_SMALLEST_RSA = 3072


class KeyProblem(Exception):
    """A key that cannot be trusted as it stands; what and remedy are for people."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


def key_value(public: str, kind: str) -> str:
    """The key itself, whatever its spelling: equal for equal keys, PEM or SSH line.

    kind is machine (SPKI PEM, Ed25519 or P-256) or person (one OpenSSH line:
    Ed25519, ECDSA, RSA from 3072 bits, or a security key). Raises KeyProblem.
    """
    return _machine(public) if kind == "machine" else _person(public)


def _machine(public: str) -> str:
    from hallgate.record.keys import load_public_key  # cryptography takes its time

    if public.startswith(_SSH):
        raise KeyProblem("is an SSH key, and machines sign with PEM keys", "paste the SPKI PEM")
    try:
        return load_public_key(public).key_id
    except InvalidDocument as error:
        raise KeyProblem(error.what, error.remedy) from error


def _person(public: str) -> str:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        PublicFormat,
        load_ssh_public_key,
    )

    from hallgate.record.canonical import sha256_digest
    from hallgate.record.sshblob import public_blob

    remedy = "paste the one line of the .pub file"
    if public.split(" ", 1)[0] not in _SSH:
        raise KeyProblem("is no OpenSSH key line of an allowed kind", remedy)
    try:
        public_blob(public)
        key = load_ssh_public_key(public.encode())
    except InvalidDocument as error:
        raise KeyProblem(error.what, error.remedy) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyProblem(f"is no OpenSSH public key: {error}", remedy) from error
    if isinstance(key, RSAPublicKey) and key.key_size < _SMALLEST_RSA:
        raise KeyProblem(f"is an RSA key of {key.key_size} bits", "use Ed25519")
    return sha256_digest(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
