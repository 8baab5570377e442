"""Emergency overrides of a change, in words."""

from __future__ import annotations

from collections.abc import Iterator

from hallgate.decide.override_checks import override_standings
from hallgate.intake.narrow import an_integer, an_object, texts
from hallgate.model.documents import Override
from hallgate.publish.report.text import listed, utc
from hallgate.publish.review.contents import Contents
from hallgate.publish.review.value import Notes


def override_notes(base: Contents, head: Contents, at: int) -> Notes:
    """What each new or further signed override lets pass, and until when its review is owed.

    Words are proven under the base's trust; how it stands is asked of the base's policies.
    """
    before = {one.id: one for one in base.overrides.overrides}
    changed = [
        one
        for one in head.overrides_by(base.trust).overrides
        if one.id not in before or _said(before[one.id]) != _said(one)
    ]
    stand = override_standings(base.engine, base.policies.bundle, changed, at)
    lines = [line for one in changed for line in _lines(one, stand[one.id]["status"])]
    return Notes("Emergency overrides", tuple(lines))


def _said(override: Override) -> tuple[object, ...]:
    words = [(one.identity, one.role, one.decision) for one in override.approvals]
    return override.digest, sorted(words)


def _lines(override: Override, status: object) -> Iterator[str]:
    said = override.document
    subject = an_object(said["subject"])
    yield (
        f"EMERGENCY {override.id}, {status}: {said['requester']} asks to let {subject['name']} "
        f"{subject['digest']} go to {subject['to_stage']} past {listed(texts(said['policies']))}, "
        f"from {utc(an_integer(said['opened']))} until {utc(an_integer(said['expires']))}."
    )
    yield f"{override.id}: {said['incident']} {said['reason']}"
    yield f"{override.id}, precautions: {'; '.join(texts(said['precautions']))}"
    for word in override.approvals:
        yield f"{override.id}: {word.identity} says {word.decision.upper()}, as {word.role}."
    yield (
        f"{override.id}: its review is owed from the first approval on; {said['owner']} "
        "sees to it. Until it is signed and merged in time, this model is promoted no more."
    )
