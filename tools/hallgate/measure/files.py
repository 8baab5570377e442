"""Files that were looked at, with their digests."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from hallgate.model.errors import Location, UsageError

_SKIPPED = frozenset({".git"})


@dataclass(frozen=True, slots=True)
class LookedAt:
    """A file: path relative to the root of the walk, digest sha256:<hex>, size in bytes.

    location is where it lies now, for measurements that read it again.
    """

    path: str
    digest: str
    size: int
    location: Path


def file_digest(path: Path) -> str:
    """sha256:<hex> of a file. Raises UsageError if it cannot be read."""
    try:
        with path.open("rb", buffering=0) as file:
            return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise cannot_read(path, error) from error


def look_at(path: Path, name: str | None = None) -> LookedAt:
    """One file; its path in the evidence is `name`, by default its last part."""
    digest = file_digest(path)
    return LookedAt(name or path.name, digest, path.stat().st_size, path)


def walk_files(root: Path, patterns: Sequence[str] = ("*",)) -> tuple[LookedAt, ...]:
    """Every regular file under root (or root itself) whose relative path matches a pattern.

    Patterns are shell patterns over the whole relative path with `/`. `.git` folders are left
    out; symbolic links are followed to files inside root and refused when they lead out of
    it, since what a tool read there is not what was promised. Sorted by path. Raises UsageError.
    """
    if root.is_file():
        return (look_at(root),)
    if not root.is_dir():
        raise UsageError(f"{root} is neither a file nor a folder", remedy="give an existing path")
    found = []
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if _SKIPPED & set(name.split("/")) or not path.is_file():
            continue
        if not any(fnmatchcase(name, pattern) for pattern in patterns):
            continue
        if not path.resolve().is_relative_to(root.resolve()):
            raise UsageError(
                f"{path} is a link that leads out of {root}",
                remedy="copy the file into the folder, or leave the link out by a pattern",
            )
        found.append(look_at(path, name))
    return tuple(found)


def joint_digest(digests: Iterable[str]) -> str:
    """The digest of one file, or sha256 over the sorted digests, one per line, of several.

    Raises ValueError for none: nothing has no digest.
    """
    each = sorted(digests)
    if not each:
        raise ValueError("no files, no digest")
    if len(each) == 1:
        return each[0]
    return "sha256:" + hashlib.sha256("".join(f"{one}\n" for one in each).encode()).hexdigest()


def cannot_read(path: Path, error: OSError) -> UsageError:
    """The error for a file that is missing or may not be read."""
    return UsageError(
        f"cannot read {path}: {error.strerror or error}",
        remedy="check the path and the permissions",
        where=Location(str(path)),
    )
