"""One writer at a time: a lock that the system gives back when its holder is killed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from hallgate.model.errors import Location, StorageError

_EVERY = 0.02


@contextlib.contextmanager
def locked(path: Path, wait: float) -> Iterator[None]:
    """Hold the lock file for the time of the block; StorageError after `wait` seconds."""
    where = Location(str(path))
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
    except OSError as error:
        raise StorageError(
            f"cannot lock the log: {error.strerror}",
            remedy="check the folder and its permissions",
            where=where,
        ) from error
    try:
        _acquire(handle, wait, where)
        yield
    finally:
        os.close(handle)


def _acquire(handle: int, wait: float, where: Location) -> None:
    deadline = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError as error:
            if time.monotonic() >= deadline:
                raise StorageError(
                    f"another process has been writing to the log for {wait:g} s",
                    remedy="wait for it to end, then repeat the command; nothing was written",
                    where=where,
                ) from error
            time.sleep(_EVERY)
        except OSError as error:
            raise StorageError(
                f"cannot lock the log: {error.strerror}",
                remedy="keep the log on a file system with locks (no plain NFS)",
                where=where,
            ) from error
