"""The commit a tree is exactly, told by Git."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hallgate.engine.process import run
from hallgate.intake.repository import Repository
from hallgate.intake.tree_objects import Objects
from hallgate.model.errors import EngineMissing, UsageError

_TIMEOUT = 60.0
# Whatever the repository's own settings say: nothing is run, and nothing written.
_GIT = (
    "env", "GIT_OPTIONAL_LOCKS=0", "LC_ALL=C", "git", "--no-replace-objects",
    "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null",
)  # fmt: skip


def source_commit(
    repository: Repository, folders: Sequence[Path] | None = None
) -> tuple[str | None, str]:
    """The commit whose files a bundle is built from, or None and why there is none.

    Files that are changed, or that Git does not know or ignores, make it none: they could
    ship, and nobody could build the bundle again from the commit.

    folders are those that are read: by default those of a policy bundle.
    """
    if folders is None:
        folders = (
            repository.policies,
            repository.evidence_schemas,
            repository.frameworks,
            repository.tracks,
        )
    try:
        names = [str(one.relative_to(repository.root)) for one in folders if one.is_dir()]
    except ValueError:
        return None, "trust or waivers lie outside the repository"
    words = ["status", "--porcelain", "--untracked-files=all", "--ignored", "--", *names]
    try:
        commit = Objects(repository.root).commit("HEAD")
        done = run([*_GIT, *words], stdin=b"", timeout=_TIMEOUT, cwd=repository.root)
    except (EngineMissing, UsageError) as error:
        return None, f"Git names no commit of it: {error.what}"
    if done.code != 0:
        return None, "Git could not compare the files with the commit"
    changed = sorted(line[3:] for line in done.stdout.decode(errors="replace").splitlines())
    if changed:
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        return None, f"not as in the commit: {changed[0]}{more}"
    return commit, ""
