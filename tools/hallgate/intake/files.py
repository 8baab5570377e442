"""Reading one file of a stranger: never through a link, never without a bound."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from hallgate.model.errors import InvalidDocument, Location, StorageError


def read_file(path: Path, limit: int, name: str | None = None) -> bytes:
    """The bytes of a regular file of at most `limit` bytes.

    name is what messages call the file (default: its path). Raises
    InvalidDocument for a symbolic link, a device, pipe or folder and for a file
    that is too large, and StorageError where the system refuses to read it.
    """
    where = Location(name or str(path))
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if path.is_symlink():
            raise InvalidDocument.one(
                "is a symbolic link, which could point anywhere",
                where=where,
                remedy="put the file itself here",
            ) from error
        raise _unread(error, where) from error
    try:
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode):
            raise InvalidDocument.one(
                "is no regular file", where=where, remedy="put a regular file here"
            )
        data = _bounded(handle, facts.st_size, limit)
    except OSError as error:
        raise _unread(error, where) from error
    finally:
        os.close(handle)
    if data is None:
        raise InvalidDocument.one(
            f"has more than {limit} bytes",
            where=where,
            remedy="give the house result alone; raw reports stay outside, bound by their digest",
        )
    return data


def _bounded(handle: int, size: int, limit: int) -> bytes | None:
    if size > limit:
        return None
    parts: list[bytes] = []
    left = limit + 1
    while left > 0:
        part = os.read(handle, min(left, size + 1))
        if not part:
            return b"".join(parts)
        parts.append(part)
        left -= len(part)
    return None


def _unread(error: OSError, where: Location) -> StorageError:
    return StorageError(
        f"cannot be read: {error.strerror or error}",
        where=where,
        remedy="check that it exists and that you may read it",
    )
