"""What two bundles show of themselves: catalog, dates, limits, rules and schemas side by side.

Conservative: what cannot be shown to deny nothing more counts as denying more.
"""

from __future__ import annotations

from collections.abc import Iterator

from hallgate.intake.combined import flats_of
from hallgate.intake.narrow import an_object
from hallgate.model.policy import Policy
from hallgate.model.values import JsonObject
from hallgate.publish.changes import (
    LOOSER,
    Difference,
    limit_differences,
    metadata_differences,
    schema_differences,
)
from hallgate.publish.report.text import iso, listed
from hallgate.publish.versions.edition import LIBRARY, MAIN, REPLAY, RULES, Edition
from hallgate.publish.versions.narrowing import only_adds, only_narrower, same_rules
from hallgate.publish.versions.observed import observed_steps
from hallgate.publish.versions.value import Level, Step

_UNSHOWN = "its text does not show that it denies nothing more"
_WORDS = ("cites controls", "moved from")
_SIGNER_TYPES = ".evidence_types"


def compare(old: Edition, new: Edition, at: int) -> tuple[Step, ...]:
    """Every difference with its level; at (seconds) is when the new bundle is released."""
    before = {one.id: one for one in old.policies.catalog}
    after = {one.id: one for one in new.policies.catalog}
    steps: list[Step] = []
    for name in sorted(before.keys() | after.keys()):
        first, second = before.get(name), after.get(name)
        if second is None:
            steps.append(Step(Level.MINOR, name, "is removed: nothing asks for it any more"))
        elif first is None:
            steps.append(_added(second, at))
        else:
            steps += _changed(first, second, old, new, at)
    steps += _shared(old, new)
    steps += _schemas(old, new, at)
    steps += _rest(old, new, bool(steps))
    return tuple(steps)


def _added(policy: Policy, at: int) -> Step:
    if policy.effective_from > at:
        words = f"is new ({policy.title}), pending until {iso(policy.effective_from)}"
        return Step(Level.MINOR, policy.id, words)
    return Step(Level.MAJOR, policy.id, f"is new ({policy.title}) and in force at once")


def _changed(old: Policy, new: Policy, before: Edition, after: Edition, at: int) -> Iterator[Step]:
    # A policy that is not in force denies nothing at once, however strict it became.
    most = Level.MINOR if new.effective_from > at else Level.MAJOR
    if old.effective_from != new.effective_from:
        yield _moved(old, new, at)
    for step in observed_steps(before.observed(old.id), after.observed(new.id), new.id, at):
        yield Step(min(step.level, most), step.policy, step.what)
    for one in metadata_differences(old, new):
        if one.what.startswith("in force from"):
            continue
        yield Step(min(_level(one, new), most), new.id, str(one))
    for one in limit_differences(before.limits[new.id], after.limits[new.id]):
        yield Step(min(_level(one, new), most), new.id, str(one))
    yield from _rules(old, new, before, after, most)
    words = [
        name
        for name in ("title", "description", "remediation", "why_not")
        if getattr(old, name) != getattr(new, name)
    ]
    if words:
        yield Step(Level.PATCH, new.id, f"says {listed(words)} in other words")


def _moved(old: Policy, new: Policy, at: int) -> Step:
    dates = f"{iso(old.effective_from)} → {iso(new.effective_from)}"
    was, now = old.effective_from <= at, new.effective_from <= at
    if now and not was:
        return Step(Level.MAJOR, new.id, f"is in force at once ({dates})")
    if was and not now:
        return Step(Level.MINOR, new.id, f"is pending again ({dates}), {LOOSER}")
    if not now:
        return Step(Level.MINOR, new.id, f"is pending until another day ({dates})")
    return Step(Level.PATCH, new.id, f"was in force already ({dates})")


def _level(one: Difference, policy: Policy) -> Level:
    if not one.way or one.what.startswith(_WORDS):
        return Level.PATCH
    # Severity bounds how long a waiver may live, and nothing else.
    if one.what.startswith("severity") and not policy.waivable:
        return Level.PATCH
    return Level.MINOR if one.way == LOOSER else Level.MAJOR


def _rules(
    old: Policy, new: Policy, before: Edition, after: Edition, most: Level
) -> Iterator[Step]:
    first = before.modules[f"{RULES}{old.family}.{old.name}"]
    second = after.modules[f"{RULES}{new.family}.{new.name}"]
    if same_rules(first, second):
        return
    if only_narrower(first, second):
        words = f"its rule changed and denies less, {LOOSER}; approvals of its waivers are void"
        yield Step(Level.MINOR, new.id, words)
    else:
        words = f"its rule changed, and {_UNSHOWN}; approvals of its waivers are void"
        yield Step(most, new.id, words)


def _shared(old: Edition, new: Edition) -> Iterator[Step]:
    """main, replay and libraries, which every policy stands on."""
    for name in sorted(old.modules.keys() & new.modules.keys()):
        if name.startswith(RULES) or not name.startswith((LIBRARY, MAIN, REPLAY)):
            continue
        first, second = old.modules[name], new.modules[name]
        if first == second:
            continue
        if only_adds(first, second):
            yield Step(Level.PATCH, "", f"{name} has more that nothing used before")
        else:
            yield Step(Level.MAJOR, "", f"{name} changed, and {_UNSHOWN}")


def _schemas(old: Edition, new: Edition, at: int) -> Iterator[Step]:
    before, after = (an_object(one.constants["schemas"]) for one in (old, new))
    for difference in schema_differences(before["request"], after["request"]):
        level = Level.MINOR if difference.way == LOOSER else Level.MAJOR
        yield Step(level, "", f"the request{difference}")
    asked = {
        kind for one in new.policies.catalog if one.effective_from <= at for kind in one.evidence
    }
    kinds = an_object(before["evidence"]), an_object(after["evidence"])
    for kind in sorted(kinds[0].keys() | kinds[1].keys()):
        if kind not in kinds[0] or kind not in kinds[1]:
            word = "is new" if kind in kinds[1] else "is gone"
            yield Step(Level.PATCH, "", f"the evidence type {kind} {word}")
            continue
        for one in _of_type(before, after, kind):
            loose = Level.MINOR if one.way == LOOSER else Level.MAJOR
            level = loose if kind in asked else min(loose, Level.MINOR)
            yield Step(level, "", f"{kind}{one}")


def _of_type(old: JsonObject, new: JsonObject, kind: str) -> Iterator[Difference]:
    seen: set[Difference] = set()
    ages = [an_object(an_object(one["evidence"])[kind]) for one in (old, new)]
    pairs = [*zip(flats_of(old, kind), flats_of(new, kind), strict=True), (*map(_age, ages),)]
    for first, second in pairs:
        for one in schema_differences(first, second):
            # Which types a signer may sign grows with every new type; it judges nothing.
            if one not in seen and _SIGNER_TYPES not in one.what:
                seen.add(one)
                yield one


def _age(constant: JsonObject) -> JsonObject:
    return {"max_age_days": constant["max_age_days"]}


def _rest(old: Edition, new: Edition, found: bool) -> Iterator[Step]:
    if old.constants["law"] != new.constants["law"]:
        yield Step(Level.PATCH, "", "the register of laws that the bundle carries changed")
    elif not found and old.sources != new.sources:
        yield Step(Level.PATCH, "", "comments or other words changed")
