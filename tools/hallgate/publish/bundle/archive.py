"""The one archive form that is published: written always alike, and read back only so.

Any other form is refused (links, devices, odd names and modes, entries given twice,
compressed or concatenated streams): OPA's reader is more lenient than a signature should be.
"""

from __future__ import annotations

import gzip
import io
import re
import tarfile
import zlib
from collections.abc import Iterator, Mapping

from hallgate.model.errors import InvalidDocument

MANIFEST = ".manifest"
SIGNATURES = ".signatures.json"

_BLOCK = 512
_SIZE = re.compile(rb"([0-7]{11})\0")
_LARGEST = 64 * 1024 * 1024
_REMEDY = "take the bundle from where it was published, or build it again"


def pack(entries: Mapping[str, bytes]) -> bytes:
    """A gzipped tar like that of engine.bundle.build_bundle, of any entries."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0, filename="", compresslevel=0) as zipped:
        zipped.write(_tar(entries))
    return packed.getvalue()


def unpack(data: bytes) -> dict[str, bytes]:
    """The entries of a published bundle by path; raises InvalidDocument for any other archive."""
    plain = _gunzip(data)
    entries = dict(_entries(plain))
    for path in entries:
        if not _plain(path):
            raise _refused(f"holds {path!r}, which is no entry of a policy bundle")
    if MANIFEST not in entries:
        raise _refused(f"has no {MANIFEST}")
    return _in_the_one_form(entries, plain)


def unpack_any(data: bytes) -> dict[str, bytes]:
    """The entries of anything that pack() wrote; raises InvalidDocument for any other archive.

    Their names are whatever stands there: who writes them to a disk checks them first.
    """
    plain = _gunzip(data)
    return _in_the_one_form(dict(_entries(plain)), plain)


def _in_the_one_form(entries: dict[str, bytes], plain: bytes) -> dict[str, bytes]:
    if _tar(entries) != plain:
        raise _refused(
            "is not in the one form that is published: entries twice or out of order, links,"
            " foreign modes, owners or times, or bytes after the end"
        )
    return entries


def _plain(path: str) -> bool:
    if path in (MANIFEST, SIGNATURES):
        return True
    parts = path.split("/")
    sound = all(part not in ("", ".", "..") and part.isprintable() for part in parts)
    return sound and path.endswith(".rego") and not path.endswith("_test.rego")


def _entries(plain: bytes) -> Iterator[tuple[str, bytes]]:
    # Not tarfile: its reader follows every extension of the format, and some for ever.
    # What is read too leniently here does not survive the comparison with _tar.
    start = 0
    while start < len(plain) and plain[start : start + _BLOCK].strip(b"\0"):
        header = plain[start : start + _BLOCK]
        size = _SIZE.fullmatch(header[124:136])
        if size is None or header[257:263] != b"ustar\0":
            raise _refused("is no tar archive of the published form")
        name = b"/".join(part for part in (_field(header[345:500]), _field(header[:100])) if part)
        path = name.decode("utf-8", "replace")
        if header[156:157] != b"0":
            raise _refused(f"holds {path!r}, which is no regular file")
        begin = start + _BLOCK
        end = begin + int(size[1], 8)
        if end > len(plain):
            raise _refused("is cut off")
        yield path, plain[begin:end]
        start = end + -end % _BLOCK


def _field(data: bytes) -> bytes:
    return data.partition(b"\0")[0]


def _tar(entries: Mapping[str, bytes]) -> bytes:
    blocks: list[bytes] = []
    for path in sorted(entries):
        entry = tarfile.TarInfo(path)
        entry.size, entry.mode, entry.mtime = len(entries[path]), 0o644, 0
        header = entry.tobuf(tarfile.USTAR_FORMAT, "utf-8", "surrogateescape")
        blocks += [header, entries[path], bytes(-len(entries[path]) % _BLOCK)]
    plain = b"".join(blocks)
    end = len(plain) + 2 * _BLOCK
    return plain + bytes(end + -end % tarfile.RECORDSIZE - len(plain))


def _gunzip(data: bytes) -> bytes:
    stream = zlib.decompressobj(wbits=31)
    try:
        plain = stream.decompress(data, _LARGEST + 1)
    except zlib.error as error:
        raise _refused(f"is not gzipped: {error}") from error
    if len(plain) > _LARGEST:
        raise _refused(f"unpacks to more than {_LARGEST} bytes")
    if not stream.eof:
        raise _refused("is cut off")
    if stream.unused_data:
        raise _refused("goes on after its end")
    return plain


def _refused(what: str) -> InvalidDocument:
    return InvalidDocument.one(f"the bundle {what}", remedy=_REMEDY)
