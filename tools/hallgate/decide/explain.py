"""What a policy claims, asks for and allows, before anybody is denied by it."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import cast

from hallgate.decide.kept_answers import kept_answer
from hallgate.decide.policies import PolicySet
from hallgate.decide.producers import how_to_supply
from hallgate.engine.opa import PINNED, Opa
from hallgate.model.errors import InvalidDocument, UsageError
from hallgate.model.policy import Limit, Policy
from hallgate.model.trust import Trust
from hallgate.model.values import JsonObject, JsonValue, Tier

_TIERS = frozenset(Tier)
_QUERY = (
    "{id: limits | some id, place in input.places; "
    "limits := data.promotion.rules[place[0]][place[1]].limits}"
)


@dataclass(frozen=True, slots=True)
class TierLimit:
    """A quantity's limit per tier; name is empty where the policy has only one quantity."""

    quantity: Limit
    values: tuple[tuple[Tier, JsonValue], ...]

    def at(self, tier: Tier) -> JsonValue:
        """The limit of one tier, None where the policy has none there."""
        return dict(self.values).get(tier)


@dataclass(frozen=True, slots=True)
class Explanation:
    """A policy with its limits.

    evidence pairs each type with how to supply it; controls pairs each control
    with its status in the register, None where the register lacks it.
    """

    policy: Policy
    limits: tuple[TierLimit, ...]
    evidence: tuple[tuple[str, str], ...]
    controls: tuple[tuple[str, str | None], ...]


def explain(
    engine: Opa,
    policies: PolicySet,
    name: str,
    *,
    controls: Mapping[str, str],
    trust: Trust | None = None,
) -> Explanation:
    """Everything about one policy; controls maps control ids to their status in words.

    Raises UsageError with the nearest ids where there is no such policy, and
    InvalidDocument or EngineError where its limits cannot be read.
    """
    policy = policies.policy(name) or policies.policy(name.upper())
    if policy is None:
        raise UsageError(f"there is no policy {name!r}", remedy=_nearest(name, policies))
    return Explanation(
        policy=policy,
        limits=tier_limits(engine, policies, (policy,))[policy.id],
        evidence=tuple((kind, how_to_supply(kind, trust)) for kind in policy.evidence),
        controls=tuple((control, controls.get(control)) for control in policy.controls),
    )


def tier_limits(
    engine: Opa, policies: PolicySet, wanted: Iterable[Policy], cache: Path | None = None
) -> dict[str, tuple[TierLimit, ...]]:
    """Limits of policies by id, from the bundle that decides, in one engine run.

    cache keeps OPA's answer under the bundle's digest, None asks afresh. Raises
    InvalidDocument where limits are not the shape that METADATA announces.
    """
    wanted = tuple(wanted)
    places: JsonObject = {one.id: [one.family, one.name] for one in wanted if one.limits}
    found: Mapping[str, JsonValue] = {}
    if places:
        said = json.dumps([PINNED, policies.bundle.digest, places], sort_keys=True)
        key = sha256(said.encode()).hexdigest()
        bundles, asked = [policies.bundle], {"places": places}
        answer = kept_answer(cache, "limits", key, lambda: engine.evaluate(bundles, _QUERY, asked))
        found = cast("Mapping[str, JsonValue]", answer)
    return limits_told(wanted, found)


def limits_told(
    wanted: Iterable[Policy], found: Mapping[str, JsonValue]
) -> dict[str, tuple[TierLimit, ...]]:
    """Limits by id from what the rules of policies say; raises InvalidDocument as tier_limits()."""
    return {policy.id: _limits(policy, found.get(policy.id)) for policy in wanted}


def _limits(policy: Policy, found: JsonValue) -> tuple[TierLimit, ...]:
    return tuple(_tiers(policy, one, _quantity(one, found)) for one in policy.limits)


def _quantity(limit: Limit, found: JsonValue) -> JsonValue:
    if not limit.name:
        return found
    return found.get(limit.name) if isinstance(found, Mapping) else None


def _tiers(policy: Policy, limit: Limit, found: JsonValue) -> TierLimit:
    if not isinstance(found, Mapping) or not found or not _TIERS.issuperset(found):
        what = f" for {limit.name}" if limit.name else ""
        raise InvalidDocument.one(
            f"{policy.id} has no limits per tier{what}",
            where=policy.where,
            remedy=f"give `limits` in {policy.where.file} the quantities and tiers of its METADATA",
        )
    return TierLimit(limit, tuple((tier, found[tier]) for tier in Tier if tier in found))


def _nearest(name: str, policies: PolicySet) -> str:
    words = {policy.id: policy.id for policy in policies.catalog}
    words |= {policy.name: policy.id for policy in policies.catalog}
    near = difflib.get_close_matches(name.upper(), words, 3, 0.6)
    near += difflib.get_close_matches(name.lower(), words, 3, 0.6)
    ids = list(dict.fromkeys(words[word] for word in near))[:3]
    if ids:
        return f"did you mean {' or '.join(ids)}?"
    known = ", ".join(policy.id for policy in policies.catalog)
    return f"known are {known}" if known else "this repository has no policies"
