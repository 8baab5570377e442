"""Holds every entry and tile of a log against the root that was signed.

Where they disagree the one that leads to the signed root is right: so an altered entry, an
altered tile and a cut are told apart, and all that is not touched stays proven.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hallgate.model.errors import HallgateError, Location
from hallgate.record.log.findings import (
    ALTERED_ENTRY,
    ALTERED_TILE,
    REORDERED,
    TRUNCATED,
    Finding,
    finding,
)
from hallgate.record.log.tiles import WIDTH, Tiles, levels, tile_path, tile_root, tile_width
from hallgate.record.log.tree import HASH, Tree, leaf_hash

_COPY = "restore it from a copy, and find out who changed it"


@dataclass(slots=True)
class Scan:
    """What the files of a log hold.

    entries are those that could be read, by index; proven those whose hash leads to the
    signed root (or to that of the newest checkpoint that still holds); tree is made of the
    leaf hashes that do.
    """

    size: int
    entries: dict[int, bytes] = field(default_factory=dict)
    proven: set[int] = field(default_factory=set)
    tree: Tree | None = None
    findings: list[Finding] = field(default_factory=list)


def scan(tiles: Tiles, root: bytes, heads: Sequence[tuple[int, bytes]] = ()) -> Scan:
    """Read everything; heads are (size, root) of other checkpoints the log signed."""
    found = Scan(tiles.size)
    stored, computed = _leaves(tiles, found)
    for leaves, other in ((stored, computed), (computed, stored)):
        tree = _tree(leaves)
        if tree is not None and tree.root() == root:
            found.tree = tree
            _compare(tiles, found, leaves, other, trusted_tiles=leaves is stored)
            _upper_levels(tiles, found, tree)
            return found
    _unproven(tiles, found, stored, computed, heads)
    return found


def _leaves(tiles: Tiles, found: Scan) -> tuple[list[bytes | None], list[bytes | None]]:
    """Leaf hashes as the tiles say them and as the entries give them; None where missing."""
    stored: list[bytes | None] = []
    computed: list[bytes | None] = []
    for number in range(-(-tiles.size // WIDTH)):
        width = tile_width(0, number, tiles.size)
        start = number * WIDTH
        try:
            data = tiles.hashes(0, number)
            stored += [data[HASH * at : HASH * at + HASH] for at in range(width)]
        except HallgateError as error:
            found.findings.append(Finding.of(TRUNCATED, None, error))
            stored += [None] * width
        try:
            for offset, entry in enumerate(tiles.entries(number)):
                found.entries[start + offset] = entry
                computed.append(leaf_hash(entry))
        except HallgateError as error:
            found.findings.append(Finding.of(TRUNCATED, None, error))
            computed += [None] * width
    return stored, computed


def _tree(leaves: Sequence[bytes | None]) -> Tree | None:
    tree = Tree()
    for leaf in leaves:
        if leaf is None:
            return None
        tree.append_hash(leaf)
    return tree


def _compare(
    tiles: Tiles,
    found: Scan,
    right: Sequence[bytes | None],
    other: Sequence[bytes | None],
    *,
    trusted_tiles: bool,
) -> None:
    """right leads to the signed root: name what differs from it."""
    places = {leaf: index for index, leaf in enumerate(right)}
    tiles_named: set[int] = set()
    for index, (leaf, seen) in enumerate(zip(right, other, strict=True)):
        if leaf == seen or not trusted_tiles:
            found.proven.add(index)
        if leaf == seen or seen is None:
            continue
        if trusted_tiles:
            found.findings.append(_altered_entry(tiles, index, places.get(seen)))
        elif index // WIDTH not in tiles_named:
            tiles_named.add(index // WIDTH)
            found.findings.append(_altered_tile(tiles, 0, index // WIDTH))


def _altered_entry(tiles: Tiles, index: int, place: int | None) -> Finding:
    where = Location(f"{tiles.folder / tile_path('entries', index // WIDTH)}")
    if place is not None:
        what = f"holds what was logged as entry {place}: the log was reordered"
        return finding(REORDERED, index, what, where, _COPY)
    return finding(ALTERED_ENTRY, index, "is not what was logged", where, _COPY)


def _altered_tile(tiles: Tiles, level: int, number: int) -> Finding:
    where = Location(str(tiles.folder / tile_path(level, number)))
    what = "a hash tile was altered; the entries below it still lead to the signed root"
    return finding(ALTERED_TILE, None, what, where, _COPY)


def _upper_levels(tiles: Tiles, found: Scan, tree: Tree) -> None:
    """Tiles above the leaves against the tree that was proven."""
    for level in levels(tiles.size):
        for number in range(-(-(tiles.size >> 8 * level) // WIDTH) if level else 0):
            width = tile_width(level, number, tiles.size)
            wanted = b"".join(tree.node(8 * level, number * WIDTH + at) for at in range(width))
            try:
                if tiles.hashes(level, number) != wanted:
                    found.findings.append(_altered_tile(tiles, level, number))
            except HallgateError as error:
                found.findings.append(Finding.of(TRUNCATED, None, error))


def _unproven(
    tiles: Tiles,
    found: Scan,
    stored: Sequence[bytes | None],
    computed: Sequence[bytes | None],
    heads: Sequence[tuple[int, bytes]],
) -> None:
    """Neither tiles nor entries lead to the root: keep what an older checkpoint proves."""
    for leaves in (stored, computed):
        tree = Tree()
        sizes = dict(heads)
        best = 0
        for leaf in leaves:
            if leaf is None:
                break
            tree.append_hash(leaf)
            if tree.size in sizes and sizes[tree.size] == tree.root():
                best = tree.size
        if best > len(found.proven):
            found.proven = {at for at in range(best) if computed[at] == leaves[at]}
            found.tree = _tree(leaves[:best])
    for number in range(tiles.size // WIDTH):
        _full_tile(tiles, found, stored, computed, number)
    places = {leaf: index for index, leaf in enumerate(stored) if leaf is not None}
    for index, (leaf, seen) in enumerate(zip(stored, computed, strict=True)):
        touched = leaf is not None and seen is not None and leaf != seen
        if touched and index not in found.proven:
            found.findings.append(_altered_entry(tiles, index, places.get(seen or b"")))


def _full_tile(
    tiles: Tiles,
    found: Scan,
    stored: Sequence[bytes | None],
    computed: Sequence[bytes | None],
    number: int,
) -> None:
    """Hold a full tile against its hash one level up, which may still be right."""
    start = number * WIDTH
    part = [one for one in stored[start : start + WIDTH] if one is not None]
    if len(part) != WIDTH:
        return
    try:
        above = tiles.hashes(1, number // WIDTH)
    except HallgateError:
        return
    wanted = above[HASH * (number % WIDTH) : HASH * (number % WIDTH) + HASH]
    if tile_root(b"".join(part)) == wanted:
        return
    where = Location(str(tiles.folder / tile_path(0, number)))
    what = f"entries {start} to {start + WIDTH - 1} do not lead to the hash above them"
    found.findings.append(finding(ALTERED_TILE, None, what, where, _COPY))
