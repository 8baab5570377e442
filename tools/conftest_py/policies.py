"""Copying policies into a private folder, so that what was checked is what runs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from conftest_py.errors import PolicyError, UsageError, missing

TEST_SUFFIX = "_test.rego"


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """One policy file: where it came from, and its text."""

    origin: str
    text: str

    @property
    def is_test(self) -> bool:
        """Whether the file is a Rego test, which ``test`` never loads."""
        return self.origin.endswith(TEST_SUFFIX)


def walk(folder: Path) -> Iterator[Path]:
    """Yield every file below a folder, sorted; symbolic links are refused, never skipped."""
    for root, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(folders + files):
            if (Path(root) / name).is_symlink():
                raise UsageError(f"{Path(root) / name} is a symbolic link")
        for name in sorted(files):
            yield Path(root) / name


def read_sources(paths: Sequence[Path]) -> tuple[Source, ...]:
    """Read all ``.rego`` files of the paths; a path without any is an error."""
    if not paths:
        raise PolicyError("no policy paths were given")
    found: dict[Path, Source] = {}
    for path in paths:
        if not path.exists():
            raise PolicyError(missing(path))
        files = [path] if path.is_file() else list(walk(path))
        rego = [file for file in files if file.suffix.lower() == ".rego"]
        if not rego:
            raise PolicyError(f"{path} holds no .rego file")
        for file in rego:
            if file.suffix != ".rego":
                raise PolicyError(f"{file}: conftest ignores this suffix, write .rego")
            try:
                text = file.read_bytes().decode("utf-8")
            except UnicodeDecodeError as error:
                raise PolicyError(f"{file}: not UTF-8 at byte {error.start}") from error
            found[file.resolve()] = Source(str(file), text)
    return tuple(sorted(found.values()))


def stage_sources(sources: Sequence[Source], folder: Path) -> None:
    """Write sources under numbered names; test files keep their suffix."""
    if not sources:
        raise PolicyError("only test files were found, no policies")
    for number, source in enumerate(sources):
        ending = TEST_SUFFIX if source.is_test else ".rego"
        (folder / f"{number:05d}{ending}").write_bytes(source.text.encode("utf-8"))


def readable(message: str, sources: Sequence[Source], folder: Path) -> str:
    """Put the original file names back into a message of conftest or opa."""
    for number, source in enumerate(sources):
        for ending in (TEST_SUFFIX, ".rego"):
            staged = str(folder / f"{number:05d}{ending}")
            message = message.replace(staged, source.origin)
            message = message.replace(staged.lstrip("/"), source.origin)
    return message
