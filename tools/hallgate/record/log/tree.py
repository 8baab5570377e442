"""The Merkle tree of RFC 6962, section 2.1 (SHA-256): hashes, proofs and their checks.

Proofs are made from a `Nodes`, which gives the hash of complete subtrees: a `Tree` in
memory, or tiles on disk. Checks follow RFC 9162, sections 2.1.3.2 and 2.1.4.2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

HASH = 32
EMPTY_ROOT = sha256(b"").digest()

Nodes = Callable[[int, int], bytes]
"""(level, index) -> hash of the complete subtree over leaves [index << level, index+1 << level)."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash of a leaf: SHA-256 over 0x00 and the entry."""
    return sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node: SHA-256 over 0x01 and both children."""
    return sha256(b"\1" + left + right).digest()


class Tree:
    """An append-only tree in memory; keeps every complete subtree's hash, 64 bytes per leaf."""

    __slots__ = ("_levels", "size")

    def __init__(self) -> None:
        self.size = 0
        self._levels: list[bytearray] = [bytearray()]

    def append(self, entry: bytes) -> int:
        """Add an entry and return its index."""
        return self.append_hash(sha256(b"\0" + entry).digest())

    def append_hash(self, leaf: bytes) -> int:
        """Add a leaf by its hash and return its index."""
        index = count = self.size
        levels = self._levels
        level = levels[0]
        level += leaf
        height = 0
        while count & 1:
            digest = sha256(b"\1" + level[-64:]).digest()
            count >>= 1
            height += 1
            if height == len(levels):
                levels.append(bytearray())
            level = levels[height]
            level += digest
        self.size = index + 1
        return index

    def node(self, level: int, index: int) -> bytes:
        """Hash of a complete subtree; IndexError where it is not complete."""
        if index < 0 or (index + 1) << level > self.size:
            raise IndexError(f"there is no complete subtree {index} of level {level}")
        return bytes(self._levels[level][HASH * index : HASH * index + HASH])

    def root(self, size: int | None = None) -> bytes:
        """Root of the tree, or of its first `size` leaves."""
        return root(self.node, self.size if size is None else size)


def root(nodes: Nodes, size: int) -> bytes:
    """Root hash of a tree of this size."""
    return EMPTY_ROOT if size == 0 else _span(nodes, 0, size)


def inclusion_proof(nodes: Nodes, index: int, size: int) -> tuple[bytes, ...]:
    """Hashes from a leaf's sibling up to the root's child; ValueError outside the tree."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    proof: list[bytes] = []
    level, last = 0, size - 1
    while last:
        sibling = index ^ 1
        if sibling < last:
            proof.append(nodes(level, sibling))
        elif sibling == last:
            proof.append(_span(nodes, sibling << level, size))
        index >>= 1
        last >>= 1
        level += 1
    return tuple(proof)


def consistency_proof(nodes: Nodes, first: int, size: int) -> tuple[bytes, ...]:
    """That the tree of `first` leaves is a beginning of that of `size`; ValueError else."""
    if not 0 < first <= size:
        raise ValueError(f"there is no consistency proof from {first} to {size}")
    proof: list[bytes] = []
    low, high, known = 0, size, True
    while first != high - low:
        half = 1 << (high - low - 1).bit_length() - 1
        if first <= half:
            proof.append(_span(nodes, low + half, high))
            high = low + half
        else:
            proof.append(_span(nodes, low, low + half))
            low, first, known = low + half, first - half, False
    if not known:
        proof.append(_span(nodes, low, high))
    return tuple(reversed(proof))


def root_of_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """The root that an inclusion proof leads to; None when it has the wrong form."""
    if not 0 <= index < size:
        return None
    found, last = leaf, size - 1
    for step in proof:
        if not last:
            return None
        if index & 1 or index == last:
            found = node_hash(step, found)
            while not index & 1 and index:
                index >>= 1
                last >>= 1
        else:
            found = node_hash(found, step)
        index >>= 1
        last >>= 1
    return None if last else found


def consistent(
    first: int, first_root: bytes, size: int, size_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether a proof shows that the tree of `first` leaves begins that of `size`."""
    if first == size:
        return not proof and first_root == size_root
    if not 0 < first < size or not proof:
        return False
    steps = list(proof)
    if first & (first - 1) == 0:
        steps.insert(0, first_root)
    index, last = first - 1, size - 1
    while index & 1:
        index >>= 1
        last >>= 1
    old = new = steps[0]
    for step in steps[1:]:
        if not last:
            return False
        if index & 1 or index == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not index & 1 and index:
                index >>= 1
                last >>= 1
        else:
            new = node_hash(new, step)
        index >>= 1
        last >>= 1
    return not last and old == first_root and new == size_root


def _span(nodes: Nodes, low: int, high: int) -> bytes:
    """Hash over leaves [low, high), low being aligned as RFC 6962's splits make it."""
    parts: list[bytes] = []
    while low < high:
        level = (high - low).bit_length() - 1
        parts.append(nodes(level, low >> level))
        low += 1 << level
    found = parts.pop()
    while parts:
        found = node_hash(parts.pop(), found)
    return found
