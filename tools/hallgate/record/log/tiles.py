"""The tree as files: hash tiles and entry bundles of https://c2sp.org/tlog-tiles.

Files below a folder, named as the specification names its URLs: `tile/<L>/<N>[.p/<W>]`
and `tile/entries/<N>[.p/<W>]`. A tile never changes once a checkpoint covers it; one of
another width is another file.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from hallgate.model.errors import Location, NotProven, StorageError
from hallgate.record.log.tree import HASH, node_hash

WIDTH = 256
ENTRIES = "entries"

_HEIGHT = 8
_COPY = "restore the log from a copy, and find out who changed it"


def tile_path(level: int | str, number: int, width: int = WIDTH) -> str:
    """Path of a tile below the log's folder; level is a number or `entries`."""
    digits = f"{number:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    parts = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    name = "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])
    return f"tile/{level}/{name}" + ("" if width == WIDTH else f".p/{width}")


def tile_width(level: int, number: int, size: int) -> int:
    """How many hashes a tile has in a tree of this size: 0 to 256."""
    return max(0, min(WIDTH, (size >> _HEIGHT * level) - number * WIDTH))


def levels(size: int) -> range:
    """The levels that have tiles in a tree of this size."""
    count = 0
    while size >> _HEIGHT * count:
        count += 1
    return range(count)


def pack_entries(entries: Iterable[bytes]) -> bytes:
    """An entry bundle: each entry after its length in two bytes, big-endian."""
    return b"".join(struct.pack(">H", len(entry)) + entry for entry in entries)


def unpack_entries(data: bytes, where: Location) -> tuple[bytes, ...]:
    """The entries of a bundle; NotProven when it is cut short."""
    found, at = [], 0
    while at < len(data):
        if at + 2 > len(data):
            raise NotProven("the entry bundle is cut short", remedy=_COPY, where=where)
        (length,) = struct.unpack_from(">H", data, at)
        at += 2
        entry = data[at : at + length]
        if len(entry) != length:
            raise NotProven("the entry bundle is cut short", remedy=_COPY, where=where)
        found.append(entry)
        at += length
    return tuple(found)


@dataclass(frozen=True)
class Tiles:
    """Tiles of a folder as of one tree size, read when first asked for.

    Nothing read is believed: callers hold roots and leaf hashes against each other.
    Methods raise NotProven when a tile is missing or has another length, StorageError
    when it cannot be read.
    """

    folder: Path
    size: int
    _cached: dict[tuple[int, int], tuple[bytes, ...]] = field(default_factory=dict, repr=False)

    def hashes(self, level: int, number: int) -> bytes:
        """The hashes of a tile, 32 bytes each."""
        width = tile_width(level, number, self.size)
        data, where = self._file(level, number, width)
        if len(data) < HASH * width or (len(data) != HASH * width and len(data) != HASH * WIDTH):
            raise NotProven(
                f"the tile holds {len(data)} bytes, not {HASH * width}", remedy=_COPY, where=where
            )
        return data[: HASH * width]

    def entries(self, number: int) -> tuple[bytes, ...]:
        """The entries of a bundle, in order."""
        width = tile_width(0, number, self.size)
        data, where = self._file(ENTRIES, number, width)
        found = unpack_entries(data, where)
        if len(found) < width:
            raise NotProven(
                f"the bundle holds {len(found)} entries, not {width}: it was truncated",
                remedy=_COPY,
                where=where,
            )
        return found[:width]

    def entry(self, index: int) -> bytes:
        """One entry."""
        return self.entries(index // WIDTH)[index % WIDTH]

    def all_entries(self, start: int = 0) -> Iterator[tuple[int, bytes]]:
        """Index and bytes of every entry from `start` on."""
        for number in range(start // WIDTH, -(-self.size // WIDTH)):
            for offset, entry in enumerate(self.entries(number)):
                if number * WIDTH + offset >= start:
                    yield number * WIDTH + offset, entry

    def node(self, level: int, index: int) -> bytes:
        """Hash of a complete subtree (`tree.Nodes`); IndexError where it is not complete."""
        if index < 0 or (index + 1) << level > self.size:
            raise IndexError(f"there is no complete subtree {index} of level {level}")
        at, height = divmod(level, _HEIGHT)
        number, within = divmod(index, WIDTH >> height)
        hashes = self._subtree(at, number)[height]
        return hashes[HASH * within : HASH * within + HASH]

    def _subtree(self, level: int, number: int) -> tuple[bytes, ...]:
        """A tile's hashes and those of the seven levels above them."""
        found = self._cached.get((level, number))
        if found is None:
            found = subtree(self.hashes(level, number))
            self._cached[level, number] = found
        return found

    def _file(self, level: int | str, number: int, width: int) -> tuple[bytes, Location]:
        """The tile of this width, or the full one that took its place."""
        for wanted in (width, WIDTH):
            path = self.folder / tile_path(level, number, wanted)
            try:
                return path.read_bytes(), Location(str(path))
            except FileNotFoundError:
                continue
            except OSError as error:
                raise StorageError(
                    f"cannot read the tile: {error.strerror}",
                    remedy="check its permissions and the disk",
                    where=Location(str(path)),
                ) from error
        raise NotProven(
            "a tile of the log is missing: it was truncated",
            remedy=_COPY,
            where=Location(str(self.folder / tile_path(level, number, width))),
        )


@lru_cache(maxsize=4)
def _heights(count: int) -> tuple[int, ...]:
    return tuple(count >> height for height in range(_HEIGHT))


def subtree(hashes: bytes) -> tuple[bytes, ...]:
    """The hashes of a tile and of its complete subtrees, by height 0 to 7."""
    found = [hashes]
    for count in _heights(len(hashes) // HASH)[1:]:
        below = found[-1]
        found.append(
            b"".join(
                node_hash(below[64 * at : 64 * at + 32], below[64 * at + 32 : 64 * at + 64])
                for at in range(count)
            )
        )
    return tuple(found)


def tile_root(hashes: bytes) -> bytes:
    """Root of a full tile: the hash that stands for it one level up."""
    top = subtree(hashes)[-1]
    return node_hash(top[:HASH], top[HASH:])
