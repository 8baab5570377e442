"""The files of an unpacked pack: what is no plain file of it is named, and never read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hallgate.publish.pack.verifier.checks import check_files
from hallgate.publish.pack.verifier.state import Pack, Report


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    (tmp_path / "outside").write_text("secret")
    (tmp_path / "outside.d").mkdir()
    (tmp_path / "outside.d/file").write_text("secret")
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "SHA256SUMS").write_text("")
    return Pack(folder)


@pytest.mark.parametrize(
    "path",
    ["../outside", "/etc/hostname", "./x", "", "a//b", "a\\b", "log/../../outside", "a\0b"],
)
def test_a_path_that_leaves_the_pack_is_refused(pack: Pack, path: str) -> None:
    assert not pack.has(path)
    with pytest.raises(ValueError, match="no path within the pack"):
        pack.data(path)


def test_links_pipes_and_folders_are_named_and_not_followed(pack: Pack) -> None:
    folder = pack.folder
    (folder / "link").symlink_to(folder.parent / "outside")
    (folder / "linked").symlink_to(folder.parent / "outside.d")
    os.mkfifo(folder / "pipe")
    for path in ("link", "linked/file", "pipe"):
        assert not pack.has(path)
        with pytest.raises(ValueError, match="no plain file of the pack"):
            pack.data(path)
    report = Report()
    check_files(pack, report)
    assert report.wrong == [f"{one}: is no plain file" for one in ("link", "linked", "pipe")]


def test_a_name_listed_twice_and_an_unlisted_file_are_named(pack: Pack) -> None:
    (pack.folder / "SHA256SUMS").write_text(f"{'0' * 64}  a\n{'1' * 64}  a\n{'0' * 64}  ../b\n")
    (pack.folder / "c").write_text("")
    report = Report()
    check_files(pack, report)
    assert report.wrong == [
        "a: stands twice in SHA256SUMS",
        "c: is not listed in SHA256SUMS",
        "../b: is missing",
        "a: is missing",
    ]
