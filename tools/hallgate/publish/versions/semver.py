"""Semantic Versioning 2.0.0 (semver.org), of which a release needs three numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hallgate.publish.bundle.version import version_order
from hallgate.publish.versions.value import Level

_FORM = re.compile(r"v?(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})")


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """X.Y.Z."""

    major: int
    minor: int
    patch: int

    @classmethod
    def parse(cls, text: str) -> Version:
        """The numbers of a version, with or without a v; a pre-release counts as its release.

        Raises UsageError.
        """
        return cls(*version_order(text.removeprefix("v"))[0])

    @classmethod
    def of_tag(cls, text: str) -> Version | None:
        """The version a Git tag names, None for any other name."""
        found = _FORM.fullmatch(text.rpartition("/")[2])
        return cls(*map(int, found.groups())) if found else None

    def after(self, level: Level) -> Version:
        """The least version that a change of this level may have.

        Before 1.0.0 each number stands one place further right (semver.org, clause 4, lets
        anything change there; consumers who pin 0.Y still learn of what may deny).
        """
        if level is Level.NONE:
            return self
        if self.major == 0:
            if level is Level.MAJOR:
                return Version(0, self.minor + 1, 0)
            return Version(0, self.minor, self.patch + 1)
        if level is Level.MAJOR:
            return Version(self.major + 1, 0, 0)
        if level is Level.MINOR:
            return Version(self.major, self.minor + 1, 0)
        return Version(self.major, self.minor, self.patch + 1)

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"
