"""What a replay of scenarios and records shows of two bundles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hallgate.decide.impact import Change, Effect, Impact
from hallgate.publish.report.text import counted
from hallgate.publish.versions.value import Level, Step

_WHOLE = ""


@dataclass(frozen=True, slots=True)
class _Seen:
    policy: str
    origin: str
    level: Level
    what: str


def steps_of(impact: Impact, effective: Mapping[str, int], at: int) -> tuple[Step, ...]:
    """One step per policy and kind of effect, with a case that shows it.

    effective: dates of the new bundle by policy; what is not yet in force at a time
    (seconds) denies nothing at once, whatever a scenario of a later day shows.
    """
    shown: dict[_Seen, list[str]] = {}
    for effect in impact.effects:
        for seen in _of(effect, effective, at):
            shown.setdefault(seen, []).append(effect.case)
    return tuple(
        Step(one.level, one.policy, f"{one.what} in {_cases(cases)}", one.origin)
        for one, cases in sorted(shown.items(), key=lambda item: (-item[0].level, item[0].policy))
    )


def _of(effect: Effect, effective: Mapping[str, int], at: int) -> Iterator[_Seen]:
    origin = effect.origin
    if effect.error is not None:
        # Without an answer nothing is allowed.
        if effect.new_allowed is None:
            yield _Seen(_WHOLE, origin, Level.MAJOR, "the new bundle gives no decision")
        else:
            yield _Seen(_WHOLE, origin, Level.MINOR, "only the new bundle gives a decision")
        return
    told = False
    for change in effect.changes:
        if _stricter(change):
            pending = effective.get(change.policy, 0) > at
            level = Level.MINOR if pending else Level.MAJOR
            yield _Seen(change.policy, origin, level, f"finds more ({_outcomes(change)})")
            told = True
        elif _looser(change):
            yield _Seen(change.policy, origin, Level.MINOR, f"finds less ({_outcomes(change)})")
            told = True
    if not told and effect.newly_denied:
        yield _Seen(_WHOLE, origin, Level.MAJOR, "denied, and allowed before")
    if not told and effect.newly_allowed:
        yield _Seen(_WHOLE, origin, Level.MINOR, "allowed, and denied before")


def _stricter(change: Change) -> bool:
    new, old = change.new, change.old
    if new is None or not new.blocks:
        return False
    return old is None or not old.blocks or bool(change.gained)


def _looser(change: Change) -> bool:
    old, new = change.old, change.new
    if old is None or not old.blocks:
        return False
    return new is None or not new.blocks or bool(change.lost)


def _outcomes(change: Change) -> str:
    old = change.old.value if change.old else "absent"
    new = change.new.value if change.new else "absent"
    return f"{old} → {new}" if old != new else old


def _cases(names: list[str]) -> str:
    first = names[0].removesuffix(".yaml")
    return first if len(names) == 1 else f"{counted(len(names), 'case')}, first {first}"
