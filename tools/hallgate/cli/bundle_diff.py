"""`hallgate bundle diff`: what a new bundle may deny, and the version it therefore needs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from hallgate.cli.wiring import time_option
from hallgate.intake.files import read_file
from hallgate.model.errors import UsageError
from hallgate.publish.versions.changelog import written
from hallgate.publish.versions.render import FORMATS
from hallgate.publish.versions.semver import Version
from hallgate.record.files import write_atomic

EXAMPLES = """examples:
  hallgate bundle diff v1.2.0 HEAD
  hallgate bundle diff v1.2.0 HEAD --version 1.3.0 --write
  hallgate bundle diff main HEAD --claimed        # in a pull request: the changelog's new version
  hallgate bundle diff old.tar.gz new.tar.gz --since 1.2.0 --records records/ --format json

OLD and NEW are both bundle files, or both Git revisions. major: an allowed promotion may become
denied at once; minor: a policy that is still pending, or something looser; patch: words.
A track's baseline that grows is refused under any version.
exit codes: 0 compared, 1 --version says too little or a baseline grew, 2 usage,
            3 invalid documents, 4 engine"""

_CHANGELOG = 4 * 1024 * 1024


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this form."""
    parser.add_argument("old", metavar="OLD", help="bundle file or Git revision")
    parser.add_argument("new", metavar="NEW", help="bundle file or Git revision")
    parser.add_argument("--version", metavar="X.Y.Z", help="refuse it where NEW needs a higher one")
    parser.add_argument(
        "--claimed", action="store_true",
        help="compare NEW with the last version before OLD; refuse what NEW's changelog claims",
    )  # fmt: skip
    parser.add_argument(
        "--since",
        metavar="X.Y.Z",
        help="version of OLD (default: OLD, where it is a tag)",
    )
    parser.add_argument("--track", metavar="T", help="as this track of both revisions takes it")
    parser.add_argument("--records", type=Path, metavar="DIR", help="archived decisions to replay")
    parser.add_argument(
        "--at", type=time_option, metavar="TIME", help="when NEW is released (default: now)"
    )
    parser.add_argument("--write", action="store_true", help="write the entry into the changelog")
    parser.add_argument(
        "--changelog", type=Path, metavar="FILE", help="default: the repository's CHANGELOG.md"
    )
    parser.add_argument("--format", choices=tuple(FORMATS), default="table", help="default: table")
    parser.add_argument(
        "--repository", type=Path, metavar="DIR", help="clone to read (default: around this folder)"
    )
    parser.add_argument(
        "--timeout", type=float, default=120.0, metavar="SECONDS", help="for one engine run (120)"
    )
    parser.add_argument("--no-cache", action="store_true", help="ask the engine afresh")
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")


def run(options: argparse.Namespace) -> int:
    """Compare, print, write; 1 where the given version says too little."""
    if options.claimed and not _claimed(options):
        return 0
    since, wanted = _versions(options)
    from hallgate.cli.bundle_sides import changelog_of, compare_sides  # stages scenarios: heavy

    found = compare_sides(options)
    if wanted is not None and found.impact.empty:
        raise UsageError(
            "nothing was replayed, so no version can be confirmed",
            remedy="run in a repository with tests/scenarios, or name --records",
        )
    sys.stdout.write(FORMATS[options.format](found, since))
    if options.write:
        path = options.changelog or changelog_of(options)
        text = read_file(path, _CHANGELOG).decode()
        write_atomic(path, written(text, found).encode())
        sys.stderr.write(f"hallgate: {path}: the entry is under [Unreleased]\n")
    if wanted is not None and since is not None and wanted < since.after(found.level):
        least = since.after(found.level)
        sys.stderr.write(
            f"hallgate: {wanted} says too little: a {found.level.word} change after {since}\n"
            f"  release it as {least} or higher, or leave out what makes it {found.level.word}\n"
        )
        return 1
    return 1 if found.refused else 0


def _claimed(options: argparse.Namespace) -> bool:
    """Put the claim in place of OLD and --version; whether there is one."""
    from hallgate.cli.bundle_claim import claim

    if options.version or options.since:
        raise UsageError("--claimed reads the versions itself", remedy="leave the others out")
    found = claim(options)
    if isinstance(found, str):
        sys.stdout.write(f"{found}\n")
        return False
    last, claimed = found
    options.old, options.version = f"v{last}", str(claimed)
    return True


def _versions(options: argparse.Namespace) -> tuple[Version | None, Version | None]:
    since = Version.parse(options.since) if options.since else Version.of_tag(options.old)
    wanted = Version.parse(options.version) if options.version else None
    if wanted is not None and since is None:
        raise UsageError(
            f"{options.old!r} is no version's tag, so --version cannot be compared",
            remedy="say --since X.Y.Z, the version of OLD",
        )
    return since, wanted
