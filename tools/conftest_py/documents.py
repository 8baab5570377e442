"""Inputs of ``test``: named JSON objects, read strictly from files, text or values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path, PurePosixPath

from conftest_py import strict_json, strict_yaml
from conftest_py.errors import DocumentError, UsageError, missing

_NUMBERED = re.compile(r"(?<=.)#[0-9]+$")
YAML_SUFFIXES = frozenset({".yaml", ".yml"})


@dataclass(frozen=True, slots=True, order=True)
class Input:
    """One document to evaluate: ``name`` appears in results, ``text`` is a JSON object.

    The text is checked when the value is made: an object, no duplicate keys, no number that
    conftest would round. ``name`` may carry ``#n`` for the n-th document of a stream; policies
    see its last part, without ``#n``, as ``data.conftest.file.name``.
    """

    name: str
    text: str

    def __post_init__(self) -> None:
        if not self.name or "\0" in self.name or self.filename in {"", ".", ".."}:
            raise UsageError(f"an input cannot be named {self.name!r}")
        try:
            raw = self.text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise DocumentError(self.name, "a lone surrogate is not Unicode text") from error
        value = strict_json.loads(raw, self.name)
        if not isinstance(value, dict):
            raise DocumentError(self.name, "an input must be an object, conftest splits arrays")

    @property
    def filename(self) -> str:
        """The file name under which the document is handed to conftest."""
        return _NUMBERED.sub("", PurePosixPath(self.name).name)


def input_from_value(name: str, value: Mapping[str, object]) -> Input:
    """Make an input from a Python mapping of JSON values."""
    return Input(name, strict_json.dumps(value, name))


def read_inputs(path: Path) -> tuple[Input, ...]:
    """Read a ``.json`` file, or every document of a ``.yaml`` or ``.yml`` file."""
    if not path.is_file():
        raise DocumentError(str(path), "is not a file" if path.exists() else missing(path))
    raw = path.read_bytes()
    if path.suffix == ".json":
        try:
            return (Input(str(path), raw.decode("utf-8")),)
        except UnicodeDecodeError as error:
            raise DocumentError(str(path), f"not UTF-8 at byte {error.start}") from error
    if path.suffix not in YAML_SUFFIXES:
        raise DocumentError(str(path), "only .json, .yaml and .yml are read; use parse() first")
    values = strict_yaml.load_all(raw, str(path))
    names = [str(path)] if len(values) == 1 else [f"{path}#{i}" for i in range(len(values))]
    return tuple(
        Input(name, strict_json.dumps(value, name))
        for name, value in zip(names, values, strict=True)
    )


def collect_inputs(inputs: Sequence[Input | Path]) -> tuple[Input, ...]:
    """Read all paths, sort by name, refuse none at all and duplicate names."""
    found: list[Input] = []
    for item in inputs:
        found.extend(read_inputs(item) if isinstance(item, Path) else (item,))
    if not found:
        raise UsageError("no inputs: nothing would be evaluated")
    found.sort()
    for one, other in pairwise(found):
        if one.name == other.name:
            raise UsageError(f"two inputs are named {one.name!r}")
    return tuple(found)
