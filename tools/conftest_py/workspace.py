"""A private folder per run: empty HOME, plugin folder, working directory and configuration."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from conftest_py.errors import WorkspaceError


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folders of one run; everything conftest reads or writes lies below ``root``."""

    root: Path

    @property
    def home(self) -> Path:
        """An empty HOME."""
        return self.root / "home"

    @property
    def plugins(self) -> Path:
        """An empty XDG_DATA_HOME, whose plugin cache conftest may tidy as it likes."""
        return self.root / "xdg"

    @property
    def cwd(self) -> Path:
        """An empty working directory: no ``conftest.toml`` lies there."""
        return self.root / "cwd"

    @property
    def temporary(self) -> Path:
        """A TMPDIR that vanishes with the run."""
        return self.root / "tmp"

    @property
    def config(self) -> Path:
        """The explicit, empty configuration (``/dev/null`` is refused by conftest)."""
        return self.root / "empty.toml"

    def folder(self, name: str) -> Path:
        """Make and return a folder of that name."""
        path = self.root / name
        path.mkdir(parents=True, exist_ok=True)
        return path


@contextmanager
def workspace() -> Iterator[Workspace]:
    """Make a workspace and remove it afterwards."""
    with tempfile.TemporaryDirectory(prefix="conftest-py-") as name:
        made = Workspace(Path(name).resolve())
        # conftest splits flag values at commas, OPA's loader at the first colon
        if any(mark in str(made.root) for mark in ',:"\n'):
            raise WorkspaceError(f"{made.root} holds a comma, colon, quote or newline: set TMPDIR")
        for path in (made.home, made.plugins, made.cwd, made.temporary):
            path.mkdir()
        made.config.write_bytes(b"")
        yield made
