"""Sentences that all forms of a review share; nothing of them is escaped."""

from __future__ import annotations

from collections.abc import Iterator

from hallgate.decide.impact import Change, Effect, Impact
from hallgate.model.errors import Fault
from hallgate.model.values import Outcome
from hallgate.publish.report.text import counted, listed
from hallgate.publish.review.value import Reach, Review, WaiverChange

CAUTION = (
    "Replay shows what these cases would get, and nothing about any other: a rule may tell cases "
    "apart that are not here. Read what changed."
)
LIKELIHOOD, IMPACT = "likelihood", "impact"
_KEYS = 6


def fault(of: Fault) -> str:
    """A fault with place and remedy, as one sentence."""
    place = f"{of.where}: " if of.where else ""
    return f"{place}{of.what}. {of.remedy[:1].upper()}{of.remedy[1:]}."


def replayed(reach: Reach) -> str:
    """How much was decided again, and how it came out; nothing is safe where that is nothing."""
    found = reach.impact
    if found.empty:
        return "NOTHING was replayed here, so nothing is known: this calls no change safe."
    return (
        f"{counted(found.replayed, 'decision')} replayed: {found.unchanged:,} unchanged, "
        f"{found.flipped:,} flipped, {len(found.newly_allowed):,} newly allowed, "
        f"{len(found.newly_denied):,} newly denied, {counted(len(found.errors), 'error')}."
    )


def ordered(found: Impact) -> tuple[Effect, ...]:
    """Effects in the order in which they matter: newly allowed first."""
    return tuple(
        sorted(
            found.effects,
            key=lambda one: (not one.newly_allowed, one.error is None, not one.newly_denied),
        )
    )


def verdict(allowed: bool | None) -> str:
    """The answer of one side in a word."""
    return {True: "allowed", False: "denied", None: "no answer"}[allowed]


def answer(effect: Effect) -> str:
    """Both answers, or the one where they agree."""
    old, new = verdict(effect.old_allowed), verdict(effect.new_allowed)
    if effect.newly_allowed:
        return f"{old} → NOW ALLOWED"
    return old if old == new else f"{old} → {new}"


def change(of: Change) -> str:
    """One policy's change of verdict."""
    words = f"{of.policy} {_outcome(of.old)}"
    if of.flips:
        words += f" → {_outcome(of.new)}"
    # A key that stays and is only covered now, or no longer, is told once.
    lost = tuple(one for one in of.lost if not any(new.startswith(f"{one} (") for new in of.gained))
    gained = tuple(
        one for one in of.gained if not any(old.startswith(f"{one} (") for old in of.lost)
    )
    if gained:
        words += f"; found now: {_some(gained)}"
    if lost:
        words += f"; found no longer: {_some(lost)}"
    return words


def _outcome(of: Outcome | None) -> str:
    return "no such policy" if of is None else of.value.replace("_", " ")


def _some(keys: tuple[str, ...]) -> str:
    more = len(keys) - _KEYS
    return listed(keys[:_KEYS]) + (f" and {more} more" if more > 0 else "")


def waiver_title(of: WaiverChange) -> str:
    """A waiver's heading."""
    state = "approved" if of.approved else "NOT approved"
    return f"{of.id} {of.kind}, residual risk {of.band}, {state}"


def cells(of: WaiverChange) -> Iterator[tuple[int, list[tuple[str, str, bool, bool]]]]:
    """Rows of the risk matrix, highest likelihood first: (band, word, residual, inherent)."""
    for likelihood in range(5, 0, -1):
        row = []
        for impact in range(1, 6):
            at = likelihood, impact
            marks = [
                word
                for word, cell in (("residual", of.residual), ("inherent", of.inherent))
                if cell == at
            ]
            row.append((of.matrix[at], ", ".join(marks), at == of.residual, at == of.inherent))
        yield likelihood, row


def empty_sections(review: Review) -> str:
    """The names of sections in which nothing changed, in one sentence."""
    names = [one.title.lower() for one in review.sections if not one.lines]
    return f"Nothing changed in {listed(names, 'or')}." if names else ""
