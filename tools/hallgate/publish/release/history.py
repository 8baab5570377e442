"""What Git says about a release: the commit, whether the tree is it, and the versions before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hallgate.engine.process import run
from hallgate.intake.tree_objects import Objects
from hallgate.model.errors import StorageError, UsageError
from hallgate.publish.versions.semver import Version

_TIMEOUT = 120.0
# Whatever the repository's own settings say: nothing is run.
GIT = (
    "env", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C",
    "git", "--no-replace-objects", "--no-pager",
    "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null",
    "-c", "advice.detachedHead=false",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class History:
    """A commit and its surroundings.

    changed: files that differ from the commit or are not in it (ignored ones left out); tags: the
    commit of each version's tag; since: commits on the first-parent line after the newest tag that
    the commit holds.
    """

    commit: str
    changed: tuple[str, ...]
    tags: dict[Version, str]
    since: int

    @property
    def latest(self) -> Version | None:
        """The highest version that was released."""
        return max(self.tags, default=None)

    def before(self, version: Version) -> Version | None:
        """The highest version released before this one."""
        return max((one for one in self.tags if one < version), default=None)

    @property
    def next_version(self) -> str:
        """The version of what is merged and not released: it lies between two releases."""
        last = self.latest or Version(0, 0, 0)
        return f"{last.major}.{last.minor}.{last.patch + 1}-next.{self.since}"


def read_history(root: Path) -> History:
    """Facts about HEAD; raises UsageError where there is no whole clone, StorageError."""
    objects = Objects(root)
    objects.require_whole()
    commit = objects.commit("HEAD")
    changed = tuple(
        sorted(line[3:] for line in _lines(root, "status", "--porcelain", "--untracked-files=all"))
    )
    tags: dict[Version, str] = {}
    for line in _lines(root, "tag", "--list", "v*"):
        version = Version.of_tag(line)
        if version is not None and line == f"v{version}":
            tags[version] = objects.commit(f"refs/tags/{line}")
    held = [one for one, where in tags.items() if objects.contains(where, commit)]
    span = f"v{max(held)}..HEAD" if held else "HEAD"
    (count,) = _lines(root, "rev-list", "--count", "--first-parent", span)
    return History(commit, changed, tags, int(count))


def clone_at(root: Path, commit: str, folder: Path) -> Path:
    """A fresh clone of one commit, sharing nothing with the work tree; raises StorageError."""
    git(root, "clone", "--quiet", "--no-hardlinks", "--no-checkout", "--", str(root), str(folder))
    git(folder, "checkout", "--quiet", "--detach", commit)
    return folder


def commit_of_tag(root: Path, tag: str) -> str:
    """The commit of a version's tag; raises UsageError for any other name."""
    version = Version.of_tag(tag)
    if version is None or tag != f"v{version}":
        raise UsageError(f"{tag!r} is no tag of a release", remedy="name it as v1.2.3")
    return Objects(root).commit(f"refs/tags/{tag}")


def git(root: Path, *words: str) -> bytes:
    """What a Git command prints; raises StorageError with what it complains of."""
    command = [*GIT, "-C", str(root), *words]
    done = run(command, stdin=b"", timeout=_TIMEOUT)
    if done.code != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise StorageError(
            f"git {words[0]} failed: {said[-1] if said else f'exit {done.code}'}",
            remedy="run it by hand in the repository to see why",
        )
    return done.stdout


def _lines(root: Path, *words: str) -> Sequence[str]:
    return git(root, *words).decode(errors="replace").splitlines()
