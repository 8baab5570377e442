"""The one archive form that is published: written always alike, and read back only so.

Any other form is refused (links, devices, odd names and modes, entries given twice,
compressed or concatenated streams): OPA's reader is more lenient than a signature should be.
"""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from collections.abc import Mapping

from hallgate.model.errors import InvalidDocument

MANIFEST = ".manifest"
SIGNATURES = ".signatures.json"

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
    try:
        with tarfile.open(fileobj=io.BytesIO(plain), mode="r:") as archive:
            entries = {one.name: _content(archive, one) for one in archive}
    except (tarfile.TarError, ValueError, EOFError) as error:
        raise _refused(f"is no tar archive: {error}") from error
    for path in entries:
        if not _plain(path):
            raise _refused(f"holds {path!r}, which is no entry of a policy bundle")
    if MANIFEST not in entries:
        raise _refused(f"has no {MANIFEST}")
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


def _content(archive: tarfile.TarFile, one: tarfile.TarInfo) -> bytes:
    if not one.isreg():
        raise _refused(f"holds {one.name!r}, which is no regular file")
    file = archive.extractfile(one)
    if file is None:
        raise _refused(f"holds {one.name!r}, which cannot be read")
    return file.read()


def _tar(entries: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path in sorted(entries):
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode, entry.mtime = len(entries[path]), 0o644, 0
            archive.addfile(entry, io.BytesIO(entries[path]))
    return packed.getvalue()


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
