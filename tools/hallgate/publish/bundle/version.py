"""Versions of what is published, ordered as Semantic Versioning 2.0.0 orders them (section 11)."""

from __future__ import annotations

import re

from hallgate.model.errors import UsageError

_VERSION = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
    r"(?:-((?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*))?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?",
    re.ASCII,
)

Order = tuple[tuple[int, int, int], bool, tuple[tuple[bool, int, str], ...]]


def version_order(text: str) -> Order:
    """A key that sorts versions; build metadata does not count. Raises UsageError for no version.

    A pre-release comes before its release, numbers before words, fewer parts before more.
    """
    found = _VERSION.fullmatch(text)
    if found is None:
        raise UsageError(
            f"{text!r} is no version", remedy="write MAJOR.MINOR.PATCH, as semver.org says"
        )
    numbers = (int(found[1]), int(found[2]), int(found[3]))
    parts = found[4].split(".") if found[4] else []
    early = tuple((not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts)
    return numbers, not parts, early


def is_prerelease(text: str) -> bool:
    """Whether a version comes before a release; raises UsageError for no version."""
    return not version_order(text)[1]
