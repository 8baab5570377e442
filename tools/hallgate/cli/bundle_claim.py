"""What version a pull request claims: the newest section of its changelog, after the last tag."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from hallgate.intake.repository import Repository
from hallgate.intake.tree_objects import Objects
from hallgate.model.errors import StorageError
from hallgate.publish.release.history import git
from hallgate.publish.versions.semver import Version

_SECTION = re.compile(r"^## \[(\d+\.\d+\.\d+)\]", re.MULTILINE)


def claim(options: argparse.Namespace) -> tuple[Version, Version] | str:
    """The last version released before OLD, and the one that NEW's changelog claims after it.

    A text says why there is nothing to compare. Only Git objects are read: NEW is not checked
    out. Raises StorageError and UsageError where a revision is not there.
    """
    folder: Path = options.repository or Path.cwd()
    root = Repository.find(folder.resolve()).root
    objects = Objects(root)
    old, new = objects.commit(options.old), objects.commit(options.new)
    tags = git(root, "tag", "--merged", old, "--list", "v*").decode(errors="replace").split()
    released = [found for tag in tags if (found := Version.of_tag(tag)) and tag == f"v{found}"]
    if not released:
        return f"no version is released at {options.old}: any may come first"
    last = max(released)
    try:
        text = git(root, "show", f"{new}:CHANGELOG.md").decode(errors="replace")
    except StorageError:
        return f"{options.new} has no CHANGELOG.md: it claims no version after {last}"
    claimed = max((Version.parse(one) for one in _SECTION.findall(text)), default=last)
    if claimed <= last:
        return f"{options.new} claims no version after {last}"
    return last, claimed
