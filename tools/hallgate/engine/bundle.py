"""OPA bundles as bytes: same content, same bytes, on any machine."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass

from hallgate.model.values import JsonObject


@dataclass(frozen=True, slots=True)
class Bundle:
    """A gzipped tar that OPA loads, and its digest."""

    data: bytes
    digest: str


def build_bundle(
    files: Mapping[str, bytes], roots: tuple[str, ...], metadata: JsonObject
) -> Bundle:
    """Pack .rego files under the given roots.

    files maps paths without leading slash to contents. Entries are sorted,
    with fixed modes, owners and times; the revision is the digest of the
    contents, so two trees that hold the same files give the same bytes.

    Raises ValueError for anything that is not a .rego file: data files mean
    different things to OPA and to conftest, so constants are generated instead.
    """
    strangers = sorted(path for path in files if not path.endswith(".rego"))
    if strangers:
        raise ValueError(f"only .rego files enter a bundle, not {strangers[0]}")
    manifest: JsonObject = {
        "revision": content_digest(files),
        "roots": sorted(roots),
        "rego_version": 1,
        "metadata": metadata,
    }
    entries = {".manifest": _json(manifest), **files}
    packed = io.BytesIO()
    # Stored, not deflated: two versions of zlib need not compress alike.
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0, filename="", compresslevel=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for path in sorted(entries):
            archive.addfile(_entry(path, len(entries[path])), io.BytesIO(entries[path]))
    data = packed.getvalue()
    return Bundle(data, "sha256:" + hashlib.sha256(data).hexdigest())


def rego_constants(package: str, constants: Mapping[str, JsonObject]) -> bytes:
    """A Rego module that says nothing but constants; JSON literals are Rego terms.

    Each object goes through object.union, which gives it the type "any object".
    Otherwise OPA's checker knows the literal too well: a reference into an empty
    list, or an empty object, would be a compile error instead of undefined.
    """
    lines = ["# Generated; never edited.", f"package {package}", ""]
    for name in sorted(constants):
        text = json.dumps(constants[name], sort_keys=True, ensure_ascii=False, allow_nan=False)
        lines += [f"{name} := object.union({text}, {{}})", ""]
    return "\n".join(lines).encode()


def content_digest(files: Mapping[str, bytes]) -> str:
    """The revision: SHA-256 over paths and digests of the files, sorted."""
    total = hashlib.sha256()
    for path in sorted(files):
        total.update(f"{path}\0{hashlib.sha256(files[path]).hexdigest()}\n".encode())
    return "sha256:" + total.hexdigest()


def _entry(path: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(path)
    entry.size = size
    entry.mode = 0o644
    entry.mtime = 0
    return entry


def _json(value: JsonObject) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
