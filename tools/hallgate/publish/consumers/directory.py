"""A plain directory that OPA's bundle service can read, behind any web server.

blobs/sha256/<hex>              every bundle ever published here, by digest
<track>/bundle.tar.gz           the newest of a track; its ETag is its digest
<track>/metadata.json           digest, size and revision, for people and monitors
<track>/<name>                  small signed documents beside it (channel pointers)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hallgate.model.errors import UsageError
from hallgate.model.values import JsonValue
from hallgate.publish.bundle.archive import MANIFEST, unpack
from hallgate.record.canonical import canonical_bytes, parse_json, sha256_digest
from hallgate.record.files import make_folder, write_atomic, write_blob

BUNDLE = "bundle.tar.gz"
METADATA = "metadata.json"
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?")
_BLOB = re.compile(r"blobs/sha256/[0-9a-f]{64}")
_GZIP = ".tar.gz"
_ENDINGS = (_GZIP, ".json")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a web server says: 200 with a body, 304 without, 404, or 503 where nothing holds."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


def publish_directory(
    root: Path, track: str, bundle: bytes, beside: Mapping[str, bytes] | None = None
) -> str:
    """Make a bundle the newest of a track; returns its digest.

    The blob is written first and the bundle's name last, each whole or not at all: a reader sees
    the old bundle or the new one. Raises InvalidDocument, UsageError and StorageError.
    """
    others = dict(beside or {})
    for name in (track, *others):
        if not _NAME.fullmatch(name) or name in {BUNDLE, METADATA, "blobs"}:
            raise UsageError(f"{name!r} cannot be a name here", remedy="use a-z, 0-9, . _ and -")
    said = parse_json(unpack(bundle)[MANIFEST])
    digest = write_blob(root, bundle)
    folder = root / track
    make_folder(folder)
    for name, data in sorted(others.items()):
        write_atomic(folder / name, data)
    metadata: dict[str, JsonValue] = {
        "digest": digest,
        "etag": f'"{digest}"',
        "revision": said.get("revision") if isinstance(said, Mapping) else None,
        "size": len(bundle),
        "track": track,
    }
    write_atomic(folder / METADATA, canonical_bytes(metadata) + b"\n")
    write_atomic(folder / BUNDLE, bundle)
    return digest


def answer(root: Path, path: str, if_none_match: str | None = None) -> Answer:
    """What to answer a GET below root: the ETag is the digest of the bytes that are sent.

    For servers that compute no ETag of their own. Names outside the layout are 404.
    """
    name = path.split("?")[0].removeprefix("/")
    parts = name.split("/")
    blob = _BLOB.fullmatch(name) is not None
    listed = len(parts) == 2 and all(_NAME.fullmatch(part) for part in parts)
    listed = listed and name.endswith(_ENDINGS)
    target = root / name
    linked = any((root / Path(*parts[:depth])).is_symlink() for depth in range(1, len(parts) + 1))
    if not (blob or listed) or linked or not target.is_file():
        return Answer(404, {})
    kind = "application/gzip" if blob or name.endswith(_GZIP) else "application/json"
    age = "public, max-age=31536000, immutable" if blob else "no-cache"
    return with_etag(target.read_bytes(), kind, age, if_none_match)


def with_etag(data: bytes, kind: str, age: str, if_none_match: str | None) -> Answer:
    """These bytes with their digest as ETag, or 304 where the asker has them (RFC 9110, 13.1.2)."""
    etag = f'"{sha256_digest(data)}"'
    headers = {"ETag": etag, "Cache-Control": age}
    asked = [one.strip().removeprefix("W/") for one in (if_none_match or "").split(",")]
    if etag in asked or "*" in asked:
        return Answer(304, headers)
    return Answer(200, {**headers, "Content-Type": kind}, data)
