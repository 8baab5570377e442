"""Data documents (``-d``): read strictly, staged privately, and never allowed to load nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from conftest_py import strict_json, strict_yaml
from conftest_py.documents import YAML_SUFFIXES
from conftest_py.errors import DataError, missing
from conftest_py.policies import walk
from conftest_py.strict_json import Json

SUFFIXES = YAML_SUFFIXES | {".json"}
NOT_DATA = frozenset({".signatures.json"})  # the signatures of an OPA bundle, at its root


@dataclass(frozen=True, slots=True)
class DataSet:
    """Staged data: the folders for ``-d``, and the merged document as JSON text."""

    folders: tuple[Path, ...] = ()
    text: str = "{}"

    def flags(self) -> list[str]:
        """The command-line flags which load the data."""
        return [part for folder in self.folders for part in ("-d", str(folder))]


def read_data_file(path: Path) -> dict[str, Json]:
    """Read one data file: a single document that is an object, integers of any width."""
    raw = path.read_bytes()
    value: Json
    if path.suffix == ".json":
        value = strict_json.loads(raw, str(path), "any")
    else:
        values = strict_yaml.load_all(raw, str(path), "any")
        if len(values) != 1:
            raise DataError(f"{path} holds {len(values)} documents, conftest would read one")
        value = values[0]
    if not isinstance(value, dict):
        raise DataError(f"{path} is not an object")
    return value


def stage_data(paths: Sequence[Path], folder: Path, reserved: Sequence[str]) -> DataSet:
    """Copy data into ``folder``; ``reserved`` are packages which no data may reach into."""
    merged: dict[str, Json] = {}
    folders: list[Path] = []
    for number, path in enumerate(paths):
        target = folder / f"{number:05d}"
        loaded = _stage_path(path, target)
        if not loaded:
            raise DataError(f"{path} loads nothing")
        _merge(merged, loaded, str(path))
        folders.append(target)
    for package in reserved:
        if _reaches(merged, package.split(".")):
            raise DataError(f"data reaches into data.{package}, where it could waive rules")
    return DataSet(tuple(folders), strict_json.dumps(merged, "data"))


def _stage_path(path: Path, target: Path) -> dict[str, Json]:
    if not path.exists():
        raise DataError(missing(path))
    if path.is_file() and path.suffix not in SUFFIXES:
        raise DataError(f"{path}: conftest ignores this file, only .json, .yaml, .yml are data")
    base, files = (path.parent, [path]) if path.is_file() else (path, list(walk(path)))
    merged: dict[str, Json] = {}
    for number, file in enumerate(files):
        if file.suffix not in SUFFIXES or file.name in NOT_DATA:
            continue
        value = read_data_file(file)
        below = file.parent.relative_to(base)
        (target / below).mkdir(parents=True, exist_ok=True)
        text = file.read_bytes() if file.suffix == ".json" else _text(value, file)
        (target / below / f"{number:05d}.json").write_bytes(text)
        for part in reversed(below.parts):
            value = {part: value}
        _merge(merged, value, str(file))
    return merged


def _text(value: Json, path: Path) -> bytes:
    return strict_json.dumps(value, str(path)).encode("utf-8")


def _merge(into: dict[str, Json], other: dict[str, Json], where: str) -> None:
    for key, value in other.items():
        present = into.get(key)
        if key not in into:
            into[key] = value
        elif isinstance(present, dict) and isinstance(value, dict):
            _merge(present, value, where)
        else:
            raise DataError(f"{where}: the key {key!r} is loaded twice")


def _reaches(document: Json, path: list[str]) -> bool:
    for part in path:
        if not isinstance(document, dict):
            return True
        if part not in document:
            return False
        document = document[part]
    return True
