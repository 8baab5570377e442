"""Git objects, read with plumbing alone: no work tree, no filter, no hook, no network.

Answers are bounded while they are read, because their size is somebody else's choice.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hallgate.engine.process import run
from hallgate.model.errors import EngineMissing, InvalidDocument, StorageError, UsageError

LIST_LIMIT = 64 * 1024 * 1024
_TIMEOUT = 120.0
_CHUNK = 1 << 20
_OBJECT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
# Whatever the repository's own settings say: nothing is run, fetched or replaced.
_GIT = (
    "env", "GIT_NO_LAZY_FETCH=1", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C",
    "TZ=UTC",
    "git", "--no-replace-objects", "--literal-pathspecs", "--no-pager",
    "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "protocol.allow=never",
    "-c", "log.showSignature=false", "-c", "color.ui=false",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a tree: kind is blob, or commit for a submodule; size is None but for blobs."""

    mode: str
    kind: str
    oid: str
    size: int | None
    path: bytes


@dataclass(frozen=True, slots=True)
class Objects:
    """The objects of one repository, bare or not."""

    folder: Path

    def commit(self, name: str) -> str:
        """The full id of a commit; raises UsageError where the name leads to none."""
        words = ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"]
        found = self._words(words)
        if _OBJECT.fullmatch(found) is None:
            raise UsageError(
                f"there is no commit {name!r} in {self.folder}",
                remedy="fetch it first, or mend the name",
            )
        return found

    def require_whole(self, what: str = "who touched a waiver") -> None:
        """Raise UsageError where this is no repository or its history is cut off.

        what is it that nobody can tell then.
        """
        said = self._words(["rev-parse", "--is-shallow-repository"])
        if said not in {"true", "false"}:
            raise UsageError(
                f"{self.folder} is no Git repository that may be read",
                remedy="name a clone with --repository; Git's safe.directory may be in the way",
            )
        if said == "true":
            raise UsageError(
                f"this clone is shallow, so nobody can tell {what}",
                remedy="run `git fetch --unshallow`",
            )

    def contains(self, older: str, newer: str) -> bool:
        """Whether a commit's history holds another one."""
        words = ["merge-base", "--is-ancestor", older, newer]
        return run(self._command(words), stdin=b"", timeout=_TIMEOUT).code == 0

    def entries(self, commit: str) -> tuple[Entry, ...]:
        """All of a commit's tree in Git's order; raises InvalidDocument where it is too large."""
        data = self.read(["ls-tree", "-r", "-z", "-l", "--full-tree", commit], LIST_LIMIT)
        return tuple(_entry(line) for line in data.split(b"\0") if line)

    def blobs(self, oids: Sequence[str]) -> dict[str, bytes]:
        """Contents by id; the caller has added up their sizes. Raises StorageError."""
        asked = "".join(f"{oid}\n" for oid in dict.fromkeys(oids)).encode()
        done = run(self._command(["cat-file", "--batch"]), stdin=asked, timeout=_TIMEOUT)
        found: dict[str, bytes] = {}
        data, start = done.stdout, 0
        while start < len(data):
            end = data.index(b"\n", start)
            head = data[start:end].decode("ascii", "replace").split(" ")
            if len(head) != 3 or head[1] != "blob":
                break
            size = int(head[2])
            found[head[0]] = data[end + 1 : end + 1 + size]
            start = end + 1 + size + 1
        if done.code != 0 or set(oids) - found.keys():
            raise StorageError(
                f"Git does not give all objects of {self.folder}",
                remedy="run `git fsck`, then fetch again",
            )
        return found

    def read(self, arguments: Sequence[str], limit: int) -> bytes:
        """What a Git command prints, killed as soon as that is more than limit bytes.

        Raises InvalidDocument where it is more, StorageError where Git fails.
        """
        child = _start(self._command(arguments))
        timer = threading.Timer(_TIMEOUT, _kill, [child])
        timer.start()
        try:
            assert child.stdout is not None
            parts, total = [], 0
            while part := child.stdout.read(_CHUNK):
                parts.append(part)
                total += len(part)
                if total > limit:
                    raise InvalidDocument.one(
                        f"`git {arguments[0]}` of this commit gives more than {limit} bytes",
                        remedy="make the tree smaller: names and number of files are bounded",
                    )
            code = child.wait()
        finally:
            timer.cancel()
            _kill(child)
        if code != 0:
            raise StorageError(
                f"`git {arguments[0]}` failed in {self.folder}",
                remedy="run `git fsck`, then fetch again",
            )
        return b"".join(parts)

    def _words(self, arguments: Sequence[str]) -> str:
        done = run(self._command(arguments), stdin=b"", timeout=_TIMEOUT)
        return done.stdout.decode("ascii", "replace").strip() if done.code == 0 else ""

    def _command(self, arguments: Sequence[str]) -> list[str]:
        return [*_GIT, "-C", str(self.folder), *arguments]


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=kept,
            start_new_session=True,
        )
    except OSError as error:
        raise EngineMissing(
            f"git cannot be started: {error.strerror}", remedy="install git"
        ) from error


def _kill(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    if child.stdout is not None and threading.current_thread() is threading.main_thread():
        child.stdout.close()


def _entry(line: bytes) -> Entry:
    facts, _, path = line.partition(b"\t")
    mode, kind, oid, size = facts.decode("ascii").split()
    return Entry(mode, kind, oid, None if size == "-" else int(size), path)
