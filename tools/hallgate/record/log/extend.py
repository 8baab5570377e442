"""Writing new tiles and the checkpoint that makes them count; mending after a kill."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hallgate.model.errors import Location, NotProven, StorageError
from hallgate.record.files import make_folder, write_atomic
from hallgate.record.log.folder import CHECKPOINT, JOURNAL, Log
from hallgate.record.log.note import Checkpoint, sign_checkpoint
from hallgate.record.log.tiles import (
    ENTRIES,
    WIDTH,
    Tiles,
    levels,
    pack_entries,
    tile_path,
    tile_root,
    tile_width,
)
from hallgate.record.log.tree import HASH, leaf_hash, root


def extend(log: Log, entries: Sequence[bytes], key: Ed25519PrivateKey) -> Checkpoint:
    """Add entries to a sound log whose lock is held; durable on return.

    Raises StorageError: then the log is as it was.
    """
    folder, size = log.folder, log.checkpoint.size
    grown = size + len(entries)
    write_atomic(folder / JOURNAL, json.dumps({"from": size, "to": grown}).encode())
    _bundles(log.tiles, entries)
    _hashes(log.tiles, b"".join(leaf_hash(entry) for entry in entries))
    head = Checkpoint(log.checkpoint.origin, grown, root(Tiles(folder, grown).node, grown))
    write_atomic(folder / CHECKPOINT, sign_checkpoint(head, key))
    # Appended. What follows only tidies up; the next writer does it where this one is stopped.
    with contextlib.suppress(OSError):
        _prune(folder, size, grown)
        (folder / JOURNAL).unlink()
    return head


def recover(log: Log) -> None:
    """Remove what an append left that did not reach its checkpoint; the lock is held.

    Raises NotProven when checkpoint and journal contradict one another.
    """
    path = log.folder / JOURNAL
    where = Location(str(path))
    try:
        said = json.loads(path.read_bytes())
        first, last = int(said["from"]), int(said["to"])
    except FileNotFoundError:
        return
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StorageError(
            "the journal of the log cannot be read",
            remedy="look at the tiles beyond the checkpoint's size, remove them and the journal",
            where=where,
        ) from error
    if log.checkpoint.size not in (first, last):
        raise NotProven(
            f"the journal is of an append from {first} to {last} entries, "
            f"and the checkpoint says {log.checkpoint.size}",
            remedy="restore checkpoint and tiles from one copy of the log, then remove the journal",
            where=where,
        )
    try:
        if log.checkpoint.size == first:
            _discard(log.folder, first, last)
        else:
            _prune(log.folder, first, last)
        path.unlink()
    except OSError as error:
        raise StorageError(
            f"cannot remove what an unfinished append left: {error.strerror}",
            remedy="check the folder and its permissions",
            where=Location(str(error.filename or path)),
        ) from error


def _bundles(tiles: Tiles, entries: Sequence[bytes]) -> None:
    number, width = divmod(tiles.size, WIDTH)
    have = list(tiles.entries(number)) if width else []
    waiting = [*have, *entries]
    for at in range(0, len(waiting), WIDTH):
        part = waiting[at : at + WIDTH]
        _write(tiles.folder, ENTRIES, number + at // WIDTH, len(part), pack_entries(part))


def _hashes(tiles: Tiles, leaves: bytes) -> None:
    """Write the tiles of every level that new leaves change."""
    level, fresh = 0, leaves
    while fresh:
        number, width = divmod(tiles.size >> 8 * level, WIDTH)
        waiting = (tiles.hashes(level, number) if width else b"") + fresh
        above = []
        for at in range(0, len(waiting), HASH * WIDTH):
            part = waiting[at : at + HASH * WIDTH]
            place = number + at // (HASH * WIDTH)
            _write(tiles.folder, level, place, len(part) // HASH, part)
            if len(part) == HASH * WIDTH:
                above.append(tile_root(part))
        level, fresh = level + 1, b"".join(above)


def _write(folder: Path, level: int | str, number: int, width: int, data: bytes) -> None:
    path = folder / tile_path(level, number, width)
    make_folder(path.parent)
    write_atomic(path, data)


def _prune(folder: Path, size: int, grown: int) -> None:
    """Remove partial tiles whose full tile a checkpoint covers now."""
    for level in levels(size):
        number = edge_tile(level, size)
        if tile_width(level, number, grown) == WIDTH:
            _drop(folder, level, number)
            if level == 0:
                _drop(folder, ENTRIES, number)


def _drop(folder: Path, level: int | str, number: int) -> None:
    partial = folder / tile_path(level, number, 1)
    if partial.parent.is_dir():
        shutil.rmtree(partial.parent)


def edge_tile(level: int, size: int) -> int:
    """Number of the tile at the right edge of a level."""
    return (size >> 8 * level) // WIDTH


def _discard(folder: Path, size: int, reach: int) -> None:
    """Remove every tile that a tree of `size` does not have, up to the size `reach`."""
    for level in levels(reach):
        kinds: tuple[int | str, ...] = (level, ENTRIES) if level == 0 else (level,)
        last = edge_tile(level, reach)
        for number in range(edge_tile(level, size), last + 1):
            width = tile_width(level, number, size)
            for kind in kinds:
                if width < WIDTH:
                    (folder / tile_path(kind, number)).unlink(missing_ok=True)
                partial = (folder / tile_path(kind, number, 1)).parent
                for path in partial.iterdir() if partial.is_dir() else ():
                    if not path.name.isdigit() or int(path.name) > width:
                        path.unlink()
