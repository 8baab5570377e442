"""The answer: findings, verdicts, decision. Shapes are those of promotion.main."""

from __future__ import annotations

from dataclasses import dataclass

from hallgate.model.values import JsonObject, JsonValue, Outcome, Severity, Tier


@dataclass(frozen=True, slots=True)
class WaiverMark:
    """The waiver that covers a finding; expires is in seconds since 1970."""

    id: str
    owner: str
    expires: int


@dataclass(frozen=True, slots=True)
class OverrideMark:
    """The emergency override that lets a policy's findings pass; times in seconds since 1970.

    review_by is when its review has to be signed and merged.
    """

    id: str
    owner: str
    expires: int
    review_by: int


@dataclass(frozen=True, slots=True)
class ObservedMark:
    """What keeps findings from blocking yet: rollout or baseline; until is seconds since 1970."""

    by: str
    until: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason why a policy does not hold. kind: fail, insufficient or evidence."""

    key: str
    kind: str
    message: str
    observed: JsonValue
    limit: JsonValue
    waiver: WaiverMark | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """One policy's outcome; findings are capped, findings_total is not.

    override is None but where the outcome is overridden. observed is None but where it is
    pending because the track only observes the policy; without it pending is not yet in force.
    """

    id: str
    outcome: Outcome
    severity: Severity
    reasons: tuple[str, ...]
    findings: tuple[Finding, ...]
    findings_total: int
    override: OverrideMark | None = None
    observed: ObservedMark | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """All verdicts in order of id. body is OPA's answer as it came, for the record."""

    allowed: bool
    decided_at: int
    tier: Tier | None
    verdicts: tuple[Verdict, ...]
    body: JsonObject
