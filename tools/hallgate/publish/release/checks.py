"""What must hold before a release: tree, version, changelog. Every fault, in one pass."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from hallgate.model.errors import Fault, Location, UsageError
from hallgate.publish.bundle.version import is_prerelease, version_order
from hallgate.publish.release.history import History
from hallgate.publish.versions.semver import Version

_HEADING = re.compile(r"^## \[([^\]]+)\](.*)$", re.MULTILINE)
_DATED = re.compile(r" - \d{4}-\d{2}-\d{2}\s*")


def release_faults(
    root: Path, history: History, version: str, channel: str, installed: str
) -> tuple[Fault, ...]:
    """What stands against releasing HEAD as this version; nothing where it may be released.

    installed is the version of the hallgate that runs. Raises UsageError where version is none.
    """
    version_order(version)
    return (
        *_tree(root, history),
        *_packaged(
            root / "pyproject.toml", installed, "the installed hallgate is", "run `make dev`"
        ),
        *(_stable(root, history, version) if channel == "stable" else _next(history, version)),
    )


def _tree(root: Path, history: History) -> Iterator[Fault]:
    for path in history.changed:
        yield Fault(
            "differs from the commit, or is not in it",
            Location(str(root / path)),
            "commit it, or move it away: a release is built from a commit alone",
        )


def _stable(root: Path, history: History, version: str) -> Iterator[Fault]:
    if is_prerelease(version) or "+" in version:
        yield Fault(
            f"{version} is no version for stable",
            None,
            "write MAJOR.MINOR.PATCH; what comes before a release goes to the channel next",
        )
        return
    wanted = Version.parse(version)
    tagged = history.tags.get(wanted)
    latest = history.latest
    if tagged is not None and tagged != history.commit:
        yield Fault(
            f"v{wanted} is the tag of another commit, {tagged[:12]}",
            None,
            "check that commit out, or choose the next version; a version is never used twice",
        )
    elif latest is not None and wanted < latest:
        yield Fault(
            f"{wanted} is not above {latest}, which is released",
            None,
            f"choose a version above {latest}: `hallgate bundle diff v{latest} HEAD` says which",
        )
    remedy = f'write version = "{version}" and run `make dev`'
    yield from _packaged(root / "pyproject.toml", version, "the release is", remedy)
    yield from _changelog(root / "CHANGELOG.md", version)


def _next(history: History, version: str) -> Iterator[Fault]:
    latest = history.latest
    if latest is not None and version_order(version) <= version_order(str(latest)):
        yield Fault(
            f"{version} is not above {latest}, which is released",
            None,
            f"leave --version out: it would be {history.next_version}",
        )


def _packaged(path: Path, version: str, what: str, remedy: str) -> Iterator[Fault]:
    """Where the repository is also the Python package, all have one version."""
    if not path.is_file():
        return
    try:
        project = tomllib.loads(path.read_text(encoding="utf-8")).get("project", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no TOML: {error}", remedy="mend it") from error
    said = project.get("version")
    if project.get("name") == "hallgate" and said != version:
        yield Fault(f"says version {said}, and {what} {version}", Location(str(path)), remedy)


def _changelog(path: Path, version: str) -> Iterator[Fault]:
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    sections = _sections(text)
    names = [name for name, _, _, _ in sections]
    if version not in names:
        yield Fault(
            f"has no section for {version}",
            Location(str(path)),
            f"write `## [{version}] - YYYY-MM-DD` and move there what stands under Unreleased",
        )
    for name, rest, body, line in sections:
        where = Location(str(path), line)
        if name == version and not _DATED.fullmatch(rest):
            yield Fault(
                f"the section of {version} has no date", where, "write [X.Y.Z] - YYYY-MM-DD"
            )
        if name == version and not body:
            yield Fault(f"the section of {version} is empty", where, "say what changes, for whom")
        if name.casefold() == "unreleased" and body:
            words = f"move it into the section of {version}, or release from a later commit"
            yield Fault("something is still unreleased", where, words)
    if names.count(version) > 1:
        yield Fault(f"{version} has two sections", Location(str(path)), "keep one")


def _sections(text: str) -> list[tuple[str, str, str, int]]:
    """Name, rest of the heading, body without titles, and line of each section."""
    found = list(_HEADING.finditer(text))
    ends = [one.start() for one in found[1:]] + [len(text)]
    return [
        (
            one[1],
            one[2],
            "\n".join(
                line
                for line in text[one.end() : end].splitlines()
                if line.strip() and not line.startswith("#")
            ),
            text.count("\n", 0, one.start()) + 1,
        )
        for one, end in zip(found, ends, strict=True)
    ]
