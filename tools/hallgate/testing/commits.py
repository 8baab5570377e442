"""A Git history of single files, made in one run of Git however many commits it has.

Who committed what and when is as `git add` and `git commit` would have it.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hallgate.intake.rfc3339 import seconds
from hallgate.testing.cast import address

_BRANCH = "main"
_SETTINGS = (
    "commit.gpgsign=false", "gc.auto=0", "core.fsync=none",
    "fastimport.unpackLimit=1",  # one pack: no second program to take it apart
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Commit:
    """One file as somebody of the cast committed it; when is RFC 3339."""

    path: Path
    content: bytes
    who: str
    when: str

    def told(self, root: Path) -> bytes:
        """The commit as `git fast-import` reads it."""
        person = f"{self.who} <{address(self.who)}> {seconds(self.when)} +0000"
        message = f"Touch {self.path.name}\n".encode()
        place = self.path.relative_to(root).as_posix()
        return b"".join([
            f"commit refs/heads/{_BRANCH}\nauthor {person}\ncommitter {person}\n".encode(),
            b"data %d\n%b" % (len(message), message),
            f"M 100644 inline {place}\n".encode(),
            b"data %d\n%b\n" % (len(self.content), self.content),
        ])  # fmt: skip


def write_history(root: Path, commits: Sequence[Commit]) -> None:
    """Make a repository around root whose one branch has these commits, in their order.

    Raises ValueError for a commit that changes nothing, which `git commit` refuses too.
    """
    contents: dict[Path, bytes] = {}
    for one in commits:
        if contents.get(one.path) == one.content:
            raise ValueError(f"{one.path.name} is as it was: {one.who} has nothing to commit")
        contents[one.path] = one.content
    git(root, "init", "--quiet", f"--initial-branch={_BRANCH}", "--template=")
    if commits:
        stream = b"".join(one.told(root) for one in commits) + b"done\n"
        git(root, "fast-import", "--quiet", "--done", given=stream)
        git(root, "read-tree", _BRANCH)


def git(
    folder: Path, *arguments: str, who: str = "nobody", when: str = "", given: bytes | None = None
) -> None:
    """Run Git with nobody's settings; given is what it reads."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        **({"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when} if when else {}),
        "GIT_AUTHOR_NAME": who,
        "GIT_AUTHOR_EMAIL": address(who),
        "GIT_COMMITTER_NAME": who,
        "GIT_COMMITTER_EMAIL": address(who),
    }
    command = ["git", *(word for one in _SETTINGS for word in ("-c", one)), *arguments]
    subprocess.run(
        command, check=True, cwd=folder, env=environment, timeout=60,
        stdout=subprocess.DEVNULL, input=given,
    )  # fmt: skip
