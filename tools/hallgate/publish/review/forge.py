"""Reviews of the forge in the report: told, and told not to count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hallgate.intake.forge_reviews import ForgeReview
from hallgate.publish.report.text import utc
from hallgate.publish.review.value import Notes, Review

_WORDS = {
    "APPROVED": "approved",
    "CHANGES_REQUESTED": "asked for changes",
    "COMMENTED": "commented",
    "DISMISSED": "was dismissed",
    "PENDING": "has not finished",
}
NEVER = (
    "Supporting evidence alone: what somebody clicked on the forge is nobody's signature, and "
    "none of this counts towards any quorum."
)


def with_forge_reviews(review: Review, found: Sequence[ForgeReview]) -> Review:
    """The review with a section of what accounts of the forge said."""
    lines = [_line(one, review.head) for one in found]
    notes = Notes("Reviews on the forge", (*lines, NEVER) if lines else ())
    return replace(review, sections=(*review.sections, notes))


def _line(of: ForgeReview, head: str) -> str:
    when = f" at {utc(of.at)}" if of.at is not None else ""
    other = of.commit is not None and of.commit != head
    about = f", about {of.commit[:12]}, which is NOT this head" if other and of.commit else ""
    return f"{of.account} {_WORDS[of.said]}{when}{about}."
