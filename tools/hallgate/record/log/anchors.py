"""Checkpoints kept apart from the log, in Git: what the log can no longer take back.

`<size, 12 digits>.checkpoint` is the note, `<size>.<authority>.tsr` a timestamp on it. A
second checkpoint of one size that differs is a fork and lies beside it as `<size>.<8 hex>`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from hallgate.model.errors import Location, StorageError
from hallgate.record.canonical import sha256_digest
from hallgate.record.files import make_folder, write_atomic, write_new
from hallgate.record.log.folder import read_note

_NOTE = re.compile(r"([0-9]{12})(\.[0-9a-f]{8})?\.checkpoint")
_TOKEN = re.compile(r"([0-9]{12}(?:\.[0-9a-f]{8})?)\.([a-z][a-z0-9-]{0,62})\.tsr")


@dataclass(frozen=True, slots=True)
class Anchor:
    """A kept checkpoint and the timestamps on it; nothing verified."""

    file: str
    note: bytes
    tokens: tuple[tuple[str, bytes], ...] = ()


def read_anchors(folder: Path) -> tuple[Anchor, ...]:
    """Every checkpoint kept in a folder, by size; none where there is no folder."""
    try:
        names = sorted(one.name for one in folder.iterdir()) if folder.is_dir() else []
    except OSError as error:
        raise StorageError(
            f"cannot read the kept checkpoints: {error.strerror}",
            remedy="check the folder and its permissions",
            where=Location(str(folder)),
        ) from error
    found = []
    for name in names:
        if _NOTE.fullmatch(name):
            stem = name.removesuffix(".checkpoint")
            tokens = tuple(
                (str(folder / other), (folder / other).read_bytes())
                for other in names
                if (match := _TOKEN.fullmatch(other)) and match[1] == stem
            )
            found.append(Anchor(str(folder / name), read_note(folder / name), tokens))
    return tuple(found)


def keep_anchor(folder: Path, size: int, note: bytes) -> Path:
    """Keep a checkpoint; another one of the same size is never replaced."""
    make_folder(folder)
    path = folder / f"{size:012d}.checkpoint"
    if write_new(path, note) or path.read_bytes() == note:
        return path
    path = folder / f"{size:012d}.{sha256_digest(note)[7:15]}.checkpoint"
    write_atomic(path, note)
    return path


def keep_token(anchor: Path, authority: str, answer: bytes) -> Path:
    """Keep a timestamp on a kept checkpoint."""
    path = anchor.with_name(f"{anchor.name.removesuffix('.checkpoint')}.{authority}.tsr")
    write_atomic(path, answer)
    return path
