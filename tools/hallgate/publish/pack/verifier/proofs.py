"""The Merkle tree of RFC 6962, and C2SP checkpoints."""

from __future__ import annotations

import base64
import hashlib


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
