"""Before training: what a promotion will be asked for.

The real bundle is asked with the request and no evidence at all. Whatever is
then not applicable needs none; whatever fails even so, fails on the request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hallgate.decide.compose import at, compose_input
from hallgate.decide.explain import TierLimit, tier_limits
from hallgate.decide.judge import judge
from hallgate.decide.policies import PolicySet
from hallgate.decide.producers import APPROVAL, how_to_supply, producer, signing_roles
from hallgate.engine.opa import Opa
from hallgate.model.decision import Decision, ObservedMark
from hallgate.model.documents import EvidenceSet, Request
from hallgate.model.policy import Policy
from hallgate.model.trust import Trust
from hallgate.model.values import Outcome, Tier

QUORUM = "APR-001"
_NOTHING = EvidenceSet((), (), ())


@dataclass(frozen=True, slots=True)
class DayLimit:
    """A policy's limit in days for the tier: an age, of what its title says."""

    policy: str
    title: str
    name: str
    sense: str
    days: int


@dataclass(frozen=True, slots=True)
class Need:
    """One type of evidence, who asks for it, how fresh it must be, where it comes from.

    max_age_days is the schema's, None where there is none: the age of approvals
    is limited by policies alone. commands is empty where no command makes it.
    """

    type: str
    policies: tuple[str, ...]
    max_age_days: int | None
    limits: tuple[DayLimit, ...]
    commands: tuple[str, ...]
    roles: tuple[str, ...]
    supply: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something the request alone already fails on."""

    policy: str
    outcome: Outcome
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Later:
    """A policy that does not bind yet, from when it will, and what it will ask for."""

    policy: str
    title: str
    effective_from: int
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What the promotion will be asked for.

    approvals is the number of roles that must approve, None where the catalog
    has no quorum or the tier is unknown; exempt pairs policies that do not apply with the reason.
    """

    request: Request
    asked_at: int
    tier: Tier | None
    needs: tuple[Need, ...]
    approvals: int | None
    problems: tuple[Problem, ...]
    later: tuple[Later, ...]
    exempt: tuple[tuple[str, str], ...]


def plan(
    engine: Opa,
    policies: PolicySet,
    request: Request,
    trust: Trust,
    *,
    max_ages: Mapping[str, int],
    when: int | None = None,
) -> Plan:
    """The plan of a request; max_ages are the schemas' max_age_days by evidence type.

    when asks about another time, None about now. Raises EngineError where the
    bundle gives no complete answer.
    """
    document = compose_input(request, _NOTHING, trust)
    if when is not None:
        document = at(document, when)
    decision = judge(engine, policies.rules, None, document, replay=when is not None)
    catalog = {policy.id: policy for policy in policies.catalog}
    outcomes = {verdict.id: verdict.outcome for verdict in decision.verdicts}
    marks = {verdict.id: verdict.observed for verdict in decision.verdicts}
    idle = {Outcome.PENDING, Outcome.NOT_APPLICABLE}
    asking = tuple(policy for policy in policies.catalog if outcomes[policy.id] not in idle)
    limits = tier_limits(engine, policies, asking)
    return Plan(
        request=request,
        asked_at=decision.decided_at,
        tier=decision.tier,
        needs=_needs(asking, limits, trust, max_ages, decision.tier),
        approvals=_approvals(limits.get(QUORUM, ()), decision.tier),
        problems=_problems(decision, catalog),
        later=tuple(
            Later(policy.id, policy.title, _binds(policy, marks[policy.id]), policy.evidence)
            for policy in policies.catalog
            if outcomes[policy.id] is Outcome.PENDING
        ),
        exempt=tuple(
            (verdict.id, "; ".join(verdict.reasons))
            for verdict in decision.verdicts
            if verdict.outcome is Outcome.NOT_APPLICABLE
        ),
    )


def _binds(policy: Policy, mark: ObservedMark | None) -> int:
    """From when it blocks (seconds): the end of what only observes it, or its own date."""
    return policy.effective_from if mark is None else mark.until


def _needs(
    asking: tuple[Policy, ...],
    limits: Mapping[str, tuple[TierLimit, ...]],
    trust: Trust,
    max_ages: Mapping[str, int],
    tier: Tier | None,
) -> tuple[Need, ...]:
    kinds = sorted({kind for policy in asking for kind in policy.evidence})
    return tuple(
        Need(
            type=kind,
            policies=tuple(policy.id for policy in asking if kind in policy.evidence),
            max_age_days=None if kind == APPROVAL else max_ages.get(kind),
            limits=tuple(
                limit
                for policy in asking
                if kind in policy.evidence
                for limit in _days(policy, limits[policy.id], tier)
            ),
            commands=producer(kind).commands,
            roles=signing_roles(kind, trust),
            supply=how_to_supply(kind, trust),
        )
        for kind in kinds
    )


def _days(policy: Policy, limits: tuple[TierLimit, ...], tier: Tier | None) -> list[DayLimit]:
    if tier is None:
        return []
    return [
        DayLimit(policy.id, policy.title, limit.quantity.name, limit.quantity.sense, days)
        for limit in limits
        if limit.quantity.unit == "days" and type(days := limit.at(tier)) is int
    ]


def _approvals(limits: tuple[TierLimit, ...], tier: Tier | None) -> int | None:
    if tier is None or len(limits) != 1:
        return None
    number = limits[0].at(tier)
    return number if type(number) is int else None


def _problems(decision: Decision, catalog: Mapping[str, Policy]) -> tuple[Problem, ...]:
    found = []
    for verdict in decision.verdicts:
        policy = catalog[verdict.id]
        if verdict.outcome is Outcome.ERROR:
            remedy = f"run `hallgate check` and tell the owners of {policy.where.file}"
            found += [Problem(verdict.id, verdict.outcome, one, remedy) for one in verdict.reasons]
        found += [
            Problem(verdict.id, verdict.outcome, finding.message, policy.remediation)
            for finding in verdict.findings
            if finding.kind != "evidence"
        ]
    return tuple(found)
