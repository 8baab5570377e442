"""Policies, controls and schemas of a change: what is looser than before, and what stricter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hallgate.decide.explain import TierLimit
from hallgate.model.law import Control
from hallgate.model.policy import Policy
from hallgate.model.values import JsonObject, JsonValue, Severity, Tier
from hallgate.publish.report.text import iso, listed, value
from hallgate.publish.review.contents import Contents
from hallgate.publish.review.value import Notes

_ORDER = (Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)
LOOSER, STRICTER, OTHER = "LOOSENED", "tightened", "changed"
# Keywords of JSON Schema by which way a greater value goes.
_MOST = frozenset({"maximum", "maxLength", "maxItems", "max_age_days"})
_LEAST = frozenset({"minimum", "minLength", "minItems"})
_SILENT = frozenset({"title", "description", "$id", "$schema"})


def policy_notes(base: Contents, head: Contents) -> Notes:
    """Policies added, changed and removed; limits old → new per tier."""
    before = {one.id: one for one in base.policies.catalog}
    after = {one.id: one for one in head.policies.catalog}
    lines: list[str] = []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old is None and new is not None:
            lines.append(f"{name} ({new.title}) is ADDED, {new.severity.value}.")
        elif new is None and old is not None:
            lines.append(f"{name} ({old.title}) is REMOVED: nothing asks for it any more.")
        elif old is not None and new is not None:
            said = [*_metadata(old, new), *_limits(base.limits[name], head.limits[name])]
            if _text_differs(old, base, head):
                said.append("the text of its rules changed: read it, replay shows cases only")
            said += _voided(name, base, head)
            lines += [f"{name} ({new.title}): {one}." for one in said]
    return Notes("Policies", tuple(lines))


def _text_differs(policy: Policy, base: Contents, head: Contents) -> bool:
    folder = f"policies/promotion/rules/{policy.family}/{policy.name}"
    return not base.tree.same(head.tree, folder)


def _voided(name: str, base: Contents, head: Contents) -> Iterator[str]:
    """Approvals that bind the rule as it was."""
    if base.policies.rule_digests.get(name) != head.policies.rule_digests.get(name):
        bound = [one.id for one in head.waivers.waivers if one.document["policy"] == name]
        void = f"; the approvals of {listed(bound)} bind the old one" if bound else ""
        yield f"what its rule computes, itself or by a library, changed{void}"


def _metadata(old: Policy, new: Policy) -> Iterator[str]:
    if old.severity is not new.severity:
        looser = _ORDER.index(new.severity) < _ORDER.index(old.severity)
        yield f"severity {old.severity.value} → {new.severity.value}, {_way(looser)}"
    if old.effective_from != new.effective_from:
        words = f"in force from {iso(old.effective_from)} → {iso(new.effective_from)}"
        yield f"{words}, {_way(new.effective_from > old.effective_from)}"
    yield from _sets("asks for evidence", old.evidence, new.evidence, more_is_looser=False)
    yield from _sets("may be waived", old.waivable, new.waivable, more_is_looser=True)
    yield from _sets("cites controls", old.controls, new.controls, more_is_looser=False)
    if (old.family, old.name) != (new.family, new.name):
        yield f"moved from {old.family}.{old.name} to {new.family}.{new.name}"


def _sets(
    what: str, old: Sequence[str], new: Sequence[str], *, more_is_looser: bool
) -> Iterator[str]:
    gone, come = sorted(set(old) - set(new)), sorted(set(new) - set(old))
    if come:
        yield f"{what}: now also {listed(come)}, {_way(more_is_looser)}"
    if gone:
        yield f"{what}: no longer {listed(gone)}, {_way(not more_is_looser)}"


def _limits(old: Sequence[TierLimit], new: Sequence[TierLimit]) -> Iterator[str]:
    before = {one.quantity.name: one for one in old}
    after = {one.quantity.name: one for one in new}
    for name in sorted(before.keys() | after.keys()):
        first, second = before.get(name), after.get(name)
        label = f"limit {name}".strip()
        if first is None or second is None:
            yield f"{label} {'is new' if first is None else f'is gone, {LOOSER}'}"
            continue
        if first.quantity.sense != second.quantity.sense:
            senses = f"{first.quantity.sense} → {second.quantity.sense}"
            yield f"{label}: {senses}, {LOOSER} or not: read it"
        for tier in Tier:
            low, high = first.at(tier), second.at(tier)
            if low != high:
                way = _limit_way(first.quantity.sense, low, high)
                unit = first.quantity.unit
                yield f"{label} at tier {tier.value}: {value(low)} → {value(high)} {unit}, {way}"


def _limit_way(sense: str, old: JsonValue, new: JsonValue) -> str:
    if new is None:
        return LOOSER
    if type(old) is not int or type(new) is not int:
        return STRICTER if old is None else OTHER
    return _way(new < old if sense == "minimum" else new > old)


def _way(looser: bool) -> str:
    return LOOSER if looser else STRICTER


def control_notes(old: Sequence[Control], new: Sequence[Control]) -> Notes:
    """Controls of the law register added, changed, removed."""
    before, after = ({one.name: one for one in side} for side in (old, new))
    lines = []
    for name in sorted(before.keys() | after.keys()):
        first, second = before.get(name), after.get(name)
        if first is None and second is not None:
            lines.append(f"{name} is added: {second.title}, {second.force}, {second.status}.")
        elif second is None:
            lines.append(f"{name} is REMOVED from the register.")
        elif first != second and first is not None:
            fields = [
                one for one in Control.__slots__ if getattr(first, one) != getattr(second, one)
            ]
            told = [f"{one} {getattr(first, one)} → {getattr(second, one)}" for one in fields]
            lines.append(f"{name}: {'; '.join(told)}.")
    return Notes("Controls", tuple(lines))


def schema_notes(base: Contents, head: Contents) -> Notes:
    """Evidence types added, changed, removed; each changed keyword with its direction."""
    before, after = base.schemas.evidence_types, head.schemas.evidence_types
    lines = [f"{one} is a new evidence type." for one in sorted(set(after) - set(before))]
    lines += [
        f"{one} is REMOVED: no such evidence counts." for one in sorted(set(before) - set(after))
    ]
    for name in ("common", *(f"evidence:{one}" for one in before if one in after)):
        found = _schema_changes(base.schemas.schema(name), head.schemas.schema(name), "")
        label = name.removeprefix("evidence:")
        lines += [f"{label}{one}." for one in found]
    return Notes("Evidence schemas", tuple(lines))


def _schema_changes(old: JsonValue, new: JsonValue, at: str) -> Iterator[str]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in sorted(old.keys() | new.keys()):
            first, second = old.get(name), new.get(name)
            if first == second or name in _SILENT:
                continue
            if name in {"properties", "items"} or name in _children(old, new):
                yield from _schema_changes(first, second, f"{at}.{name}")
            else:
                way = _keyword_way(name, first, second)
                yield f"{at}.{name}: {value(first)} → {value(second)}, {way}"
    else:
        way = LOOSER if new is None else OTHER
        yield f"{at}: {value(old)} → {value(new)}, {way}"


def _children(old: JsonObject, new: JsonObject) -> set[str]:
    """Members that are schemas again, or maps of them."""
    return {
        name
        for name in old.keys() | new.keys()
        if isinstance(old.get(name), Mapping) or isinstance(new.get(name), Mapping)
    }


def _keyword_way(name: str, old: JsonValue, new: JsonValue) -> str:
    if name == "additionalProperties":
        return _way(new is not False)
    if type(old) is int and type(new) is int and name in _MOST | _LEAST:
        return _way(new > old if name in _MOST else new < old)
    if name in {"required", "enum", "type"}:
        before, after = _members(old), _members(new)
        if name == "required":
            before, after = after, before
        if before < after:
            return LOOSER
        return STRICTER if after < before else f"{LOOSER} in part"
    return LOOSER if new is None else OTHER


def _members(of: JsonValue) -> set[str]:
    if isinstance(of, str):
        return {repr(of)}
    return {repr(one) for one in of} if isinstance(of, list | tuple) else set()
