"""What a comparison of two bundles says, before it is rendered."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from hallgate.decide.impact import Impact
from hallgate.model.errors import Fault


class Level(IntEnum):
    """How much a change asks of those who consume it.

    MAJOR: an allowed promotion may become denied at once. MINOR: a policy that is not yet in
    force, or something is looser. PATCH: words. NONE: nothing differs.
    """

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3

    @property
    def word(self) -> str:
        """major, minor, patch or none."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Step:
    """One difference: its level, the policy (empty: all of them), what it is, and who says so.

    source is policies (read from the two bundles), scenario or record (seen by replay).
    """

    level: Level
    policy: str
    what: str
    source: str = "policies"

    @property
    def line(self) -> str:
        """One sentence, as in the changelog."""
        return f"{self.policy}: {self.what}." if self.policy else f"{self.what}."


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two bundles compared as of a time (seconds): steps in order of weight, and the replay.

    told says in words what was replayed; left_out what could not be. refused: what no version
    allows, as a baseline that grows.
    """

    old: str
    new: str
    at: int
    steps: tuple[Step, ...]
    impact: Impact
    told: tuple[str, ...] = ()
    left_out: tuple[Fault, ...] = ()
    refused: tuple[Fault, ...] = ()

    @property
    def level(self) -> Level:
        """The heaviest of all steps."""
        return max((one.level for one in self.steps), default=Level.NONE)
