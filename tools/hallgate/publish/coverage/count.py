"""What policies and scenarios cover of each framework, at one time.

The denominator is what the register lists of the framework and whether that is all of it; what
has lapsed by then is left out and counted. A citation alone proves nothing: a control is
automated only where the register says that policies decide all of it, every policy that cites it
is in force, and a scenario that proves it is blocked by one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hallgate.model.law import Control, Extent
from hallgate.model.policy import Policy

AUTOMATED, PARTLY, MANUAL, NOT_COVERED = "automated", "partly", "manual", "not covered"
STATES = (AUTOMATED, PARTLY, MANUAL, NOT_COVERED)


@dataclass(frozen=True, slots=True)
class Proof:
    """A scenario: its name (sector/file), controls it proves, policies that block in it."""

    name: str
    proves: tuple[str, ...]
    blocked_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One control with its state; why says what is missing, or who does it by hand."""

    control: Control
    standing: str
    state: str
    policies: tuple[str, ...]
    scenarios: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Covered:
    """One framework: its rows, and how many controls had lapsed."""

    framework: str
    denominator: str
    whole: bool
    rows: tuple[Row, ...]
    lapsed: int

    def number(self, state: str) -> int:
        """Controls in this state."""
        return sum(row.state == state for row in self.rows)


def coverage(
    controls: Sequence[Control],
    extents: Iterable[Extent],
    policies: Sequence[Policy],
    proofs: Sequence[Proof],
    when: int,
) -> tuple[Covered, ...]:
    """Every framework of the register at a time in seconds, in order of id."""
    said = {extent.framework: extent for extent in extents}
    names = sorted({control.framework for control in controls})
    return tuple(
        _covered(
            name,
            [one for one in controls if one.framework == name],
            said.get(name) or _unsaid(name),
            policies,
            proofs,
            when,
        )
        for name in names
    )


def _unsaid(name: str) -> Extent:
    words = "controls that policies cite; the rest is not in the register"
    return Extent(name, False, words, (), ())


def _covered(
    name: str,
    controls: Sequence[Control],
    extent: Extent,
    policies: Sequence[Policy],
    proofs: Sequence[Proof],
    when: int,
) -> Covered:
    alive = [one for one in controls if one.standing_at(when) != "lapsed"]
    rows = tuple(_row(one, extent, policies, proofs, when) for one in alive)
    return Covered(name, extent.denominator, extent.whole, rows, len(controls) - len(alive))


def _row(
    control: Control,
    extent: Extent,
    policies: Sequence[Policy],
    proofs: Sequence[Proof],
    when: int,
) -> Row:
    citing = [one for one in policies if control.name in one.controls]
    active = {one.id for one in citing if one.effective_from <= when}
    proving = [one for one in proofs if control.name in one.proves and active & set(one.blocked_by)]
    by_people = dict(extent.manual).get(control.id)
    state, why = _state(control.id in extent.automated, active, proving, by_people)
    return Row(
        control,
        control.standing_at(when),
        state,
        tuple(sorted(active)),
        tuple(sorted(one.name for one in proving)),
        why,
    )


def _state(
    entirely: bool, active: set[str], proving: Sequence[Proof], by_people: str | None
) -> tuple[str, str]:
    if active and proving:
        if entirely:
            return AUTOMATED, ""
        return PARTLY, by_people or "a part of it is decided; the rest is not ours to see"
    if by_people is not None:
        return MANUAL, by_people
    if active:
        return NOT_COVERED, "cited, and no scenario shows that it blocks"
    return NOT_COVERED, "no policy in force cites it"
