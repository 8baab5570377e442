"""Fixtures: the pinned binaries, the wrapper, and the bare command line it is held against."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from conftest_py import Conftest, Input, input_from_value

ROOT = Path(__file__).resolve().parents[3]


def _binary(name: str) -> Path:
    path = Path(os.environ.get(f"HALLGATE_{name.upper()}") or ROOT / ".tools" / "bin" / name)
    if not path.is_file():
        pytest.fail(f"{path} is missing: run `make tools`", pytrace=False)
    return path.resolve()


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Bare:
    """The command line itself, in a clean environment unless a test says otherwise."""

    binary: Path
    cwd: Path
    home: Path

    def __call__(self, *args: object, env: Mapping[str, str] | None = None) -> Ran:
        scrubbed = {"HOME": str(self.home), "XDG_DATA_HOME": str(self.home), "PATH": os.defpath}
        done = subprocess.run(
            [str(self.binary), *map(str, args)],
            cwd=self.cwd,
            env={**scrubbed, **(env or {})},
            capture_output=True,
            text=True,
            timeout=60,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def test(self, policy: Path, document: Path, *args: object, **more: Any) -> Ran:
        return self("test", "-o", "json", "-p", policy, document, *args, **more)


@pytest.fixture(scope="session")
def binary() -> Path:
    return _binary("conftest")


@pytest.fixture(scope="session")
def opa() -> Path:
    return _binary("opa")


@pytest.fixture
def tool(binary: Path, opa: Path) -> Conftest:
    return Conftest(binary, opa=opa)


@pytest.fixture
def unlinted(binary: Path) -> Conftest:
    """The wrapper without OPA: only the guard inside the run is left."""
    return Conftest(binary, lint=False)


@pytest.fixture
def bare(binary: Path, tmp_path: Path) -> Bare:
    cwd, home = tmp_path / "bare-cwd", tmp_path / "bare-home"
    cwd.mkdir()
    home.mkdir()
    return Bare(binary, cwd, home)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    def writer(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return writer


@pytest.fixture
def document(write: Callable[[str, str], Path]) -> Path:
    return write("input.json", '{"x": 1}')


@pytest.fixture
def item() -> Input:
    return input_from_value("input.json", {"x": 1})


@dataclass
class Fake:
    """A stand-in for conftest which prints and exits as told."""

    path: Path
    pid: Path = field(init=False)

    def __post_init__(self) -> None:
        self.pid = self.path.with_suffix(".pid")

    def says(self, body: str) -> Path:
        self.path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        self.path.chmod(0o755)
        return self.path


@pytest.fixture
def fake(tmp_path: Path) -> Fake:
    return Fake(tmp_path / "fake-conftest")
