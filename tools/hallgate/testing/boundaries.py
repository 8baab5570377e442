"""Every limit of every policy: one step stricter than what was observed, on it, one step laxer.

The one rule: `sense` says which side is wrong, and on the limit passes. A scenario shows a
finding with what was observed against which limit; the limit is moved, not the evidence, so
that nothing must be known of how a policy measures. Judged in one run by OPA.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from hallgate.decide.explain import TierLimit
from hallgate.decide.policies import PolicySet
from hallgate.engine.bundle import build_bundle
from hallgate.engine.opa import Opa
from hallgate.model.decision import Decision, Finding
from hallgate.model.policy import Policy
from hallgate.model.values import JsonObject, Tier

_FAR = 10**12
_HARMLESS = {
    "purpose": "internal_reporting",
    "domain": "research",
    "effect": "none",
    "autonomy": "advisory",
    "data": ["public"],
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding of a scenario about one quantity of a policy."""

    document: int
    tier: Tier
    kind: str
    key: str
    observed: int


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of moving one limit at one tier; found says where the finding was, by place.

    Places: `strictest`, `stricter` (by one), `on`, `laxer` (by one), `laxest`.
    """

    policy: str
    quantity: str
    tier: Tier
    key: str
    applies: bool
    found: Mapping[str, bool]

    @property
    def exact(self) -> bool:
        """What is observed is what is compared, and on the limit passes."""
        return self.found["stricter"] and not self.found["on"] and not self.found["laxer"]

    @property
    def off_by_one(self) -> bool:
        """It fails on the limit and passes one step later."""
        return self.found["on"] and not self.found["laxer"]

    @property
    def judged(self) -> bool:
        """The limit decides: far on one side it is found, far on the other it is not."""
        return self.found["strictest"] and not self.found["laxest"]


def shown(
    decisions: Sequence[Decision], limits: Mapping[str, Sequence[TierLimit]]
) -> dict[tuple[str, str], list[Shown]]:
    """By policy and quantity: findings that name its limit, and what was observed.

    Shown.document is the decision's place, counted from 0.
    """
    found: dict[tuple[str, str], list[Shown]] = {}
    for number, decision in enumerate(decisions):
        for verdict in decision.verdicts:
            for finding in verdict.findings:
                for one in limits.get(verdict.id, ()):
                    if _names(finding, one, decision.tier):
                        case = Shown(
                            number,
                            cast(Tier, decision.tier),
                            finding.kind,
                            finding.key,
                            cast(int, finding.observed),
                        )
                        found.setdefault((verdict.id, one.quantity.name), []).append(case)
    return found


def _names(finding: Finding, one: TierLimit, tier: Tier | None) -> bool:
    """Whether a finding says what was observed against this limit."""
    return (
        tier is not None
        and finding.kind != "evidence"
        and isinstance(finding.observed, int)
        and finding.limit == one.at(tier)
    )


def tried(
    documents: Sequence[JsonObject],
    policies: PolicySet,
    limits: Mapping[str, Sequence[TierLimit]],
    cases: Mapping[tuple[str, str], Sequence[Shown]],
    engine: Opa,
) -> tuple[Tried, ...]:
    """Each case at its own tier, and at every tier by a harmless use that declares it."""
    named = sorted({name for name, _ in cases})
    about = [
        (name, quantity, tier, case)
        for (name, quantity), some in sorted(cases.items())
        for case in some
        for tier in Tier
    ]

    def ask(places: Sequence[Mapping[str, int]]) -> list[dict[str, Any]]:
        """Answers by place, for each of about."""
        asked: list[JsonObject] = []
        for (name, quantity, tier, case), values in zip(about, places, strict=True):
            document = _at_tier(documents[case.document], case.tier, tier)
            for value in values.values():
                moved = _moved(limits[name], quantity, tier, value)
                asked.append({"id": name, "doc": document, "limits": moved})
        rows = iter(_judge(policies, asked, named, engine))
        return [{place: next(rows) for place in values} for values in places]

    senses = [_sense(policies, name, quantity) for name, quantity, _, _ in about]
    far = ask([_far(sense) for sense in senses])
    # Another use can change what is observed, so it is read again before the steps.
    seen = [
        _observed(answers["strictest"], case)
        for (_, _, _, case), answers in zip(about, far, strict=True)
    ]
    near = ask([_near(one, sense) for one, sense in zip(seen, senses, strict=True)])
    return tuple(
        Tried(
            name,
            quantity,
            tier,
            case.key,
            all(row["applies"] for row in (*wide.values(), *narrow.values())),
            {place: _has(row, case) for place, row in (*wide.items(), *narrow.items())},
        )
        for (name, quantity, tier, case), wide, narrow in zip(about, far, near, strict=True)
    )


def _sense(policies: PolicySet, name: str, quantity: str) -> str:
    policy = cast(Policy, policies.policy(name))
    return next(one.sense for one in policy.limits if one.name == quantity)


def _has(row: Mapping[str, Any], case: Shown) -> bool:
    return any([kind, key] == [case.kind, case.key] for kind, key, _ in row["findings"])


def _observed(row: Mapping[str, Any], case: Shown) -> int:
    """What an answer's finding of the same kind and key observed, else what the case did."""
    for kind, key, seen in row["findings"]:
        if [kind, key] == [case.kind, case.key] and isinstance(seen, int):
            return seen
    return case.observed


def _far(sense: str) -> dict[str, int]:
    step = -1 if sense == "maximum" else 1
    return {"strictest": step * _FAR, "laxest": -step * _FAR}


def _near(observed: int, sense: str) -> dict[str, int]:
    step = -1 if sense == "maximum" else 1
    return {"stricter": observed + step, "on": observed, "laxer": observed - step}


def _moved(limits: Iterable[TierLimit], quantity: str, tier: Tier, value: int) -> JsonObject:
    by_name = {
        one.quantity.name: {
            of.value: value if one.quantity.name == quantity and of is tier else limit
            for of, limit in one.values
        }
        for one in limits
    }
    return cast(JsonObject, by_name.get("", by_name))


def _at_tier(document: JsonObject, own: Tier, tier: Tier) -> JsonObject:
    if tier is own:
        return document
    request = cast("dict[str, Any]", document["request"])
    use = {**request["use"], **_HARMLESS}
    return {**document, "request": {**request, "use": use, "declared_tier": tier.value}}


def _judge(
    policies: PolicySet, asked: list[JsonObject], names: list[str], engine: Opa
) -> list[dict[str, Any]]:
    """Each case by its one policy; a path in `with` is fixed, so each policy has its rule."""
    rules = ["# Generated; never kept.", "package limits_moved", ""]
    for name in names:
        policy = cast(Policy, policies.policy(name))
        rules.append(_RULE % {"id": json.dumps(name), "path": f"{policy.family}.{policy.name}"})
    module = "\n".join(rules).encode()
    extra = build_bundle({"limits_moved/limits_moved.rego": module}, ("limits_moved",), {})
    query = "{i: answer | some answer in data.limits_moved.answers; i := answer.i}"
    answers = cast(
        "dict[str, dict[str, Any]]",
        engine.evaluate([policies.bundle, extra], query, {"cases": list(asked)}),
    )
    return [answers[str(number)] for number in range(len(asked))]


_RULE = """answers contains {"i": i, "applies": applies, "findings": findings} if {
	some i, case in input.cases
	case.id == %(id)s
	entry := {case.id: data.promotion.generated.catalog.policies[case.id]}
	decision := data.promotion.replay.decision with input as case.doc
		with data.promotion.generated.catalog.policies as entry
		with data.promotion.rules.%(path)s.limits as case.limits
	some verdict in decision.verdicts
	applies := verdict.outcome != "not_applicable"
	findings := {[finding.kind, finding.key, finding.observed] | some finding in verdict.findings}
}
"""
