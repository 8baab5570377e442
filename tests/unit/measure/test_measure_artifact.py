"""Model files: what counts as safetensors to the last byte, and what can run code."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from measure_support import CONTEXT, MODEL, check
from safetensors.numpy import save

from hallgate.measure.artifact import scan_artifact
from hallgate.measure.artifact_formats import inspect
from hallgate.measure.files import file_digest, joint_digest, look_at, walk_files
from hallgate.model.errors import UsageError

GOOD = {"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}


def tensors(header: Any, data: bytes = b"\0" * 8, *, length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + data


def look(tmp_path: Path, content: bytes) -> tuple[str, bool, list[str]]:
    path = tmp_path / "model.bin"
    path.write_bytes(content)
    seen = inspect(path)
    return seen.format, seen.readable, [kind for kind, _ in seen.findings]


def test_the_librarys_own_files_are_sound(tmp_path: Path) -> None:
    data = save({"a": np.zeros((3, 4), np.float32), "b": np.ones(5, np.int8)}, {"made": "here"})
    assert look(tmp_path, data) == ("safetensors", True, [])
    assert look(tmp_path, tensors({}, b"")) == ("safetensors", True, [])


@pytest.mark.parametrize(
    "header",
    [
        b'{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{}}',
        b'{"w":' + b"\xff" + b"}",
        b'{"w":NaN}',
        {"w": {"dtype": "F32", "shape": [3], "data_offsets": [0, 8]}},
        {"w": {"dtype": "F32", "shape": [2], "data_offsets": [1, 9]}},
        {"w": {"dtype": "X", "shape": [2], "data_offsets": [0, 8]}},
        {"w": {"dtype": "F32", "shape": [True, 2], "data_offsets": [0, 8]}},
        {"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], "more": 1}},
        {"w": {"dtype": "F32", "shape": [-2], "data_offsets": [0, -8]}},
        {"w": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}},
        {**GOOD, "v": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}},
        {**GOOD, "__metadata__": {"a": 1}},
    ],
)
def test_unsound_headers_are_found(tmp_path: Path, header: Any) -> None:
    assert look(tmp_path, tensors(header)) == ("safetensors", False, ["invalid_header"])


def test_lengths_beyond_the_file_and_trailing_data_are_found(tmp_path: Path) -> None:
    beyond = tensors(GOOD, length=10**6)
    assert look(tmp_path, beyond) == ("safetensors", False, ["invalid_header"])
    assert look(tmp_path, tensors(GOOD) + b"x") == ("safetensors", True, ["trailing_data"])


class _Harmful:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("/tmp/hallgate-must-not-exist"),))


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def array(value: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, value, allow_pickle=True)
    return buffer.getvalue()


def test_pickles_are_told_whatever_they_are_called(tmp_path: Path) -> None:
    bad = ("pickle", True, ["executable_format"])
    for protocol in range(6):
        assert look(tmp_path, pickle.dumps(_Harmful(), protocol)) == bad
    assert look(tmp_path, zipped({"m/data.pkl": pickle.dumps([1])})) == bad
    assert look(tmp_path, zipped({"weights": pickle.dumps([1])})) == bad
    assert look(tmp_path, array(np.array([{}], object))) == bad
    assert look(tmp_path, zipped({"a.npy": array(np.array([{}], object))})) == bad
    assert not Path("/tmp/hallgate-must-not-exist").exists()


def test_other_formats_are_told_by_content(tmp_path: Path) -> None:
    assert look(tmp_path, array(np.zeros((2, 3)))) == ("numpy", True, [])
    assert look(tmp_path, array(np.zeros(2)) + b"x") == ("numpy", True, ["trailing_data"])
    assert look(tmp_path, array(np.zeros(9))[:-1])[:2] == ("numpy", False)
    assert look(tmp_path, zipped({"a.npy": array(np.zeros(2))})) == ("numpy", True, [])
    assert look(tmp_path, b'{"a": 1}\n') == ("json", True, [])
    assert look(tmp_path, "grüße\n".encode()) == ("text", True, [])
    assert look(tmp_path, b"\x08\x07\x3a\x02\x0a\x00") == ("onnx", True, [])
    for unknown in (b"\x1f\x8b\x08rest\xff", zipped({"a": b"b"}), b"PK\x03\x04cut", b"\0"):
        assert look(tmp_path, unknown) == ("unknown", False, ["unreadable_member"])


def test_a_scan_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "model.safetensors").write_bytes(tensors(GOOD))
    (tmp_path / "sub" / "old.pkl").write_bytes(pickle.dumps([1]))
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "x").write_text("x")
    files = walk_files(tmp_path)
    assert [one.path for one in files] == ["model.safetensors", "sub/old.pkl"]
    digest = file_digest(tmp_path / "model.safetensors")
    for model in (digest, joint_digest(one.digest for one in files)):
        result = check("artifact_scan", scan_artifact(files, model_digest=model, context=CONTEXT))
        assert [one["format"] for one in result["files"]] == ["safetensors", "pickle"]
        assert [one["path"] for one in result["findings"]] == ["sub/old.pkl"]
    with pytest.raises(UsageError, match="none of the scanned files"):
        scan_artifact(files, model_digest=MODEL, context=CONTEXT)


def test_nothing_scanned_is_no_clean_scan() -> None:
    predicate = scan_artifact((), model_digest=MODEL, context=CONTEXT)
    assert predicate["status"] == "not_run"
    check("artifact_scan", predicate)


def test_walks_say_what_is_missing_or_leads_away(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="neither a file nor a folder"):
        walk_files(tmp_path / "none")
    with pytest.raises(UsageError, match="cannot read"):
        look_at(tmp_path / "none")
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.write_text("x")
    (inside / "link").symlink_to(outside)
    with pytest.raises(UsageError, match="leads out"):
        walk_files(inside)
    assert walk_files(inside, ("*.py",)) == ()
