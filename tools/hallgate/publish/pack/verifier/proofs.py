"""The Merkle tree of RFC 6962, checkpoints, and signatures.

Signatures are checked by the cryptography package, else by openssl and ssh-keygen; where
none of them is there, the answer is that nothing can be said.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

APPROVAL_NAMESPACE = "hallgate.approval"


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 || data)."""
    return hashlib.sha256(b"\0" + data).digest()


def roots(leaves: list[bytes], sizes: set[int]) -> dict[int, bytes]:
    """The root over the first n leaves, for each n asked for."""
    found = {0: hashlib.sha256(b"").digest()} if 0 in sizes else {}
    stack: list[tuple[int, bytes]] = []
    for number, leaf in enumerate(leaves, start=1):
        stack.append((0, leaf))
        while len(stack) > 1 and stack[-1][0] == stack[-2][0]:
            level, right = stack.pop()
            stack[-1] = (level + 1, hashlib.sha256(b"\1" + stack[-1][1] + right).digest())
        if number in sizes:
            root = stack[-1][1]
            for _, left in reversed(stack[:-1]):
                root = hashlib.sha256(b"\1" + left + root).digest()
            found[number] = root
    return found


def checkpoint(note: bytes) -> tuple[str, int, bytes, list[tuple[str, bytes]]]:
    """Origin, size, root and signatures of a C2SP checkpoint; ValueError for another form."""
    body, gap, rest = note.decode().rpartition("\n\n")
    origin, size, root = body.split("\n")
    signatures = []
    for line in rest.splitlines():
        dash, name, signature = line.split(" ")
        if dash != "\u2014":
            raise ValueError("no signature line")
        signatures.append((name, base64.b64decode(signature, validate=True)))
    if not gap or not signatures:
        raise ValueError("not signed")
    return origin, int(size), base64.b64decode(root, validate=True), signatures


def verifies(pem: str, signature: bytes, message: bytes) -> bool | None:
    """Whether a P-256 or Ed25519 key made a signature; None where nothing here can tell."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec, ed25519
    except ImportError:
        return _by_openssl(pem, signature, message)
    key = serialization.load_pem_public_key(pem.encode())
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


def _by_openssl(pem: str, signature: bytes, message: bytes) -> bool | None:
    if shutil.which("openssl") is None:
        return None
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


def by_ssh_keygen(line: str, signature: str, message: bytes) -> bool | None:
    """Whether an OpenSSH key signed for approvals; None without ssh-keygen."""
    if shutil.which("ssh-keygen") is None:
        return None
    with tempfile.TemporaryDirectory() as name:
        allowed, file = Path(name) / "allowed", Path(name) / "sig"
        allowed.write_text(f"signer {line}\n")
        file.write_text(signature)
        words = ["-Y", "verify", "-f", "allowed", "-I", "signer", "-n", APPROVAL_NAMESPACE]
        done = subprocess.run(
            ["ssh-keygen", *words, "-s", "sig"], cwd=name, input=message,
            capture_output=True, check=False,
        )  # fmt: skip
    return done.returncode == 0
