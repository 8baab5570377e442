"""Signs a word about a waiver, and refuses one that would not count."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from hallgate.cli import approval
from hallgate.cli.waiver_show import find
from hallgate.cli.wiring import Workplace, now
from hallgate.decide.waiver_status import standings
from hallgate.intake.narrow import an_integer, texts
from hallgate.model.documents import Approval, Waiver
from hallgate.model.errors import Location, NotProven

_REFUSED = {
    "barred": "asked for this waiver or touched its file, and so cannot approve it",
    "powerless": "neither asked for this waiver nor owns it, and so cannot withdraw it",
}


def speak(options: argparse.Namespace) -> int:
    """Approve, reject, revoke or withdraw; raises NotProven where it would not count."""
    place = Workplace(options)
    moment = now()
    waiver = find(place, options.waiver, moment)
    _refuse(place, options, waiver, moment)
    said = argparse.Namespace(
        request=None,
        waiver=Path(waiver.file),
        identity=options.identity,
        role=options.role,
        key=options.key,
        decision=options.form,
        reason=options.reason,
        conditions=options.conditions,
        valid_days=options.valid_days,
        out=None,
        trust=place.trust_folder,
        repository=place.repository.root,
    )
    return approval.sign(said)


def _refuse(place: Workplace, options: argparse.Namespace, waiver: Waiver, moment: int) -> None:
    """Ask the policies how the waiver would stand with this word, before anything is signed."""
    word = Approval(
        identity=options.identity,
        role=options.role,
        decision=options.form,
        approved_at=moment,
        valid_until=max(moment + 1, an_integer(waiver.document["expires"])),
        file="",
        rule_digest=place.policies.rule_digests.get(str(waiver.document["policy"])),
        published_at=moment,
    )
    asked = replace(waiver, approvals=(word,))
    answer = standings(place.engine, place.policies.bundle, [asked], moment)[waiver.id]
    for name, what in _REFUSED.items():
        if options.identity in texts(answer.document[name]):
            raise NotProven(
                f"{options.identity} {what}",
                remedy="have somebody else sign",
                where=Location(waiver.file),
            )
