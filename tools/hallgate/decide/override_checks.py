"""How overrides stand, and their governance (policies/checks/overrides)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hallgate.decide.check_sources import governance_sources
from hallgate.decide.compose import override_constant
from hallgate.decide.policies import PolicySet
from hallgate.decide.standings import ask_governance, ask_standings
from hallgate.engine.bundle import Bundle, build_bundle
from hallgate.engine.opa import Opa
from hallgate.intake.narrow import a_text
from hallgate.intake.repository import Repository
from hallgate.model.documents import Override
from hallgate.model.errors import Fault, Location
from hallgate.model.values import JsonObject


def override_standings(
    engine: Opa, policies: Bundle, overrides: Sequence[Override], at: int
) -> Mapping[str, JsonObject]:
    """By id how each stands as of a time in seconds, as lib/overrides says it.

    Members: status (proposed, approved, in_force, expired, revoked, overdue, reviewed),
    needed, matched, review_by (seconds or null), tiers, forbidden, barred. Raises EngineError.
    """
    said = {one.id: override_constant(one) for one in overrides}
    return ask_standings(engine, policies, "override", said, at)


def override_faults(
    repository: Repository,
    engine: Opa,
    policies: PolicySet,
    overrides: Sequence[Override],
    *,
    at: int,
) -> tuple[Fault, ...]:
    """What governance finds in overrides as of a time (seconds), in order of file and key.

    A repository with overrides and without these rules is itself at fault. Raises EngineError.
    """
    if not overrides:
        return ()
    rules = governance_sources(repository, "overrides")
    if not rules:
        folder = repository.root / "policies" / "checks" / "overrides"
        words = "take the folder over from Hallgate; nothing else governs emergencies"
        return (Fault("there are no policies about overrides", Location(str(folder)), words),)
    document: JsonObject = {
        "overrides": [{**override_constant(one), "file": one.file} for one in overrides],
        "catalog": [one.id for one in policies.catalog],
        "now": at,
    }
    bundle = build_bundle(rules, ("checks",), {})
    found = ask_governance(engine, policies.bundle, bundle, "override", document)
    faults = [_fault(one) for one in found]
    return tuple(sorted(faults, key=lambda one: (str(one.where), one.what)))


def _fault(finding: JsonObject) -> Fault:
    what = f"{a_text(finding['message'])} (overrides)"
    return Fault(what, Location(a_text(finding["file"])), a_text(finding["remedy"]))
