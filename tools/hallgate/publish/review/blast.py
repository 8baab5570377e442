"""The blast radius: archived decisions and scenarios decided again under base and head."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from hallgate.decide.compose import waiver_bundle
from hallgate.decide.impact import THEN, Case, Moment, Say, Side, impact, impacts, joined
from hallgate.engine.bundle import Bundle
from hallgate.intake.narrow import a_text, an_integer, an_object
from hallgate.model.decision import Decision
from hallgate.model.documents import Approval, Override, Request, Waiver
from hallgate.model.errors import Fault
from hallgate.publish.review.contents import Contents
from hallgate.publish.review.value import Reach
from hallgate.publish.review.waivers import Quorum

Subject = tuple[str, object, object]  # digest and name of a model, and the stage
_FAR = int(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp())


@dataclass(frozen=True, slots=True)
class Corpus:
    """What can be replayed.

    Waivers and overrides are those that scenarios bring along; newest names the latest record
    of each model and stage; told says in words what is there, left_out what could not be used;
    decided are the archived decisions themselves, newest last.
    """

    cases: tuple[Case, ...]
    old_waivers: tuple[Waiver, ...]
    new_waivers: tuple[Waiver, ...]
    newest: frozenset[str]
    told: tuple[str, ...]
    left_out: tuple[Fault, ...]
    decided: tuple[tuple[Request, Decision], ...]
    old_overrides: tuple[Override, ...] = ()
    new_overrides: tuple[Override, ...] = ()


def reaches(
    base: Contents,
    head: Contents,
    corpus: Corpus,
    changed: Sequence[tuple[str, Waiver]],
    quorum: Quorum,
    at: int,
    say: Say,
) -> tuple[Reach, ...]:
    """What flips then, on each new waiver's last day, today, and when a policy takes effect."""
    asked = {
        waiver.id: waiver
        for kind, waiver in changed
        if kind != "removed" and quorum.standings[waiver.id].is_open
    }
    subjects = {case.name: _subjects(case) for case in corpus.cases}
    touched = _touched(subjects, [waiver for _, waiver in changed])
    signed = [one for one in head.waivers.waivers if one.id not in asked]
    when = {case.name: case.time for case in corpus.cases}
    for name, one in asked.items():
        signed += _as_if_signed(one, head, quorum, {when[case] for case in touched[name]})
    sides = _Sides(base, head, corpus)
    # A waiver's end moves decisions of the models it names, and of no other.
    ends = [
        Moment(f"last second of {name}", an_integer(one.document["expires"]) - 1, touched[name])
        for name, one in sorted(asked.items())
        if touched[name]
    ]
    now = corpus.newest.union(*touched.values())
    later = [
        Moment(f"{name} takes effect", day, corpus.newest)
        for name, day in sorted(_taking_effect(base, head, at).items())
    ]
    names = _near(base, head, changed, subjects)
    near = [case for case in corpus.cases if case.name in names]
    far = [case for case in corpus.cases if case.name not in names]
    then = (Moment(THEN), *ends)
    today, merged = (Moment("today", at, now), *later), head.waivers.waivers
    found = []
    for cases in (near, far):
        supposed = sides.of(cases, signed, _AS_IF)
        as_it_is = sides.of(cases, merged, _AS_IT_IS)
        found.append(
            # Mostly both have the same waivers, and are asked in one run.
            impacts(*supposed, cases, (then, today), say=say)
            if _digests(supposed) == _digests(as_it_is)
            else (
                impact(*supposed, cases, moments=then, say=say),
                impact(*as_it_is, cases, moments=today, say=say),
            )
        )
    first, second = (joined(*some) for some in zip(*found, strict=True))
    return (
        Reach("If everything were signed", _SUPPOSED, first),
        Reach("Today, as it would be merged", _MERGED, second),
    )


def _digests(sides: Sequence[Side]) -> list[str | None]:
    return [one.waivers.digest if one.waivers else None for one in sides]


def _near(
    base: Contents,
    head: Contents,
    changed: Sequence[tuple[str, Waiver]],
    subjects: Mapping[str, Collection[Subject]],
) -> frozenset[str]:
    """Cases that a changed waiver may be about: it counts by the digest or the range it names.

    The others are decided with the waivers of theirs alone: where nothing else differs, once for
    both sides.
    """
    moved = [
        known
        for side in (base, head)
        for _, waiver in changed
        if (known := side.by_id().get(waiver.id)) is not None
    ]
    digests = {digest for one in moved for digest in one.digests}
    models = {one.ranged_model for one in moved}
    return frozenset(
        case
        for case, found in subjects.items()
        if any(digest in digests or model in models for digest, model, _ in found)
    )


@dataclass(frozen=True, slots=True)
class _Sides:
    base: Contents
    head: Contents
    corpus: Corpus

    def of(self, cases: Sequence[Case], waivers: Sequence[Waiver], label: str) -> tuple[Side, Side]:
        """Base and head with the waivers about these cases; the head's are those given."""
        subjects = {one for case in cases for one in _subjects(case)}
        before = (*self.base.waivers.waivers, *self.corpus.old_waivers)
        after = (*waivers, *self.corpus.new_waivers)
        base, head, corpus = self.base, self.head, self.corpus
        old = _bundle(before, (*base.overrides.overrides, *corpus.old_overrides), subjects)
        new = _bundle(after, (*head.overrides.overrides, *corpus.new_overrides), subjects)
        return (
            Side("the base", base.engine, base.policies.rules, old),
            Side(label, head.engine, head.policies.rules, new),
        )


_AS_IF, _AS_IT_IS = "the head, its waivers as if signed", "the head as it is"
_SUPPOSED = (
    "Every case at its own time, with each added or changed waiver as if signed by all it needs "
    "and in force already; and the models a waiver names on its last second."
)
_MERGED = (
    "The newest decision of each model and stage, and every case a changed waiver names, decided "
    "today with the approvals there are; and on the day a changed policy takes effect."
)


def _taking_effect(base: Contents, head: Contents, at: int) -> Mapping[str, int]:
    before = {one.id: one.effective_from for one in base.policies.catalog}
    return {
        one.id: one.effective_from
        for one in head.policies.catalog
        if one.effective_from > at and before.get(one.id) != one.effective_from
    }


def _bundle(
    waivers: Sequence[Waiver],
    overrides: Sequence[Override],
    subjects: Collection[Subject],
) -> Bundle:
    digests = frozenset(digest for digest, _, _ in subjects)
    models = frozenset(str(name) for _, name, _ in subjects)
    return waiver_bundle(waivers, 0, digests, overrides=overrides, models=models)


def _as_if_signed(
    waiver: Waiver, head: Contents, quorum: Quorum, times: Collection[int]
) -> list[Waiver]:
    """The waiver with as many made-up approvals as its risk asks for.

    Once as it is, and begun earlier until it is in force at each of the times: always of the
    same length, so that what is too long stays too long.
    """
    needed = quorum.standings[waiver.id].needed
    rule = head.policies.rule_digests.get(a_text(waiver.document["policy"]))
    words = tuple(
        Approval(
            f"(as if signed {n})", f"(role {n})", "approve", 0, _FAR, waiver.file, rule_digest=rule
        )
        for n in range(needed)
    )
    signed = replace(waiver, approvals=words, touched_by=())
    length = an_integer(waiver.document["expires"]) - an_integer(waiver.document["opened"])
    return [
        signed,
        *(
            replace(signed, document={**waiver.document, "opened": at, "expires": at + length})
            for at in beginnings(times, length)
        ),
    ]


def beginnings(times: Collection[int], length: int) -> list[int]:
    """The fewest times such that what begins at them, and lasts so long, covers all of these."""
    found: list[int] = []
    for when in sorted(times):
        if not found or when >= found[-1] + length:
            found.append(when)
    return found


def _touched(
    subjects: Mapping[str, Collection[Subject]], waivers: Sequence[Waiver]
) -> dict[str, frozenset[str]]:
    """By waiver the cases about a model, digest and stage that it names; of a range any digest.

    Whether a version lies in the range is decided with the case.
    """
    about: dict[tuple[object, ...], set[str]] = {}
    for case, found in subjects.items():
        for digest, name, stage in found:
            about.setdefault((digest, name, stage), set()).add(case)
            about.setdefault((name, stage), set()).add(case)
    touched = {}
    for waiver in waivers:
        subject = an_object(waiver.document["subject"])
        place = (subject["name"], subject["to_stage"])
        named: list[tuple[object, ...]] = [(digest, *place) for digest in waiver.digests]
        if waiver.ranged_model is not None:
            named.append(place)
        touched[waiver.id] = frozenset().union(*(about.get(one, ()) for one in named))
    return touched


def _subjects(case: Case) -> set[Subject]:
    found: set[Subject] = set()
    for document in (case.old, case.new):
        if not isinstance(document, str):
            request = an_object(document["request"])
            model = an_object(request["model"])
            found.add((str(model["digest"]), model["name"], request["to_stage"]))
    return found
