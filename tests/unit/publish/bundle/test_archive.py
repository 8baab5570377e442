"""The archive is read only in the form in which it is written."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Callable, Iterable

import pytest

from hallgate.engine.bundle import Bundle
from hallgate.model.errors import InvalidDocument
from hallgate.publish.bundle.archive import pack, unpack

Entry = tuple[tarfile.TarInfo, bytes]


def _entry(name: str, data: bytes = b"", **facts: object) -> Entry:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = len(data), 0o644, 0
    for fact, value in facts.items():
        setattr(info, fact, value)
    return info, data


def _archive(entries: Iterable[Entry], level: int = 0, form: int = tarfile.USTAR_FORMAT) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=form) as archive:
        for info, data in entries:
            archive.addfile(info, io.BytesIO(data))
    return gzip.compress(plain.getvalue(), compresslevel=level, mtime=0)


GOOD = [_entry(".manifest", b"{}"), _entry("promotion/a.rego", b"package a\n")]
REGO = b"package b\n"


def test_packed_again_it_is_what_the_engine_floor_built(built: Bundle) -> None:
    assert pack(unpack(built.data)) == built.data


def test_the_form_by_hand() -> None:
    assert unpack(_archive(GOOD)) == {".manifest": b"{}", "promotion/a.rego": b"package a\n"}


@pytest.mark.parametrize(
    "name",
    [
        "README.md", "data.json", "a/data.yaml", "data.yml", "other.json", "patch.json",
        "policy.wasm", "plan.json", "promotion/.manifest", "promotion/.signatures.json",
        "promotion/xsignatures.json", "/promotion/b.rego", "promotion//b.rego", "./b.rego",
        "promotion/../b.rego", "promotion/b_test.rego", "promotion/\x1b[2J.rego",
    ],
)  # fmt: skip
def test_a_foreign_entry_is_refused(name: str) -> None:
    with pytest.raises(InvalidDocument, match="no entry of a policy bundle"):
        unpack(_archive([*GOOD, _entry(name, REGO)]))


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE]
)
def test_what_is_no_file_is_refused(kind: bytes) -> None:
    odd = _entry("promotion/b.rego", type=kind, linkname="/etc/passwd")
    with pytest.raises(InvalidDocument, match="no regular file"):
        unpack(_archive([*GOOD, odd]))


@pytest.mark.parametrize(
    "entries",
    [
        [*GOOD, _entry("promotion/a.rego", REGO)],
        [GOOD[1], GOOD[0]],
        [*GOOD, _entry("promotion/b.rego", REGO, mode=0o755)],
        [*GOOD, _entry("promotion/b.rego", REGO, mtime=1)],
        [*GOOD, _entry("promotion/b.rego", REGO, uid=1000)],
        [*GOOD, _entry("promotion/b.rego", REGO, uname="root")],
    ],
    ids=["twice", "unsorted", "mode", "time", "owner", "owner-name"],
)
def test_another_form_is_refused(entries: list[Entry]) -> None:
    with pytest.raises(InvalidDocument, match="not in the one form"):
        unpack(_archive(entries))


def test_extensions_of_the_format_are_refused() -> None:
    odd = _entry("promotion/b.rego", REGO, pax_headers={"path": "promotion/c.rego"})
    with pytest.raises(InvalidDocument, match="no regular file"):
        unpack(_archive([*GOOD, odd], form=tarfile.PAX_FORMAT))
    with pytest.raises(InvalidDocument, match="published form"):
        unpack(_archive(GOOD, form=tarfile.GNU_FORMAT))


def test_any_altered_byte_of_a_header_is_refused() -> None:
    plain = gzip.decompress(_archive(GOOD))
    for at in range(512):
        for value in (0, 0x2F, 0x39, 0x80, 0xFF):
            spoiled = bytearray(plain)
            spoiled[at] = value
            if bytes(spoiled) != plain:
                with pytest.raises(InvalidDocument):
                    unpack(gzip.compress(bytes(spoiled), mtime=0))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda data: data[: len(data) // 2], "cut off"),
        (lambda data: data[:-8], "cut off"),
        (lambda data: data + b"x", "goes on"),
        (lambda data: data + data, "goes on"),
        (lambda data: b"", "cut off"),
        (lambda data: b"PK\x03\x04" + data, "not gzipped"),
        (lambda data: gzip.compress(gzip.decompress(data) + REGO * 9), "not in the one form"),
        (lambda data: gzip.compress(b"no tar at all"), "no tar archive"),
        (lambda data: gzip.compress(bytes(65 * 1024 * 1024)), "unpacks to more"),
        (lambda data: _archive(GOOD[1:]), "has no .manifest"),
    ],
)
def test_another_stream_is_refused(spoil: Callable[[bytes], bytes], words: str) -> None:
    with pytest.raises(InvalidDocument, match=words):
        unpack(spoil(_archive(GOOD)))


def test_how_it_is_compressed_does_not_matter() -> None:
    # zlib and its relatives need not frame stored blocks alike.
    assert unpack(_archive(GOOD, level=9)) == unpack(_archive(GOOD))
