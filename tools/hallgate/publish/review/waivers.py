"""Waivers of a change: the request in words, its risk, and who must still sign.

Bands, quorum and who is barred are asked of the base's own policies; nothing of that is
decided here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hallgate.decide.policies import PolicySet
from hallgate.decide.waiver_status import Standing, standings_beside
from hallgate.engine.opa import Opa
from hallgate.intake.narrow import a_list, a_text, an_integer, an_object, texts
from hallgate.model.documents import Waiver
from hallgate.model.policy import Policy
from hallgate.model.trust import Trust
from hallgate.model.values import JsonObject, JsonValue
from hallgate.publish.report.text import counted, listed, utc
from hallgate.publish.report.waivers import named_artifacts
from hallgate.publish.review.contents import Contents
from hallgate.publish.review.value import WaiverChange

_DAY = 86_400
_BANDS = (
    "[[l, i, data.promotion.lib.waivers.band(l, i)] | "
    "some l in numbers.range(1, 5); some i in numbers.range(1, 5)]"
)


@dataclass(frozen=True, slots=True)
class Quorum:
    """The bands of the risk scale, and how each waiver stands by id."""

    matrix: Mapping[tuple[int, int], str]
    standings: Mapping[str, Standing]


def ask_quorum(engine: Opa, policies: PolicySet, waivers: Sequence[Waiver], at: int) -> Quorum:
    """Ask the policies about waivers as of a time (seconds); raises EngineError."""
    if not waivers:
        return Quorum({}, {})
    stand, bands = standings_beside(engine, policies.bundle, waivers, at, _BANDS)
    cells = map(a_list, a_list(bands))
    matrix = {(an_integer(one[0]), an_integer(one[1])): a_text(one[2]) for one in cells}
    return Quorum(matrix, stand)


def _idle(standing: Standing) -> dict[str, str]:
    """Approvers whose word does not count, with the reason."""
    outdated, barred = (texts(standing.document[name]) for name in ("outdated", "barred"))
    return dict.fromkeys(outdated, "another rule than today's") | dict.fromkeys(
        barred, "own request or own change of the file"
    )


def changed_waivers(base: Contents, head: Contents) -> tuple[tuple[str, Waiver], ...]:
    """(added, changed or removed, waiver), in order of id; approvals count as a change."""
    before, after = base.by_id(), head.by_id()
    found = []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old is None and new is not None:
            found.append(("added", new))
        elif new is None and old is not None:
            found.append(("removed", old))
        elif old is not None and new is not None and _known(old, base) != _known(new, head):
            found.append(("changed", new))
    return tuple(found)


def _known(waiver: Waiver, side: Contents) -> tuple[object, ...]:
    words = [(one.identity, one.role, one.decision, one.valid_until) for one in waiver.approvals]
    return waiver.digest, side.path(waiver.file), sorted(words)


def describe(
    kind: str, waiver: Waiver, base: Contents, head: Contents, quorum: Quorum, at: int
) -> WaiverChange:
    """One changed waiver in words; waiver is as proven under the base's trust."""
    side = base if kind == "removed" else head
    policy = side.policies.policy(a_text(waiver.document["policy"]))
    standing = quorum.standings[waiver.id]
    return WaiverChange(
        id=waiver.id,
        kind=kind,
        file=side.path(waiver.file),
        words=_words(waiver, policy, base.by_id().get(waiver.id), at),
        matrix=quorum.matrix,
        inherent=_cell(waiver.document, "inherent"),
        residual=_cell(waiver.document, "residual"),
        band=standing.band,
        signers=_signers(waiver, standing, base.trust),
        approved=_approved(standing),
        conflicts=_conflicts(waiver, side.waivers.waivers, at),
        document=waiver.document,
    )


def _words(waiver: Waiver, policy: Policy | None, old: Waiver | None, at: int) -> tuple[str, ...]:
    said = waiver.document
    subject, remedy = an_object(said["subject"]), an_object(said["remediation"])
    opened, expires = an_integer(said["opened"]), an_integer(said["expires"])
    claim = f"{said['policy']} ({policy.title})" if policy else f"{said['policy']} (no live policy)"
    keys = "its plain findings" if said["findings"] is None else listed(texts(said["findings"]))
    left = max(0, expires - max(opened, at)) / _DAY
    lines = [
        f"{said['requester']} asks to waive {claim} for {subject['name']} "
        f"to {subject['to_stage']}.",
        f"It reaches {keys}, for {named_artifacts(waiver)}.",
        f"In force from {utc(opened)} until {utc(expires)}: {(expires - opened) / _DAY:.1f} days, "
        f"{left:.1f} of them from now on. {said['owner']} answers for it.",
        f"Reason: {said['reason']}",
        f"Risk: {an_object(said['risk'])['rationale']}",
        *_instead(said),
        f"To be mended by {utc(an_integer(remedy['due']))}: {remedy['plan']}",
    ]
    if said["renews"] is not None:
        lines.append(f"It renews {said['renews']}.")
    if old is not None and old.digest != waiver.digest:
        names = [name for name in sorted(said) if said[name] != old.document.get(name)]
        lines.append(f"Changed against the base: {listed(names) or 'its text alone'}.")
    return tuple(lines)


def _instead(said: JsonObject) -> list[str]:
    controls = [an_object(one) for one in a_list(said["compensating_controls"])]
    if not controls:
        return ["Nothing is done instead: there is no compensating control."]
    return [f"Instead: {one['control']} (to be seen in {one['evidence']})" for one in controls]


def _signers(waiver: Waiver, standing: Standing, trust: Trust) -> tuple[str, ...]:
    lines, idle = [], _idle(standing)
    for word in waiver.approvals:
        if word.decision != "approve":
            lines.append(f"{word.identity} says {word.decision.upper()}, as {word.role}.")
        elif word.identity in idle:
            why = idle[word.identity]
            lines.append(f"{word.identity} approves it as {word.role}; NOT COUNTED, for {why}.")
        else:
            lines.append(f"{word.identity} approves it as {word.role}.")
    if waiver.touched_by is None:
        lines.append("Git cannot tell who touched its file, so nobody's approval can count.")
    elif waiver.touched_by:
        lines.append(f"Touched by {listed(waiver.touched_by)}, who cannot approve it.")
    lines.append(_missing(waiver, standing, trust))
    return (*lines, *_length(standing), *_width(standing))


def _approved(standing: Standing) -> bool:
    """Whether enough people have signed, whatever its dates."""
    return standing.is_open and standing.status != "proposed"


def _missing(waiver: Waiver, standing: Standing, trust: Trust) -> str:
    needs = f"Residual risk {standing.band} asks for {counted(standing.needed, 'role')}"
    if not standing.is_open:
        return f"{needs}; it is {standing.status}."
    if _approved(standing):
        return f"{needs}; that is reached."
    used = {word.role for word in waiver.approvals if word.identity not in _idle(standing)}
    roles = [one.role for one in trust.roles if "waiver" in one.approves and one.role not in used]
    who = listed(sorted(roles), "or") or "a role that trust/roles.yaml does not have"
    missing = max(1, standing.needed - standing.matched)
    return f"{needs}; {missing} must still sign: {who}."


def _length(standing: Standing) -> tuple[str, ...]:
    if standing.tiers:
        return (f"It is short enough for tier {listed(standing.tiers, 'or')}.",)
    return ("It lasts LONGER than any tier allows, and would never be in force.",)


def _width(standing: Standing) -> tuple[str, ...]:
    if standing.versions is None:
        return ()
    named, most = standing.versions
    if named is None or named > most:
        return (
            f"Its range is WIDER than the {most} versions of one MAJOR.MINOR that are allowed, "
            "and would never be in force.",
        )
    return (
        f"It names {counted(named, 'version')} of the {most} that are allowed. Builds that do "
        "not exist yet could be waived; they cannot be replayed here.",
    )


def _conflicts(waiver: Waiver, others: Sequence[Waiver], at: int) -> tuple[str, ...]:
    """Other waivers of the same policy, model and stage that share a digest with this open one.

    And, whatever their versions, those of a range and beside a range: governance compares.
    """
    found = []
    for other in others:
        if other.id == waiver.id or _scope(other.document) != _scope(waiver.document):
            continue
        if waiver.ranged_model is not None or other.ranged_model is not None:
            what = named_artifacts(other)
        elif shared := {*waiver.digests} & {*other.digests}:
            what = counted(len(shared), "shared digest")
        else:
            continue
        if an_integer(other.document["expires"]) > at:
            found.append(f"{other.id} waives the same policy for the same model ({what})")
    return tuple(found)


def _scope(document: JsonObject) -> tuple[JsonValue, ...]:
    subject = an_object(document["subject"])
    return document["policy"], subject["name"], subject["to_stage"]


def _cell(document: JsonObject, name: str) -> tuple[int, int]:
    risk = an_object(an_object(document["risk"])[name])
    return an_integer(risk["likelihood"]), an_integer(risk["impact"])
