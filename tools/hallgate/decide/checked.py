"""What a check of a repository looked at, part by part."""

from __future__ import annotations

from dataclasses import dataclass

from hallgate.model.errors import Fault


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the repository: how many documents it has, and their faults.

    skipped says why a part could not be looked at, None where it was.
    """

    name: str
    documents: int
    faults: tuple[Fault, ...]
    skipped: str | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """Everything that was looked at.

    findings are approvals that do not count, and what policies/checks refuse in waivers
    and policies.
    """

    parts: tuple[Part, ...]
    findings: tuple[Fault, ...]

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All faults of documents, in order of part."""
        return tuple(fault for part in self.parts for fault in part.faults)

    @property
    def clean(self) -> bool:
        """Whether every part was looked at and nothing was found."""
        return not self.findings and all(
            not part.faults and part.skipped is None for part in self.parts
        )
