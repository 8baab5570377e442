"""Waivers of a change: the request in words, its risk, and who must still sign.

Bands, quorum and who is barred are asked of the base's own policies; nothing of that is
decided here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from hallgate.decide.policies import PolicySet
from hallgate.engine.opa import Opa
from hallgate.intake.narrow import a_list, a_text, an_integer, an_object, texts
from hallgate.model.documents import Waiver
from hallgate.model.errors import Fault, Location
from hallgate.model.policy import Policy
from hallgate.model.trust import Trust
from hallgate.model.values import JsonObject, JsonValue
from hallgate.publish.report.text import counted, listed, utc
from hallgate.publish.review.contents import Contents
from hallgate.publish.review.value import WaiverChange

_DAY = 86_400
_WAIVERS = "data.promotion.lib.waivers"
# A word is asked about alone, as if it were about the least risk: then it counts, or nobody's does.
_QUERY = f"""{{
  "bands": [[l, i, {_WAIVERS}.band(l, i)] | some l in numbers.range(1, 5)
    some i in numbers.range(1, 5)],
  "quorum": {_WAIVERS}.quorum,
  "waivers": {{w.id: answer |
    some w in input.waivers
    least := {{"residual": {{"likelihood": 1, "impact": 1}}}}
    counting := [n | some n, word in w.approvals
      {_WAIVERS}.approved(object.union(w, {{"approvals": [word], "risk": least}}))
        with time.now_ns as input.now * 1000000000]
    spoken := {{{{"identity": w.approvals[n].identity, "role": w.approvals[n].role}} |
      some n in counting}}
    approved := count([1 | {_WAIVERS}.approved(w) with time.now_ns as input.now * 1000000000]) > 0
    answer := {{"counting": counting, "approved": approved,
      "matched": data.promotion.lib.approvals.matched(spoken)}}
  }}}}"""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the base's policies say of a waiver's approvals; counting are their positions."""

    band: str
    needs: int
    matched: int
    counting: frozenset[int]
    approved: bool


@dataclass(frozen=True, slots=True)
class Quorum:
    """The risk scale and the standing of each waiver."""

    matrix: Mapping[tuple[int, int], str]
    needs: Mapping[str, int]
    standings: Mapping[str, Standing]


def ask_quorum(engine: Opa, policies: PolicySet, waivers: Sequence[Waiver], at: int) -> Quorum:
    """Ask the policies about waivers as of a time (seconds); raises EngineError."""
    documents = [_asked(one) for one in waivers]
    question: JsonObject = {"now": at, "waivers": cast(JsonValue, documents)}
    said = an_object(engine.evaluate([policies.bundle], _QUERY, question))
    bands = {
        (an_integer(one[0]), an_integer(one[1])): a_text(one[2])
        for one in map(a_list, a_list(said["bands"]))
    }
    needs = {name: an_integer(number) for name, number in an_object(said["quorum"]).items()}
    found = an_object(said["waivers"])
    standings = {}
    for waiver in waivers:
        answer, band = an_object(found[waiver.id]), bands[_cell(waiver.document, "residual")]
        standings[waiver.id] = Standing(
            band, needs[band], an_integer(answer["matched"]),
            frozenset(an_integer(one) for one in a_list(answer["counting"])),
            bool(answer["approved"]),
        )  # fmt: skip
    return Quorum(bands, needs, standings)


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
        approved=standing.approved,
        conflicts=_conflicts(waiver, side.waivers.waivers, at),
        document=waiver.document,
    )


def barred(waiver: Waiver, quorum: Quorum, file: str) -> tuple[Fault, ...]:
    """Approvals that are signed well and yet may not count."""
    standing = quorum.standings[waiver.id]
    remedy = (
        "someone else must sign, now: not the requester, nor who changed the waiver's file, "
        "and with dates that hold"
    )
    return tuple(
        Fault(
            f"{waiver.id}: the approval by {word.identity} does not count", Location(file), remedy
        )
        for number, word in enumerate(waiver.approvals)
        if word.decision == "approve" and number not in standing.counting
    )


def _asked(waiver: Waiver) -> JsonObject:
    """What the question of a quorum reads of a waiver."""
    return {
        "id": waiver.id,
        "requester": waiver.document["requester"],
        "risk": waiver.document["risk"],
        "touched_by": None if waiver.touched_by is None else list(waiver.touched_by),
        "approvals": [
            {
                "identity": word.identity,
                "role": word.role,
                "decision": word.decision,
                "approved_at": word.approved_at,
                "valid_until": word.valid_until,
            }
            for word in waiver.approvals
        ],
    }


def _words(waiver: Waiver, policy: Policy | None, old: Waiver | None, at: int) -> tuple[str, ...]:
    said = waiver.document
    subject, remedy = an_object(said["subject"]), an_object(said["remediation"])
    opened, expires = an_integer(said["opened"]), an_integer(said["expires"])
    claim = f"{said['policy']} ({policy.title})" if policy else f"{said['policy']} (no live policy)"
    digests = texts(subject["digests"])
    keys = "its plain findings" if said["findings"] is None else listed(texts(said["findings"]))
    left = max(0, expires - max(opened, at)) / _DAY
    lines = [
        f"{said['requester']} asks to waive {claim} for {subject['name']} "
        f"to {subject['to_stage']}.",
        f"It reaches {keys}, for {counted(len(digests), 'digest')}: {', '.join(digests)}.",
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
    lines = []
    for number, word in enumerate(waiver.approvals):
        if word.decision != "approve":
            lines.append(f"{word.identity} REJECTS it as {word.role}.")
        elif number in standing.counting:
            lines.append(f"{word.identity} approves it as {word.role}.")
        else:
            lines.append(f"{word.identity} approves it as {word.role}; that DOES NOT COUNT.")
    if waiver.touched_by is None:
        lines.append("Git cannot tell who touched its file, so nobody's approval can count.")
    elif waiver.touched_by:
        lines.append(f"Touched by {listed(waiver.touched_by)}, who cannot approve it.")
    needs = f"Residual risk {standing.band} asks for {counted(standing.needs, 'role')}"
    if standing.approved:
        return (*lines, f"{needs}; that is reached.")
    missing = max(0, standing.needs - standing.matched)
    used = {waiver.approvals[number].role for number in standing.counting}
    roles = sorted(one.role for one in trust.roles if "waiver" in one.approves) or ["(no role)"]
    open_roles = [role for role in roles if role not in used]
    if missing:
        who = listed(open_roles, "or") or "a role that trust/roles.yaml does not have"
        return (*lines, f"{needs}; {missing} must still sign: {who}.")
    return (*lines, f"{needs}; they are there, and yet it is not approved.")


def _conflicts(waiver: Waiver, others: Sequence[Waiver], at: int) -> tuple[str, ...]:
    """Other waivers that reach the same policy and digest while this one is open."""
    mine = _scope(waiver.document)
    found = []
    for other in others:
        shared = mine[1] & _scope(other.document)[1]
        if other.id == waiver.id or mine[0] != _scope(other.document)[0] or not shared:
            continue
        if an_integer(other.document["expires"]) > at:
            what = counted(len(shared), "shared digest")
            found.append(f"{other.id} waives the same policy for the same model ({what})")
    return tuple(found)


def _scope(document: JsonObject) -> tuple[tuple[JsonValue, ...], frozenset[str]]:
    subject = an_object(document["subject"])
    key = (document["policy"], subject["name"], subject["to_stage"])
    return key, frozenset(texts(subject["digests"]))


def _cell(document: JsonObject, name: str) -> tuple[int, int]:
    risk = an_object(an_object(document["risk"])[name])
    return an_integer(risk["likelihood"]), an_integer(risk["impact"])
