"""What a change of policies or waivers does to decisions: one function for all who ask.

Review, replay and bundle versions differ in their sides and cases alone. Every case is
decided under both sides by the engine; nothing is concluded from reading the change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from hallgate.decide.compose import at
from hallgate.decide.judge import Rules, judge_many, judge_served
from hallgate.engine.bundle import Bundle
from hallgate.engine.opa import Opa
from hallgate.engine.served import served
from hallgate.model.decision import Decision, Verdict
from hallgate.model.errors import EngineError
from hallgate.model.values import JsonObject, Outcome

# From so many on a server is worth its start.
_MANY = 50
SCENARIO, RECORD = "scenario", "record"
THEN = "then"

Say = Callable[[str], None]
Answer = Decision | EngineError | str


@dataclass(frozen=True, slots=True)
class Side:
    """What decides: an engine, policies, and a waiver bundle or None."""

    label: str
    engine: Opa
    rules: Rules
    waivers: Bundle | None


@dataclass(frozen=True, slots=True)
class Case:
    """One promotion to decide again; origin is scenario or record.

    The input documents differ where trust or schemas do. A text in place of one says why
    that side has none. time, in seconds, is when the promotion was decided.
    """

    name: str
    origin: str
    old: JsonObject | str
    new: JsonObject | str
    time: int


@dataclass(frozen=True, slots=True)
class Moment:
    """A time at which cases are decided; at None it is each case's own.

    only names the cases that are asked about, None all of them.
    """

    label: str
    at: int | None = None
    only: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One policy's verdict that is not what it was.

    An outcome is None where that side has no such policy. Keys of findings are
    those shown; gained and lost count as well what a waiver covers or no longer covers.
    """

    policy: str
    old: Outcome | None
    new: Outcome | None
    gained: tuple[str, ...]
    lost: tuple[str, ...]

    @property
    def flips(self) -> bool:
        """Whether the outcome itself differs."""
        return self.old is not self.new


@dataclass(frozen=True, slots=True)
class Effect:
    """What happens to one case at one moment; allowed is None where there is no answer."""

    case: str
    origin: str
    moment: str
    at: int
    old_allowed: bool | None
    new_allowed: bool | None
    changes: tuple[Change, ...]
    error: str | None

    @property
    def newly_allowed(self) -> bool:
        """Whether only the new side allows the promotion."""
        return self.new_allowed is True and self.old_allowed is not True

    @property
    def newly_denied(self) -> bool:
        """Whether only the old side allows the promotion."""
        return self.old_allowed is True and self.new_allowed is not True


@dataclass(frozen=True, slots=True)
class Impact:
    """All effects that differ in anything, in order of case, and how much was decided.

    replayed counts decisions asked of each side; unchanged those that agree in every
    verdict and finding; flipped those with another outcome of a policy or of the whole.
    """

    effects: tuple[Effect, ...]
    replayed: int
    unchanged: int

    @property
    def flipped(self) -> int:
        """How many decisions have a policy, or the whole, come out otherwise."""
        return sum(
            one.old_allowed is not one.new_allowed or any(change.flips for change in one.changes)
            for one in self.effects
        )

    @property
    def newly_allowed(self) -> tuple[Effect, ...]:
        """What only the new side allows."""
        return tuple(one for one in self.effects if one.newly_allowed)

    @property
    def newly_denied(self) -> tuple[Effect, ...]:
        """What only the old side allows."""
        return tuple(one for one in self.effects if one.newly_denied)

    @property
    def errors(self) -> tuple[Effect, ...]:
        """Where a side gave no complete answer."""
        return tuple(one for one in self.effects if one.error is not None)

    @property
    def empty(self) -> bool:
        """Whether nothing was decided: then nothing is known, least of all that it is safe."""
        return self.replayed == 0


def joined(*found: Impact) -> Impact:
    """The impacts on several parts of one corpus as one."""
    return Impact(
        tuple(effect for one in found for effect in one.effects),
        sum(one.replayed for one in found),
        sum(one.unchanged for one in found),
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    case: Case
    moment: Moment
    at: int


def impact(
    old: Side,
    new: Side,
    corpus: Sequence[Case],
    *,
    moments: Sequence[Moment] = (Moment(THEN),),
    say: Say = lambda _: None,
) -> Impact:
    """Decide every case under both sides at every moment, in one engine run per side.

    say is told what is about to be done. A side that gives no complete answer to a case is
    an effect with an error, never an allow.
    """
    return impacts(old, new, corpus, (moments,), say=say)[0]


def impacts(
    old: Side,
    new: Side,
    corpus: Sequence[Case],
    questions: Sequence[Sequence[Moment]],
    *,
    say: Say = lambda _: None,
) -> tuple[Impact, ...]:
    """As impact(), an answer for each list of moments, all in one engine run per side."""
    by_question = [
        [
            _Asked(case, moment, case.time if moment.at is None else moment.at)
            for moment in moments
            for case in corpus
            if moment.only is None or case.name in moment.only
        ]
        for moments in questions
    ]
    asked = [one for some in by_question for one in some]
    before = _answers(old, [(one.case.old, one.at) for one in asked], say)
    same = _same_program(old, new)
    fresh = [one for one in asked if not (same and one.case.old is one.case.new)]
    # The base's own policies are no stranger's: they need no closed list of builtins.
    alike = old.rules.bundle.digest == new.rules.bundle.digest
    after_side = replace(new, engine=old.engine) if alike else new
    later = iter(_answers(after_side, [(one.case.new, one.at) for one in fresh], say))
    wanted = {id(one) for one in fresh}
    # One program and one input have one answer; it is not computed twice.
    after = [
        next(later) if id(one) in wanted else first
        for one, first in zip(asked, before, strict=True)
    ]
    found = zip(asked, before, after, strict=True)
    return tuple(_impact(islice(found, len(some)), len(some)) for some in by_question)


def _impact(found: Iterable[tuple[_Asked, Answer, Answer]], count: int) -> Impact:
    effects = tuple(
        effect for one, first, second in found if _differs(effect := _effect(one, first, second))
    )
    return Impact(effects, count, count - len(effects))


def _same_program(old: Side, new: Side) -> bool:
    digests = [one.waivers.digest if one.waivers else None for one in (old, new)]
    return old.rules.bundle.digest == new.rules.bundle.digest and digests[0] == digests[1]


def _answers(side: Side, asked: Sequence[tuple[JsonObject | str, int]], say: Say) -> list[Answer]:
    # Several moments may ask one case at one time: waivers often end together.
    once = {(id(one), when): one for one, when in asked if not isinstance(one, str)}
    if once:
        say(f"deciding {len(once):,} promotions under {side.label}")
    decided = _decided(side, [at(one, when) for (_, when), one in once.items()])
    known = dict(zip(once, decided, strict=True))
    return [one if isinstance(one, str) else known[id(one), when] for one, when in asked]


def _decided(side: Side, documents: Sequence[JsonObject]) -> tuple[Decision | EngineError, ...]:
    """Few in one engine run; many by a server, which compiles each schema once for all.

    A server takes no list of what policies may call: a stranger's never run on one.
    """
    if len(documents) < _MANY or side.engine.capabilities is not None:
        return judge_many(side.engine, side.rules, side.waivers, documents, replay=True)
    bundles = [side.rules.bundle, *([side.waivers] if side.waivers else [])]
    with served(side.engine, bundles) as server:
        answers = judge_served(server, side.rules, documents, replay=True)
    # A policy that makes the engine stop is quarantined by a run of its own.
    failed = [index for index, one in enumerate(answers) if isinstance(one, EngineError)]
    again = judge_many(
        side.engine, side.rules, side.waivers, [documents[index] for index in failed], replay=True
    )
    found = list(answers)
    for index, one in zip(failed, again, strict=True):
        found[index] = one
    return tuple(found)


def _effect(asked: _Asked, old: Answer, new: Answer) -> Effect:
    troubles = [
        f"{label}: {answer}"
        for label, answer in (("before", old), ("after", new))
        if not isinstance(answer, Decision)
    ]
    before = old if isinstance(old, Decision) else None
    after = new if isinstance(new, Decision) else None
    return Effect(
        case=asked.case.name,
        origin=asked.case.origin,
        moment=asked.moment.label,
        at=asked.at,
        old_allowed=before.allowed if before else None,
        new_allowed=after.allowed if after else None,
        changes=changes(before, after) if before and after else (),
        error="; ".join(troubles) or None,
    )


def changes(old: Decision, new: Decision) -> tuple[Change, ...]:
    """Verdicts of two decisions that differ in outcome or findings, in order of policy."""
    before = {one.id: one for one in old.verdicts}
    after = {one.id: one for one in new.verdicts}
    found = [
        _change(name, before.get(name), after.get(name))
        for name in sorted(before.keys() | after.keys())
    ]
    return tuple(one for one in found if one is not None)


def _change(policy: str, old: Verdict | None, new: Verdict | None) -> Change | None:
    before, after = _keys(old), _keys(new)
    change = Change(
        policy,
        old.outcome if old else None,
        new.outcome if new else None,
        tuple(sorted(after - before)),
        tuple(sorted(before - after)),
    )
    return change if change.flips or change.gained or change.lost else None


def _keys(verdict: Verdict | None) -> set[str]:
    """What must not change unseen: keys, what covers them, and how many lie beyond the cap."""
    if verdict is None:
        return set()
    keys = {
        f"{one.key} (waived by {one.waiver.id})" if one.waiver else one.key
        for one in verdict.findings
    }
    beyond = verdict.findings_total - len(verdict.findings)
    return keys | ({f"and {beyond} more findings"} if beyond else set())


def _differs(effect: Effect) -> bool:
    return bool(effect.error or effect.changes or effect.old_allowed is not effect.new_allowed)
