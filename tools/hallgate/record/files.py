"""Files that are there whole or not at all, and blobs named by their digest.

Written beside the target, flushed to the disk, then renamed. What a kill leaves is a
`.tmp` file beside it, which no reader looks at.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path

from hallgate.model.errors import Location, NotProven, StorageError
from hallgate.record.canonical import file_digest, is_digest, sha256_digest

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS}


def write_atomic(path: Path, data: bytes) -> None:
    """Write a file whole, replacing an older one; raises StorageError and leaves the old one."""
    _place(path, data, lambda temporary: temporary.replace(path))


def write_new(path: Path, data: bytes) -> bool:
    """Write a file whole unless there is one of that name; False when there is.

    Two processes never both get True. Raises StorageError.
    """
    try:
        _place(path, data, lambda temporary: _link(temporary, path))
    except FileExistsError:
        return False
    return True


def write_batch(files: Iterable[tuple[Path, bytes]], folder: Path) -> None:
    """Write many files of one file system whole, durable together when this returns.

    Flushing each takes most of the time, so the file system is flushed once. Where a kill or
    a power cut falls between, some are there and some may be torn: for files whose digest is
    known, and whose names nothing durable holds yet. Raises StorageError.
    """
    for path, data in files:
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
        try:
            temporary.write_bytes(data)
            temporary.replace(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise _failed(path, error) from error
    try:
        _flush_file_system(folder)
    except OSError as error:
        raise _failed(folder, error) from error


def blob_path(folder: Path, digest: str) -> Path:
    """Where the blob of this digest lies in a record folder; NotProven when it is no digest."""
    if not is_digest(digest):
        raise NotProven(
            f"{digest!r} is not sha256: and 64 lower-case hex digits",
            remedy="use the record as it was written",
        )
    return folder / "blobs" / "sha256" / digest.removeprefix("sha256:")


def write_blob(folder: Path, data: bytes) -> str:
    """Keep data under its digest in a record folder and return the digest.

    A blob that is there is verified, not written again: StorageError when it is damaged.
    """
    digest = sha256_digest(data)
    path = blob_path(folder, digest)
    make_folder(path.parent)
    if not path.exists():
        write_atomic(path, data)
    elif file_digest(path) != digest:
        raise StorageError(
            "a stored blob does not match its name",
            remedy="find out who changed it, restore it from a copy, then record again",
            where=Location(str(path)),
        )
    return digest


def read_blob(folder: Path, digest: str) -> bytes:
    """The blob of this digest, verified.

    Raises NotProven when it is missing or altered, StorageError when it cannot be read.
    """
    path = blob_path(folder, digest)
    where = Location(str(path))
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise NotProven(
            "the record's blob is missing",
            remedy="keep the folder blobs beside its records; restore it from a copy",
            where=where,
        ) from error
    except OSError as error:
        raise StorageError(
            f"cannot read the blob: {error.strerror}",
            remedy="check its permissions and the disk",
            where=where,
        ) from error
    if sha256_digest(data) != digest:
        raise NotProven(
            "the blob was altered: its bytes do not match its digest",
            remedy="restore it from a copy and find out who changed it",
            where=where,
        )
    return data


def make_folder(folder: Path) -> None:
    """Make a folder and its parents; raises StorageError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _failed(folder, error) from error


def _place(path: Path, data: bytes, settle: Callable[[Path], object]) -> None:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        try:
            _write_through(temporary, data)
            settle(temporary)
            _flush_folder(path.parent)
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink()
    except FileExistsError:
        raise
    except OSError as error:
        raise _failed(path, error) from error


def _write_through(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _link(temporary: Path, path: Path) -> None:
    try:
        path.hardlink_to(temporary)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # NOTE: a file system without hard links: no longer safe against a second writer.
        if path.exists():
            raise FileExistsError(errno.EEXIST, "file exists", str(path)) from error
        temporary.replace(path)


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _flush_file_system(folder: Path) -> None:
    import ctypes  # few commands write so much that they come here

    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        syncfs = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
        if syncfs is None:  # not Linux: without a report of what could not be written
            os.sync()
        elif syncfs(handle) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), str(folder))
    finally:
        os.close(handle)


def _failed(path: Path, error: OSError) -> StorageError:
    if error.errno in _FULL:
        remedy = f"free some space for {path.parent}, then repeat the command; nothing was left"
    else:
        remedy = "check the folder, its permissions and the disk, then repeat the command"
    return StorageError(
        f"the file could not be written: {error.strerror}",
        remedy=remedy,
        where=Location(str(path)),
    )
