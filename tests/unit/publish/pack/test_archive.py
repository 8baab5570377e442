"""A hostile archive of a pack: each trick is refused and named, and nothing is written."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from hallgate.publish.pack.build import archive_pack
from hallgate.publish.pack.verifier import archive as opened
from hallgate.publish.pack.verifier.archive import Refused, open_archive

FILES = {"pack/pack.json": b"{}", "pack/log/checkpoint": b"x" * 700}


def tar_of(members: list[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for member, data in members:
            member.size = member.size or len(data)
            tar.addfile(member, io.BytesIO(data))
    return out.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type, found.linkname = kind, link
    return found


def good() -> list[tuple[tarfile.TarInfo, bytes]]:
    return [(member(name), data) for name, data in FILES.items()]


def plus(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> Callable[[], bytes]:
    data = b"evil" if kind == tarfile.REGTYPE else b""
    return lambda: gzip.compress(tar_of([*good(), (member(name, kind, link), data)]))


def undeclared_bomb() -> bytes:
    """Zeros after the end of the tar: no header says that they are there."""
    return gzip.compress(tar_of(good()) + bytes(80 * 1024 * 1024))


def declared_bomb() -> bytes:
    huge = member("pack/records/huge")
    huge.size = 1 << 40
    return gzip.compress(huge.tobuf(tarfile.GNU_FORMAT))


def declared_more() -> bytes:
    more = member("pack/more")
    more.size = 5000
    return gzip.compress(more.tobuf(tarfile.USTAR_FORMAT) + b"few".ljust(512, b"\0"))


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("pack/pack.json", "{}")
    return out.getvalue()


TRICKS: dict[str, tuple[Callable[[], bytes], str]] = {
    "traversal": (plus("pack/../../evil"), "leaves the pack"),
    "absolute": (plus("/etc/evil"), "is an absolute path"),
    "drive": (plus("C:/evil"), "is an absolute path"),
    "backslash": (plus("pack/..\\evil"), "is no plain path"),
    "control": (plus("pack/a\x1b[31mevil"), "is no plain path"),
    "elsewhere": (plus("other/evil"), "is not below pack/"),
    "symlink": (plus("pack/evil", tarfile.SYMTYPE, "/etc/passwd"), "is a symbolic link"),
    "hard link": (plus("pack/evil", tarfile.LNKTYPE, "pack/pack.json"), "is a hard link"),
    "device": (plus("pack/evil", tarfile.CHRTYPE), "is a device"),
    "block device": (plus("pack/evil", tarfile.BLKTYPE), "is a device"),
    "pipe": (plus("pack/evil", tarfile.FIFOTYPE), "is a pipe"),
    "folder": (plus("pack/evil", tarfile.DIRTYPE), "is a folder of its own"),
    "sparse": (plus("pack/evil", tarfile.GNUTYPE_SPARSE), "is an extension of the format"),
    "twice": (plus("pack/pack.json"), "is there twice"),
    "case twin": (plus("pack/PACK.json"), "is 'pack/pack.json' too"),
    "case twin of a folder": (plus("pack/Log/other"), "is 'pack/log' too"),
    "unicode twin": (plus("pack/pac\u212a.json"), "is 'pack/pack.json' too"),
    "below a file": (plus("pack/pack.json/evil"), "which is a file"),
    "a file where a folder is": (plus("pack/log"), "is a folder before"),
    "undeclared bomb": (undeclared_bomb, "times its size: a bomb"),
    "declared bomb": (declared_bomb, "says it has 1099511627776 bytes"),
    "declared more": (declared_more, "says it has 5000 bytes and has fewer"),
    "cut off": (lambda: gzip.compress(tar_of(good()))[:-30], "cut off"),
    "after the end": (lambda: gzip.compress(tar_of(good())) + b"evil", "bytes after its end"),
    "a second stream": (lambda: gzip.compress(tar_of(good())) * 2, "bytes after its end"),
    "after the tar": (lambda: gzip.compress(tar_of(good()) + b"evil"), "bytes after its end"),
    "a zip": (zipped, "is no gzip file"),
    "no tar": (lambda: gzip.compress(b"evil" * 500), "none of a tar archive"),
    "empty": (lambda: gzip.compress(tar_of([])), "holds nothing"),
}


@pytest.mark.parametrize("how", TRICKS)
def test_a_trick_is_named_before_anything_is_written(tmp_path: Path, how: str) -> None:
    make, said = TRICKS[how]
    archive, folder = tmp_path / "pack.tar.gz", tmp_path / "out"
    folder.mkdir()
    archive.write_bytes(make())
    with pytest.raises(Refused, match=said):
        open_archive(archive, folder)
    assert list(folder.iterdir()) == []
    assert {one.name for one in tmp_path.iterdir()} == {"pack.tar.gz", "out"}


def test_too_many_members_and_too_many_bytes_are_refused(tmp_path: Path) -> None:
    archive, folder = tmp_path / "pack.tar.gz", tmp_path / "out"
    folder.mkdir()
    archive.write_bytes(gzip.compress(tar_of(good())))
    with pytest.raises(Refused, match="more than 1 files"):
        open_archive(archive, folder, files=1)
    with pytest.raises(Refused, match="unpacks to more than 1000 bytes"):
        open_archive(archive, folder, most=1000)
    assert list(folder.iterdir()) == []
    with pytest.raises(Refused, match="cannot be opened"):
        open_archive(tmp_path / "none", folder)


def test_what_hallgate_writes_opens_again(tmp_path: Path) -> None:
    pack = tmp_path / "made"
    for name, data in FILES.items():
        path = pack / name.removeprefix("pack/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    with (tmp_path / "pack.tar.gz").open("wb") as out:
        archive_pack(pack, out)
    folder = open_archive(tmp_path / "pack.tar.gz", tmp_path / "out")
    assert folder == tmp_path / "out" / opened.TOP
    found = {
        one.relative_to(folder.parent).as_posix(): one.read_bytes()
        for one in folder.rglob("*")
        if one.is_file()
    }
    assert found == FILES
