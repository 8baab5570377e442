"""Opens a pack's archive, a .tar.gz, after all of it was looked through.

Nothing is written before every member was found to be a plain file of a pack: no path that
leaves it, no link or device, no name twice (also not but for case or Unicode form), and no
more bytes, declared or not, than a pack may have.
"""

from __future__ import annotations

import tarfile
import unicodedata
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

MOST_FILES = 500_000
MOST_BYTES = 8 * 1024 * 1024 * 1024
MOST_OF_ONE = 256 * 1024 * 1024
MOST_TIMES = 300  # gzip can make a thousand times; records make ten to fifty
TOP = "pack"

_BLOCK = 512
_CHUNK = 1 << 16
_HARMLESS = 64 * 1024 * 1024


class Refused(Exception):
    """Why an archive is not opened; nothing was written."""


class _Counted:
    """The bytes of a gzip file, one stream alone, at most so many; read forward."""

    def __init__(self, file: BinaryIO, most: int) -> None:
        self._file, self._most = file, most
        self._stream = zlib.decompressobj(wbits=31)
        self._ready = bytearray()
        self._taken = self._given = 0

    def read(self, size: int) -> bytes:
        """Up to so many bytes, fewer at the end alone."""
        while len(self._ready) < size and not self._stream.eof:
            packed = self._stream.unconsumed_tail
            if not packed:
                packed = self._file.read(_CHUNK)
                self._taken += len(packed)
            if not packed:
                raise Refused("the archive is cut off")
            try:
                more = self._stream.decompress(packed, _CHUNK * 16)
            except zlib.error as error:
                raise Refused(f"is no gzip file: {error}") from error
            self._given += len(more)
            if self._given > self._most:
                raise Refused(f"unpacks to more than {self._most} bytes")
            if self._given > max(_HARMLESS, MOST_TIMES * self._taken):
                raise Refused(f"unpacks to more than {MOST_TIMES} times its size: a bomb")
            self._ready += more
        found = bytes(self._ready[:size])
        del self._ready[:size]
        return found

    def ends(self) -> bool:
        """Whether nothing comes after the stream."""
        return self._stream.eof and not self._stream.unused_data and not self._file.read(1)


def open_archive(
    path: Path, folder: Path, *, files: int = MOST_FILES, most: int = MOST_BYTES
) -> Path:
    """Unpack into an empty folder and return the pack's own; raises Refused."""
    try:
        with path.open("rb") as file:
            for _ in _members(file, files, most):
                pass
        with path.open("rb") as file:
            for name, data in _members(file, files, most):
                target = folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("xb") as out:
                    out.write(data)
    except OSError as error:
        raise Refused(f"cannot be opened: {error}") from error
    return folder / TOP


def _members(file: BinaryIO, files: int, most: int) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of each member, once it is found good."""
    plain = _Counted(file, most)
    seen: dict[str, tuple[str, bool]] = {}
    count = 0
    while True:
        header = plain.read(_BLOCK)
        if len(header) < _BLOCK:
            raise Refused("the archive is cut off")
        if not header.strip(b"\0"):
            break
        try:
            member = tarfile.TarInfo.frombuf(header, "utf-8", "strict")
        except (tarfile.HeaderError, UnicodeDecodeError, ValueError) as error:
            raise Refused(f"holds a header that is none of a tar archive: {error}") from error
        name = member.name
        _must_be_plain(member, header)
        if seen.get(_folded(name)) == (name, True):
            raise Refused(f"{name!r}: is there twice")
        _must_be_new(name, seen)
        count += 1
        if count > files:
            raise Refused(f"holds more than {files} files")
        data = plain.read(member.size)
        if len(data) < member.size:
            raise Refused(f"{name!r}: says it has {member.size} bytes and has fewer")
        plain.read(-member.size % _BLOCK)
        yield name, data
    while rest := plain.read(_CHUNK):
        if rest.strip(b"\0"):
            raise Refused("holds bytes after its end")
    if not plain.ends():
        raise Refused("holds bytes after its end")
    if not count:
        raise Refused("holds nothing")


_KINDS = {
    tarfile.LNKTYPE: "a hard link", tarfile.SYMTYPE: "a symbolic link",
    tarfile.CHRTYPE: "a device", tarfile.BLKTYPE: "a device", tarfile.FIFOTYPE: "a pipe",
    tarfile.DIRTYPE: "a folder of its own",
}  # fmt: skip


def _must_be_plain(member: tarfile.TarInfo, header: bytes) -> None:
    name = member.name
    if header[156:157] not in (tarfile.REGTYPE,):
        kind = _KINDS.get(member.type, "an extension of the format")
        raise Refused(f"{name!r}: is {kind}; a pack has plain files alone")
    parts = name.split("/")
    if name.startswith("/") or (len(name) > 1 and name[1] == ":"):
        raise Refused(f"{name!r}: is an absolute path")
    if ".." in parts:
        raise Refused(f"{name!r}: leaves the pack")
    if "\\" in name or not name.isprintable() or {"", "."} & {*parts}:
        raise Refused(f"{name!r}: is no plain path")
    if parts[0] != TOP or len(parts) < 2:
        raise Refused(f"{name!r}: is not below {TOP}/")
    if not 0 <= member.size <= MOST_OF_ONE:
        raise Refused(f"{name!r}: says it has {member.size} bytes, more than {MOST_OF_ONE}")


def _must_be_new(name: str, seen: dict[str, tuple[str, bool]]) -> None:
    """Return where neither the path nor a folder of it is another one's twin on some disk."""
    parts = name.split("/")
    for number in range(1, len(parts) + 1):
        path, whole = "/".join(parts[:number]), number == len(parts)
        before, file = seen.setdefault(_folded(path), (path, whole))
        if before != path:
            raise Refused(f"{name!r}: is {before!r} too, where a disk knows no case")
        if file and not whole:
            raise Refused(f"{name!r}: lies below {before!r}, which is a file")
        if whole and not file:
            raise Refused(f"{name!r}: is a folder before")


def _folded(path: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", path).casefold())
