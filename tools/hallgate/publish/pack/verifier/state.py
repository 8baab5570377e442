"""An unpacked pack and the report on it."""

from __future__ import annotations

import hashlib
import json
import stat
from pathlib import Path, PurePosixPath
from typing import Any

LARGEST = 256 * 1024 * 1024
# What reading a file of another form raises.
BROKEN = (
    OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError,
    OverflowError,
)  # fmt: skip


class Report:
    """What was checked, what could not be, and what is wrong."""

    def __init__(self) -> None:
        self.held: list[str] = []
        self.unchecked: list[str] = []
        self.wrong: list[str] = []

    def check(self, good: bool, held: str, wrong: str) -> bool:
        """Keep one of both sentences."""
        (self.held if good else self.wrong).append(held if good else wrong)
        return good


class Pack:
    """The files of an unpacked pack. Nothing outside of its folder is ever read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._digests: dict[str, str] = {}

    def has(self, path: str) -> bool:
        """Whether there is a plain file of this path, reached through no link."""
        try:
            self._plain(path)
        except (OSError, ValueError):
            return False
        return True

    def data(self, path: str) -> bytes:
        """The bytes of a file; refuses links, devices, and paths that leave the pack."""
        target = self._plain(path)
        if target.stat().st_size > LARGEST:
            raise ValueError(f"{path} is too large")
        return target.read_bytes()

    def digest(self, path: str) -> str:
        """`sha256:<hex>` of a file, worked out once."""
        if path not in self._digests:
            self._digests[path] = f"sha256:{hashlib.sha256(self.data(path)).hexdigest()}"
        return self._digests[path]

    def json(self, path: str) -> Any:
        """A JSON file."""
        return json.loads(self.data(path))

    def _plain(self, path: str) -> Path:
        parts = PurePosixPath(path).parts
        bad = {"..", "/", "//", "."} & {*parts} or "\\" in path or "\0" in path
        if not parts or bad or "/".join(parts) != path:
            raise ValueError(f"{path!r} is no path within the pack")
        target = self.folder
        for number, part in enumerate(parts, start=1):
            target = target / part
            mode = target.lstat().st_mode
            if not (stat.S_ISREG(mode) if number == len(parts) else stat.S_ISDIR(mode)):
                raise ValueError(f"{path} is no plain file of the pack")
        return target

    def files(self) -> tuple[set[str], list[str]]:
        """Paths of all plain files, and those of whatever else lies there (links, devices …)."""
        plain: set[str] = set()
        odd: list[str] = []
        left = [self.folder]
        while left:
            for one in left.pop().iterdir():
                mode, name = one.lstat().st_mode, one.relative_to(self.folder).as_posix()
                if stat.S_ISDIR(mode):
                    left.append(one)
                elif stat.S_ISREG(mode):
                    plain.add(name)
                else:
                    odd.append(name)
        return plain, sorted(odd)
