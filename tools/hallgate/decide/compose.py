"""From verified documents to OPA's one input document."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from hallgate.engine.bundle import Bundle, build_bundle, rego_constants
from hallgate.model.documents import Approval, EvidenceSet, Override, Request, Waiver
from hallgate.model.trust import Trust
from hallgate.model.values import JsonObject, JsonValue


def compose_input(request: Request, evidence: EvidenceSet, trust: Trust) -> JsonObject:
    """The input document of formats.md; evidence by type, in order of file."""
    by_type: dict[str, list[JsonValue]] = {}
    for statement in evidence.statements:
        by_type.setdefault(statement.type, []).append(statement.document)
    return {
        "request": request.document,
        "evidence": by_type,
        "rejected": [rejection.document() for rejection in evidence.rejections],
        "trust": sources(trust),
        "quarantined": [],
    }


def sources(trust: Trust) -> JsonObject:
    """What trust/sources.yaml says, as policies read it."""
    return {
        "builders": [{"id": one.id, "level": one.level} for one in trust.builders],
        "model_signers": list(trust.model_signers),
        "base_models": [
            {"publisher": one.publisher, "name": one.name, "digest": one.digest}
            for one in trust.base_models
        ],
    }


def at(document: JsonObject, now: int) -> JsonObject:
    """The same input with the time that promotion.replay reads, in seconds since 1970."""
    return {**document, "now": now}


def quarantine(document: JsonObject, policies: Sequence[str]) -> JsonObject:
    """The same input with policies that made the engine abort; they become error."""
    return {**document, "quarantined": sorted(policies)}


def waiver_bundle(
    waivers: Sequence[Waiver],
    now: int,
    digests: Collection[str] | None = None,
    *,
    overrides: Sequence[Override] | None,
    models: Collection[str] | None = None,
) -> Bundle:
    """The bundle with root `waivers`: what has not expired, and overrides.

    Waivers stand by model digest; those of a range of versions, if there are any, by model
    name. digests names the models of one decision: no other waiver could be in force for
    them, and OPA reads 10,000 constants for a second or more; models does so by name for
    ranges and overrides. None takes all, to publish. All overrides there ever were stay in, because
    the review of an old one may be owed; overrides=None says that nobody knows of them,
    and then every promotion is denied.
    """
    told = exceptions(waivers, now, digests, overrides=overrides, models=models)
    return exceptions_bundle(told)


def exceptions_bundle(told: Mapping[str, JsonObject]) -> Bundle:
    """The bundle of what exceptions() tells."""
    constants = rego_constants("waivers", told)
    return build_bundle({"waivers/waivers.rego": constants}, ("waivers",), {})


def exceptions(
    waivers: Sequence[Waiver],
    now: int,
    digests: Collection[str] | None = None,
    *,
    overrides: Sequence[Override] | None,
    models: Collection[str] | None = None,
) -> dict[str, JsonObject]:
    """What data.waivers holds of them, as in waiver_bundle()."""
    by_digest: dict[str, list[JsonValue]] = {}
    by_model: dict[str, list[JsonValue]] = {}
    for waiver in sorted(waivers, key=lambda one: one.id):
        expires = waiver.document["expires"]
        if isinstance(expires, int) and expires > now:
            for digest in waiver.digests:
                if digests is None or digest in digests:
                    by_digest.setdefault(digest, []).append(waiver_constant(waiver))
            model = waiver.ranged_model
            if model is not None and (models is None or model in models):
                by_model.setdefault(model, []).append(waiver_constant(waiver))
    told: dict[str, JsonObject] = {"by_digest": by_digest}
    if by_model:
        told["by_model"] = by_model
    if overrides is not None:
        told["overrides"] = _by_model(overrides, models)
    return told


def _by_model(overrides: Sequence[Override], models: Collection[str] | None) -> JsonObject:
    found: dict[str, list[JsonValue]] = {}
    for one in sorted(overrides, key=lambda one: one.id):
        if models is None or one.model in models:
            found.setdefault(one.model, []).append(override_constant(one))
    return found


def waiver_constant(waiver: Waiver) -> dict[str, JsonValue]:
    """A waiver as lib/waivers reads it: the document with what was verified about it."""
    approvals: list[JsonValue] = [
        {**_spoken(word), "rule_digest": word.rule_digest} for word in waiver.approvals
    ]
    touched = None if waiver.touched_by is None else list(waiver.touched_by)
    return {**waiver.document, "approvals": approvals, "touched_by": touched}


def override_constant(override: Override) -> dict[str, JsonValue]:
    """An override as lib/overrides reads it; what is prose stays in its file."""
    names = ("id", "policies", "owner", "requester", "subject", "opened", "expires")
    touched = None if override.touched_by is None else list(override.touched_by)
    return {
        **{name: override.document[name] for name in names},
        "approvals": [_spoken(word) for word in override.approvals],
        "touched_by": touched,
        "claimed_at": override.claimed_at,
    }


def _spoken(word: Approval) -> dict[str, JsonValue]:
    return {
        "identity": word.identity,
        "role": word.role,
        "decision": word.decision,
        "approved_at": word.approved_at,
        "valid_until": word.valid_until,
        "published_at": word.published_at,
    }
