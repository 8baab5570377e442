"""Bundles: same content, same bytes; nothing but Rego inside."""

import io
import json
import os
import tarfile
import time

import pytest

from hallgate.engine.bundle import build_bundle, rego_constants

FILES = {
    "promotion/main/main.rego": b"package promotion.main\n",
    "promotion/lib/a/a.rego": b"package promotion.lib.a\n",
}


def test_same_files_in_another_order_umask_and_time_give_the_same_bytes():
    first = build_bundle(FILES, ("promotion",), {})
    before = os.umask(0o077)
    try:
        time.sleep(1.1)
        second = build_bundle(dict(reversed(FILES.items())), ("promotion",), {})
    finally:
        os.umask(before)
    assert first == second


def test_a_changed_byte_changes_digest_and_revision():
    changed = {**FILES, "promotion/lib/a/a.rego": b"package promotion.lib.b\n"}
    first = build_bundle(FILES, ("promotion",), {})
    assert first.digest != build_bundle(changed, ("promotion",), {}).digest


@pytest.mark.parametrize("name", ["data.json", "promotion/data.yaml", "README.md", ".manifest"])
def test_other_files_are_refused(name):
    with pytest.raises(ValueError, match=r"only \.rego files"):
        build_bundle({**FILES, name: b"{}"}, ("promotion",), {})


def test_entries_are_sorted_with_fixed_modes():
    bundle = build_bundle(FILES, ("promotion",), {})
    with tarfile.open(fileobj=io.BytesIO(bundle.data), mode="r:gz") as archive:
        entries = archive.getmembers()
    assert [entry.name for entry in entries] == sorted([".manifest", *FILES])
    assert {(entry.mode, entry.mtime, entry.uid, entry.uname) for entry in entries} == {
        (0o644, 0, 0, "")
    }


def test_constants_are_rego_that_says_what_json_says():
    value = {"ü": ["\u2028", 'quo"te', 1, None]}
    lines = rego_constants("a.b", {"x": value}).decode().split("\n")
    assert lines[1] == "package a.b"
    assert json.loads(lines[3].removeprefix("x := object.union(").removesuffix(", {})")) == value
