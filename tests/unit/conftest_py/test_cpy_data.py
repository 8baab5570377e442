"""Traps in ``-d``: what loads nothing, what loads more than meant."""

from __future__ import annotations

import tarfile

import pytest

from conftest_py import DataError, DocumentError

POLICY = 'package main\n\ndeny contains "no" if input.x in data.banned\n'


@pytest.fixture
def policy(write):
    return write("p/a.rego", POLICY)


def test_archive_is_ignored(bare, tool, policy, write, document, item, tmp_path) -> None:
    data = write("d/data.json", '{"banned": [1]}')
    assert bare.test(policy, document, "-d", data).code == 1
    with tarfile.open(tmp_path / "d.tar.gz", "w:gz") as archive:
        archive.add(data, "data.json")
    assert bare.test(policy, document, "-d", tmp_path / "d.tar.gz").code == 0
    with pytest.raises(DataError, match="ignores this file"):
        tool.test([policy], [item], data=[tmp_path / "d.tar.gz"])
    assert not tool.test([policy], [item], data=[data]).passed


def test_folder_without_data(bare, tool, policy, write, document, item) -> None:
    folder = write("d/data.txt", "banned: [1]\n").parent
    assert bare.test(policy, document, "-d", folder).code == 0
    with pytest.raises(DataError, match="loads nothing"):
        tool.test([policy], [item], data=[folder])


def test_missing_path(bare, tool, policy, document, item, tmp_path) -> None:
    assert bare.test(policy, document, "-d", tmp_path / "none").out == ""
    with pytest.raises(DataError, match="does not exist"):
        tool.test([policy], [item], data=[tmp_path / "none"])


def test_path_with_a_comma(bare, tool, policy, write, document, item) -> None:
    folder = write("bare-cwd/a,b/data.json", '{"banned": [1]}').parent
    write("bare-cwd/a/data.json", '{"banned": []}')
    write("bare-cwd/b/data.txt", "")
    assert bare.test(policy, document, "-d", "a,b").code == 0
    assert not tool.test([policy], [item], data=[folder]).passed


def test_duplicate_keys(bare, tool, policy, write, document, item) -> None:
    data = write("d/data.json", '{"banned": [1], "banned": []}')
    assert bare.test(policy, document, "-d", data).code == 0
    with pytest.raises(DocumentError, match="duplicate key"):
        tool.test([policy], [item], data=[data])


def test_second_yaml_document(bare, tool, policy, write, document, item) -> None:
    data = write("d/data.yaml", "banned: []\n---\nbanned: [1]\n")
    assert bare.test(policy, document, "-d", data).code == 0
    with pytest.raises(DataError, match="2 documents"):
        tool.test([policy], [item], data=[data])


def test_mounts_follow_folders(bare, tool, write, document, item) -> None:
    text = 'package main\n\ndeny contains "no" if input.x in data.lists.bad.banned\n'
    policy = write("q/a.rego", text)
    folder = write("d/lists/bad/other.json", '{"banned": [1]}').parents[2]
    assert bare.test(policy, document, "-d", folder).code == 1
    assert not tool.test([policy], [item], data=[folder]).passed


def test_wide_integers_stay_exact_in_data(tool, write, item) -> None:
    text = 'package main\n\ndeny contains "no" if data.big == 9007199254740993\n'
    policy = write("q/a.rego", text)
    for name, body in (
        ("data.json", '{"big": 9007199254740993}'),
        ("d.yaml", "big: 9007199254740993"),
    ):
        assert not tool.test([policy], [item], data=[write(f"d-{name}/{name}", body)]).passed


def test_conflicts_and_scalars(tool, policy, write, item) -> None:
    one, two = write("d1/a.json", '{"banned": [1]}'), write("d2/a.json", '{"banned": []}')
    with pytest.raises(DataError, match="loaded twice"):
        tool.test([policy], [item], data=[one, two])
    with pytest.raises(DataError, match="not an object"):
        tool.test([policy], [item], data=[write("d3/a.json", "[1]")])
