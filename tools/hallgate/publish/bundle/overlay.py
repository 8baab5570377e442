"""What a track changes: fewer families, tighter limits, other dates; never a rule.

Limits are replaced while `main` is evaluated, so that the bytes of every policy, and the
approvals bound to them, stay those of the house: the house's `main` is shipped as
`promotion.house`, and a generated `promotion.main` asks it with the track's limits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hallgate.decide.explain import TierLimit
from hallgate.intake.positions import Pointer
from hallgate.intake.tracks import OtherDate, TighterLimit, Track
from hallgate.model.errors import Fault, InvalidDocument
from hallgate.model.policy import Policy
from hallgate.model.values import Tier

ROLLOUT_DAYS = 180

_DAY = 86_400
_MEND = "mend the id, or take its family"
_ORDER = tuple(Tier)
_MAIN = "promotion/main/"
_PACKAGE = re.compile(rb"^package promotion\.main[ \t]*$", re.MULTILINE)

# One reference: OPA would evaluate each reference under `with` on its own.
_SAID = b"""# Generated; never edited.
package promotion.house

said := {"allowed": allowed, "decision": decision, "deny": deny, "verdicts": verdicts, "warn": warn}
"""

Limits = Mapping[str, tuple[TierLimit, ...]]


@dataclass(frozen=True, slots=True)
class Observation:
    """From since until just before until a policy blocks no model (None), or not this one."""

    by: str
    model: str | None
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class Overlay:
    """A track's choice, once it is known to be sound.

    dates: effective_from by policy id, where it is brought forward; limits: the whole
    `limits` of a policy by (family, name), only where the track tightens it; observed: by
    policy id, where the track does not enforce it yet.
    """

    families: frozenset[str]
    dates: Mapping[str, int]
    limits: Mapping[tuple[str, str], Mapping[str, object]]
    observed: Mapping[str, tuple[Observation, ...]]


def read_overlay(
    track: Track,
    catalog: tuple[Policy, ...],
    limits: Limits,
    frameworks: frozenset[str],
    models: frozenset[str] = frozenset(),
) -> Overlay:
    """Compare a track with the house; raises InvalidDocument with every fault, by line.

    models: active models of the inventory. Refused: families, frameworks, policies,
    quantities, tiers and models that are not there; a limit looser than the house's, or
    laxer for a higher tier; a date not brought forward; a rollout that ends before the
    policy's date or more than 180 days after it; observing what may never be waived.
    """
    taken = {policy.id: policy for policy in catalog if policy.family in track.families}
    faults = [
        *_names(track, catalog, frameworks),
        *_dates(track, taken),
        *_baseline(track, taken, models),
    ]
    tightened: dict[str, dict[str, dict[Tier, int]]] = {}
    for one in track.limits:
        found = _limit_fault(track, one, taken, limits)
        if found is not None:
            faults.append(found)
            continue
        quantities = tightened.setdefault(one.policy, _table(limits[one.policy]))
        quantities[one.quantity][one.tier] = one.limit
    faults.extend(_growing_lax(track, tightened, limits))
    if faults:
        raise InvalidDocument(tuple(faults))
    return Overlay(
        families=frozenset(track.families),
        dates={one.policy: one.since for one in track.earlier},
        limits={
            (taken[policy].family, taken[policy].name): _plain(table)
            for policy, table in tightened.items()
        },
        observed=_observed(track, taken),
    )


def overlaid(files: Mapping[str, bytes], overlay: Overlay) -> dict[str, bytes]:
    """The files of a bundle with the families taken, and `main` under the track's limits."""
    kept = {path: data for path, data in files.items() if _taken(path, overlay.families)}
    if not overlay.limits:
        return kept
    for path in [path for path in kept if path.startswith(_MAIN)]:
        # NOTE: only the name of the package changes; replay asks promotion.main as before.
        moved, count = _PACKAGE.subn(b"package promotion.house", kept.pop(path))
        if count != 1:
            raise ValueError(f"{path} does not say `package promotion.main` once")
        kept[path.replace(_MAIN, "promotion/house/", 1)] = moved
    kept["promotion/house/said.rego"] = _SAID
    return {**kept, f"{_MAIN}main.rego": _generated_main(overlay)}


def _taken(path: str, families: frozenset[str]) -> bool:
    parts = path.split("/")
    return parts[:2] != ["promotion", "rules"] or parts[2] in families


def _generated_main(overlay: Overlay) -> bytes:
    changed = [
        f"\t\twith data.promotion.rules.{family}.{name}.limits as {json.dumps(table)}"
        for (family, name), table in sorted(overlay.limits.items())
    ]
    lines = [
        "# Generated; never edited.", "",
        "# METADATA",
        "# title: The decision under a track's limits",
        "# description: Asks promotion.house, the main of the house, with tighter limits.",
        "# entrypoint: true",
        "package promotion.main", "",
        "_said := all if {", "\tall := data.promotion.house.said", *changed, "}", "",
        "default _complete := false", "",
        "_complete if is_object(_said)", "",
        "default allowed := false", "",
        "allowed if _said.allowed == true", "",
        "decision := _said.decision", "",
        "verdicts := _said.verdicts", "",
        "# Where nothing was said, conftest must not take silence for consent.",
        'deny contains {"msg": "no complete decision could be made", "id": "", '
        '"outcome": "error", "key": ""} if not _complete', "",
        "deny contains message if some message in _said.deny", "",
        "warn contains message if some message in _said.warn", "",
        'for_conftest := {"deny": deny, "warn": warn}', "",
    ]  # fmt: skip
    return "\n".join(lines).encode()


def _names(
    track: Track, catalog: tuple[Policy, ...], frameworks: frozenset[str]
) -> Iterator[Fault]:
    families = frozenset(policy.family for policy in catalog)
    for part, names, known in (
        ("families", track.families, families),
        ("frameworks", track.frameworks, frameworks),
    ):
        for index, name in enumerate(names):
            if name not in known:
                remedy = f"known are {', '.join(sorted(known))}"
                yield track.fault((part, index), f"{name!r} is none of the {part}", remedy)


def _dates(track: Track, taken: Mapping[str, Policy]) -> Iterator[Fault]:
    for one in track.earlier:
        if one.policy not in taken:
            yield _unknown(track, one)
        elif one.since >= taken[one.policy].effective_from:
            words = f"{one.policy} is not brought forward: METADATA has it in force by then"
            remedy = "give an earlier date, or leave the entry out"
            yield track.fault((*one.at, "effective_from"), words, remedy)
    for one in track.rollout:
        if one.policy not in taken:
            yield _unknown(track, one)
            continue
        house = taken[one.policy].effective_from
        if not taken[one.policy].waivable:
            yield _never(track, one.policy, (*one.at, "policy"))
        if not house < one.since <= house + ROLLOUT_DAYS * _DAY:
            words = f"{one.policy} may be observed for at most {ROLLOUT_DAYS} days after its date"
            remedy = "end the rollout after the date of METADATA and within that time"
            yield track.fault((*one.at, "enforce_from"), words, remedy)


def _baseline(track: Track, taken: Mapping[str, Policy], models: frozenset[str]) -> Iterator[Fault]:
    told: set[Pointer] = set()
    for one in track.baseline or ():
        if one.policy_at not in told:
            if one.policy not in taken:
                words = f"{one.policy} is no policy of the families taken"
                yield track.fault(one.policy_at, words, _MEND)
            elif not taken[one.policy].waivable:
                yield _never(track, one.policy, one.policy_at)
        if one.model_at not in told and one.model not in models:
            words = f"{one.model} is no active model of inventory/"
            yield track.fault(one.model_at, words, "register it, mend the name, or remove it")
        told |= {one.policy_at, one.model_at}


def _never(track: Track, policy: str, at: Pointer) -> Fault:
    words = f"{policy} may never be waived, so it cannot be observed only"
    return track.fault(at, words, "remove it: METADATA names what may be waived")


def _observed(track: Track, taken: Mapping[str, Policy]) -> dict[str, tuple[Observation, ...]]:
    found: dict[str, list[Observation]] = {}
    for rolled in track.rollout:
        since = taken[rolled.policy].effective_from
        entry = Observation("rollout", None, since, rolled.since)
        found.setdefault(rolled.policy, []).append(entry)
    for one in track.baseline or ():
        entry = Observation("baseline", one.model, one.since, one.until)
        found.setdefault(one.policy, []).append(entry)
    return {policy: tuple(sorted(them, key=_order)) for policy, them in found.items()}


def _order(one: Observation) -> tuple[str, str]:
    return one.by, one.model or ""


def _limit_fault(
    track: Track, one: TighterLimit, taken: Mapping[str, Policy], limits: Limits
) -> Fault | None:
    if one.policy not in taken:
        return _unknown(track, one)
    entries = {entry.quantity.name: entry for entry in limits[one.policy]}
    if one.quantity not in entries:
        known = ", ".join(name or "null" for name in entries) or "none: it has no limits"
        words = f"{one.policy} does not limit {one.quantity or 'a single quantity'}"
        return track.fault((*one.at, "quantity"), words, f"known are {known}")
    house = entries[one.quantity]
    of_tier = house.at(one.tier)
    if type(of_tier) is not int:
        words = f"{one.policy} has no limit for tier {one.tier.value}"
        return track.fault((*one.at, "tier"), words, "name a tier of its limits")
    if _laxer(one.limit, of_tier, house.quantity.sense):
        words = f"{one.limit} would loosen {one.policy}: its {house.quantity.sense} is {of_tier}"
        remedy = "a track may only tighten; ask for a waiver, or change the policy by review"
        return track.fault((*one.at, "limit"), words, remedy)
    return None


def _growing_lax(
    track: Track, tightened: Mapping[str, dict[str, dict[Tier, int]]], limits: Limits
) -> Iterator[Fault]:
    # Whoever declares a higher tier than was computed must not gain by it.
    for one in track.limits:
        table = tightened.get(one.policy, {}).get(one.quantity, {})
        sense = {entry.quantity.name: entry.quantity.sense for entry in limits.get(one.policy, ())}
        for higher in _ORDER[_ORDER.index(one.tier) + 1 :]:
            if higher in table and _laxer(table[higher], table[one.tier], sense[one.quantity]):
                words = f"{one.policy} would be laxer for {higher.value} than for {one.tier.value}"
                remedy = f"tighten tier {higher.value} as well"
                yield track.fault((*one.at, "limit"), words, remedy)


def _laxer(value: int, than: int, sense: str) -> bool:
    return value < than if sense == "minimum" else value > than


def _unknown(track: Track, one: TighterLimit | OtherDate) -> Fault:
    words = f"{one.policy} is no policy of the families taken"
    return track.fault((*one.at, "policy"), words, _MEND)


def _table(entries: tuple[TierLimit, ...]) -> dict[str, dict[Tier, int]]:
    return {
        entry.quantity.name: {tier: value for tier, value in entry.values if type(value) is int}
        for entry in entries
    }


def _plain(table: Mapping[str, Mapping[Tier, int]]) -> Mapping[str, object]:
    named = {name: {tier.value: value for tier, value in of.items()} for name, of in table.items()}
    return named.get("", named)
