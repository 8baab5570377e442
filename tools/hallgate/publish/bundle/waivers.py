"""Builds the bundle of waivers, which has a root, a scope and a channel of its own.

Approvals and signatures are verified here, because OPA cannot; what is in force is decided by the
policies' own matcher, by date, wherever both bundles are loaded. No such bundle means no waivers.
"""

from __future__ import annotations

from collections.abc import Sequence

from hallgate.decide.compose import waiver_bundle
from hallgate.decide.policies import PolicySet
from hallgate.engine.bundle import Bundle, build_bundle
from hallgate.engine.opa import Opa
from hallgate.intake.history import History
from hallgate.intake.repository import Repository
from hallgate.intake.tracks import WAIVERS
from hallgate.model.documents import Override, Waiver
from hallgate.model.errors import EngineAborted, UsageError
from hallgate.publish.bundle.archive import MANIFEST, unpack
from hallgate.publish.bundle.build import Origin, check_built, folder_digest, origin_metadata

_SMOKE = (
    '{"allowed": data.promotion.main.allowed, "decided": data.promotion.main.decision.allowed,'
    ' "waivers": count({one.id | some index in ["by_digest", "by_model"];'
    " some list in data.waivers[index]; some one in list}),"
    ' "overrides": count({one.id | some list in data.waivers.overrides; some one in list})}'
)


def build_waivers(
    waivers: Sequence[Waiver],
    overrides: Sequence[Override],
    now: int,
    policies: PolicySet,
    origin: Origin,
    engine: Opa,
) -> Bundle:
    """The bundle of all waivers that have not expired at this time (seconds), checked by OPA.

    And of all overrides there ever were, because the review of an old one may be owed.

    Raises EngineAborted where it is not strict Rego beside the policies, or an empty request
    would be allowed.
    """
    plain = waiver_bundle(waivers, now, overrides=overrides)
    files = {path: data for path, data in unpack(plain.data).items() if path != MANIFEST}
    bundle = build_bundle(files, (WAIVERS,), origin_metadata(WAIVERS, origin))
    check_built(bundle, engine)
    said = engine.evaluate([policies.bundle, bundle], _SMOKE, {})
    living = {one.id for one in waivers if _lives(one, now)}
    held = {"waivers": len(living), "overrides": len(overrides)}
    if said != {"allowed": False, "decided": False, **held}:
        raise EngineAborted(
            "beside the policies the bundle of waivers does not hold what was read, or lets an"
            f" empty request through: {said}",
            remedy="do not publish it; run `hallgate check`",
        )
    return bundle


def require_history(history: History) -> None:
    """Raise UsageError where Git cannot tell who touched which waiver.

    Then nobody could be cleared, and every consumer would lose every waiver at once.
    """
    if history.head is None:
        raise UsageError(
            f"a bundle of waivers needs Git's history: {history.why_unknown}",
            remedy="build in a whole clone (in CI: fetch-depth 0)",
        )


def waiver_inputs(repository: Repository) -> dict[str, str | None]:
    """Digests of what a bundle of waivers is made from, by name."""
    return {
        "exceptions": folder_digest(repository.exceptions),
        "trust": folder_digest(repository.trust),
    }


def _lives(waiver: Waiver, now: int) -> bool:
    expires = waiver.document["expires"]
    named = bool(waiver.digests) or waiver.ranged_model is not None
    return isinstance(expires, int) and expires > now and named
