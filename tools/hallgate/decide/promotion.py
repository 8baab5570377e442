"""Decides one promotion: the order of steps, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from hallgate.decide.compose import at, compose_input, waiver_bundle
from hallgate.decide.judge import judge
from hallgate.decide.policies import PolicySet
from hallgate.engine.bundle import Bundle
from hallgate.engine.opa import Opa
from hallgate.model.decision import Decision
from hallgate.model.documents import EvidenceSet, Override, Request, Waiver
from hallgate.model.trust import Trust
from hallgate.model.values import JsonObject


@dataclass(frozen=True, slots=True)
class Materials:
    """Everything a decision stands on, already read and verified."""

    request: Request
    evidence: EvidenceSet
    trust: Trust
    waivers: tuple[Waiver, ...]
    overrides: tuple[Override, ...]
    policies: PolicySet


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision with what is needed to record and replay it."""

    decision: Decision
    document: JsonObject
    waivers: Bundle


def decide_promotion(engine: Opa, materials: Materials, now: int, *, what_if: bool) -> Decided:
    """Judge the materials; now is in seconds since 1970.

    what_if asks promotion.replay about that time; otherwise OPA's own clock
    counts and now only chooses which waivers have not expired.
    """
    document = compose_input(materials.request, materials.evidence, materials.trust)
    if what_if:
        document = at(document, now)
    request = materials.request
    waivers = waiver_bundle(
        materials.waivers,
        now,
        {request.model_digest},
        overrides=materials.overrides,
        models={request.model_name},
    )
    decision = judge(engine, materials.policies.rules, waivers, document, replay=what_if)
    return Decided(decision, document, waivers)
