"""What differs between two forms of a policy or schema, and which way: looser or stricter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from hallgate.decide.explain import TierLimit
from hallgate.model.policy import Policy
from hallgate.model.values import JsonObject, JsonValue, Severity, Tier
from hallgate.publish.report.text import iso, listed, value

_ORDER = (Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)
LOOSER, STRICTER, OTHER = "LOOSENED", "tightened", "changed"
PARTLY = f"{LOOSER} in part"
# Keywords of JSON Schema by which way a greater value goes.
_MOST = frozenset({"maximum", "maxLength", "maxItems", "max_age_days"})
_LEAST = frozenset({"minimum", "minLength", "minItems"})
_SILENT = frozenset({"title", "description", "$id", "$schema"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not what it was; way is empty where it moves no verdict."""

    what: str
    way: str = ""

    def __str__(self) -> str:
        return f"{self.what}, {self.way}" if self.way else self.what


def metadata_differences(old: Policy, new: Policy) -> Iterator[Difference]:
    """What METADATA says otherwise, titles and descriptions apart."""
    if old.severity is not new.severity:
        looser = _ORDER.index(new.severity) < _ORDER.index(old.severity)
        yield Difference(f"severity {old.severity.value} → {new.severity.value}", _way(looser))
    if old.effective_from != new.effective_from:
        words = f"in force from {iso(old.effective_from)} → {iso(new.effective_from)}"
        yield Difference(words, _way(new.effective_from > old.effective_from))
    yield from _sets("asks for evidence", old.evidence, new.evidence, more_is_looser=False)
    yield from _sets("may be waived", old.waivable, new.waivable, more_is_looser=True)
    if old.overridable != new.overridable:
        words = "an emergency may override it" if new.overridable else "no emergency overrides it"
        yield Difference(words, _way(new.overridable))
    yield from _sets("cites controls", old.controls, new.controls, more_is_looser=False)
    if (old.family, old.name) != (new.family, new.name):
        yield Difference(f"moved from {old.family}.{old.name} to {new.family}.{new.name}")


def _sets(
    what: str, old: Sequence[str], new: Sequence[str], *, more_is_looser: bool
) -> Iterator[Difference]:
    gone, come = sorted(set(old) - set(new)), sorted(set(new) - set(old))
    if come:
        yield Difference(f"{what}: now also {listed(come)}", _way(more_is_looser))
    if gone:
        yield Difference(f"{what}: no longer {listed(gone)}", _way(not more_is_looser))


def limit_differences(old: Sequence[TierLimit], new: Sequence[TierLimit]) -> Iterator[Difference]:
    """Limits old → new by quantity and tier."""
    before = {one.quantity.name: one for one in old}
    after = {one.quantity.name: one for one in new}
    for name in sorted(before.keys() | after.keys()):
        first, second = before.get(name), after.get(name)
        label = f"limit {name}".strip()
        if first is None or second is None:
            yield (
                Difference(f"{label} is new", STRICTER)
                if first is None
                else Difference(f"{label} is gone", LOOSER)
            )
            continue
        if first.quantity.sense != second.quantity.sense:
            senses = f"{first.quantity.sense} → {second.quantity.sense}"
            yield Difference(f"{label}: {senses}", f"{LOOSER} or not: read it")
        for tier in Tier:
            low, high = first.at(tier), second.at(tier)
            if low != high:
                way = limit_way(first.quantity.sense, low, high)
                unit = first.quantity.unit
                told = f"{label} at tier {tier.value}: {value(low)} → {value(high)} {unit}"
                yield Difference(told, way)


def limit_way(sense: str, old: JsonValue, new: JsonValue) -> str:
    """Which way a limit of this sense went; None is no limit."""
    if new is None:
        return LOOSER
    if type(old) is not int or type(new) is not int:
        return STRICTER if old is None else OTHER
    return _way(new < old if sense == "minimum" else new > old)


def _way(looser: bool) -> str:
    return LOOSER if looser else STRICTER


def schema_differences(old: JsonValue, new: JsonValue, at: str = "") -> Iterator[Difference]:
    """Each keyword of a schema that changed, by its place, with its direction."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in sorted(old.keys() | new.keys()):
            first, second = old.get(name), new.get(name)
            if first == second or name in _SILENT:
                continue
            if name in {"properties", "items"} or name in _children(old, new):
                yield from schema_differences(first, second, f"{at}.{name}")
            else:
                told = f"{at}.{name}: {value(first)} → {value(second)}"
                yield Difference(told, keyword_way(name, first, second))
    else:
        # Schemas are closed: what a property named is refused once it is gone.
        member = at.rpartition(".")[0].endswith("properties")
        way = OTHER if new is not None else STRICTER if member else LOOSER
        yield Difference(f"{at}: {value(old)} → {value(new)}", way)


def _children(old: JsonObject, new: JsonObject) -> set[str]:
    """Members that are schemas again, or maps of them."""
    return {
        name
        for name in old.keys() | new.keys()
        if isinstance(old.get(name), Mapping) or isinstance(new.get(name), Mapping)
    }


def keyword_way(name: str, old: JsonValue, new: JsonValue) -> str:
    """Which way a keyword of JSON Schema went."""
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
        return STRICTER if after < before else PARTLY
    return LOOSER if new is None else OTHER


def _members(of: JsonValue) -> set[str]:
    if isinstance(of, str):
        return {repr(of)}
    return {repr(one) for one in of} if isinstance(of, list | tuple) else set()
