"""From verified documents to OPA's one input document."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from hallgate.engine.bundle import Bundle, build_bundle, rego_constants
from hallgate.model.documents import EvidenceSet, Request, Waiver
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
        "trust": {
            "builders": [{"id": one.id, "level": one.level} for one in trust.builders],
            "model_signers": list(trust.model_signers),
        },
        "quarantined": [],
    }


def at(document: JsonObject, now: int) -> JsonObject:
    """The same input with the time that promotion.replay reads, in seconds since 1970."""
    return {**document, "now": now}


def quarantine(document: JsonObject, policies: Sequence[str]) -> JsonObject:
    """The same input with policies that made the engine abort; they become error."""
    return {**document, "quarantined": sorted(policies)}


def waiver_bundle(
    waivers: Sequence[Waiver], now: int, digests: Collection[str] | None = None
) -> Bundle:
    """The bundle with root `waivers`: what has not expired, by model digest.

    digests names the models of one decision: no other waiver could be in force for
    them, and OPA reads 10,000 constants for a second or more. None takes all, to publish.
    """
    by_digest: dict[str, list[JsonValue]] = {}
    for waiver in sorted(waivers, key=lambda one: one.id):
        expires = waiver.document["expires"]
        if isinstance(expires, int) and expires > now:
            for digest in _digests(waiver.document):
                if digests is None or digest in digests:
                    by_digest.setdefault(digest, []).append(waiver_constant(waiver))
    constants = rego_constants("waivers", {"by_digest": by_digest})
    return build_bundle({"waivers/waivers.rego": constants}, ("waivers",), {})


def _digests(entry: JsonObject) -> tuple[str, ...]:
    subject = entry["subject"]
    digests = subject["digests"] if isinstance(subject, dict) else ()
    return tuple(sorted({str(digest) for digest in digests}))


def waiver_constant(waiver: Waiver) -> dict[str, JsonValue]:
    """A waiver as lib/waivers reads it: the document with what was verified about it."""
    approvals: list[JsonValue] = [
        {
            "identity": word.identity,
            "role": word.role,
            "decision": word.decision,
            "approved_at": word.approved_at,
            "valid_until": word.valid_until,
            "published_at": word.published_at,
            "rule_digest": word.rule_digest,
        }
        for word in waiver.approvals
    ]
    touched = None if waiver.touched_by is None else list(waiver.touched_by)
    return {**waiver.document, "approvals": approvals, "touched_by": touched}
