"""What a review says, before it is rendered: facts in words, nothing of it escaped yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hallgate.decide.impact import Impact
from hallgate.model.errors import Fault
from hallgate.model.values import JsonObject
from hallgate.publish.report.text import counted


@dataclass(frozen=True, slots=True)
class Notes:
    """One section: a title and its sentences. Empty means nothing changed there."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WaiverChange:
    """One waiver that a change adds, alters or removes.

    words tell the request; matrix holds the bands by likelihood and impact, 1 to 5 each;
    signers tells who has signed, who must still sign and what does not count.
    """

    id: str
    kind: str
    file: str
    words: tuple[str, ...]
    matrix: Mapping[tuple[int, int], str]
    inherent: tuple[int, int]
    residual: tuple[int, int]
    band: str
    signers: tuple[str, ...]
    approved: bool
    conflicts: tuple[str, ...]
    document: JsonObject


@dataclass(frozen=True, slots=True)
class Reach:
    """The blast radius: a question in words, and what the engine answered."""

    title: str
    question: str
    impact: Impact


@dataclass(frozen=True, slots=True)
class Review:
    """The whole review of base..head; refused holds what governance does not permit.

    corpus says in words what could be replayed, left_out what could not. An unreadable
    head has its faults in refused, and nothing else was looked at.
    """

    base: str
    head: str
    at: int
    refused: tuple[Fault, ...]
    waivers: tuple[WaiverChange, ...]
    reaches: tuple[Reach, ...]
    corpus: tuple[str, ...]
    left_out: tuple[Fault, ...]
    sections: tuple[Notes, ...]
    unreadable: bool = False

    @classmethod
    def of_faults(cls, base: str, head: str, at: int, faults: tuple[Fault, ...]) -> Review:
        """A review that ends where the head's documents cannot be read."""
        return cls(base, head, at, faults, (), (), (), (), (), unreadable=True)

    @property
    def headline(self) -> str:
        """One sentence with the answer; never that a change is safe."""
        if self.unreadable:
            return "INVALID: documents of the head cannot be read, so nothing was reviewed."
        if self.refused:
            return f"REFUSED: governance refuses {counted(len(self.refused), 'thing')}."
        if all(one.impact.empty for one in self.reaches):
            return "REVIEWED, and nothing was replayed: its effect is unknown."
        flipped = sum(one.impact.flipped for one in self.reaches)
        allowed = {effect.case for one in self.reaches for effect in one.impact.newly_allowed}
        flips, opened = counted(flipped, "decision"), counted(len(allowed), "promotion")
        return f"REVIEWED: {flips} changed, {opened} newly allowed."

    @property
    def exit_code(self) -> int:
        """3 where the head cannot be read, 1 where governance refuses, else 0."""
        if self.unreadable:
            return 3
        return 1 if self.refused else 0
