"""A decision as SLSA Verification Summary Attestation v1, for tools that know no Hallgate.

Specification: https://slsa.dev/spec/v1.1/verification_summary. A denied promotion has the
level FAILED, as the specification wants it; an allowed one HALLGATE_TIER_<TIER>, or
HALLGATE_OVERRIDDEN in an emergency: the prefix SLSA_ is reserved. Waivers, overrides, what was
only observed and mode stand in extension fields named by URI.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from hallgate.model.errors import InvalidDocument, Location, NotProven
from hallgate.model.values import JsonObject, JsonValue
from hallgate.record.decision_statement import DecisionClaims

VSA_TYPE = "https://slsa.dev/verification_summary/v1"
SLSA_VERSION = "1.1"
POLICY_URI = "urn:hallgate:bundle:promotion"
WAIVERS = "urn:hallgate:waivers:v1"
OVERRIDES = "urn:hallgate:overrides:v1"
OBSERVED = "urn:hallgate:observed:v1"
OVERRIDDEN = "HALLGATE_OVERRIDDEN"
MODE = "urn:hallgate:mode:v1"
PASSED = "PASSED"
FAILED = "FAILED"

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_STAGE = re.compile(r"[a-z][a-z0-9_-]{0,39}")


def resource_uri(model: str, to_stage: str) -> str:
    """`urn:hallgate:promotion:<model>:<to_stage>`; InvalidDocument where it would be ambiguous."""
    if _NAME.fullmatch(model) is None or _STAGE.fullmatch(to_stage) is None:
        raise InvalidDocument.one(
            f"no resource URI for model {model!r} and stage {to_stage!r}",
            remedy="use lower-case letters, digits and . _ - in names",
        )
    return f"urn:hallgate:promotion:{model}:{to_stage}"


def verifier_id(identity: str) -> str:
    """The verifier.id that belongs to a signing identity, and to it alone."""
    return f"urn:hallgate:verifier:{identity}"


def vsa_predicate(decision: DecisionClaims, to_stage: str, identity: str) -> dict[str, JsonValue]:
    """The predicate for this decision, signed by identity; equal decisions give equal ones."""
    tier = decision.tier.value.upper() if decision.tier else "UNKNOWN"
    verdicts = _telling(decision.body)
    marks, watched = _marked(verdicts, "override"), _marked(verdicts, "observed")
    level = FAILED if not decision.allowed else OVERRIDDEN if marks else f"HALLGATE_TIER_{tier}"
    return {
        "verifier": {"id": verifier_id(identity)},
        "timeVerified": _rfc3339(decision.decided_at),
        "resourceUri": resource_uri(decision.model, to_stage),
        "policy": {"uri": POLICY_URI, "digest": _digest(decision.policies)},
        "inputAttestations": [
            {"uri": "urn:hallgate:statement:" + digest, "digest": {"sha256": digest[7:]}}
            for digest in decision.evidence
        ],
        "verificationResult": PASSED if decision.allowed else FAILED,
        "verifiedLevels": [level],
        "slsaVersion": SLSA_VERSION,
        WAIVERS: {"bundle": decision.waivers, "applied": _applied(verdicts)},
        MODE: decision.mode,
        **({OVERRIDES: marks} if marks else {}),
        **({OBSERVED: watched} if watched else {}),
    }


def check_vsa(
    predicate: JsonObject,
    decision: DecisionClaims,
    to_stage: str,
    identity: str,
    where: Location | None = None,
) -> None:
    """Return when the predicate says what the decision says; NotProven names what differs.

    Further extension fields and another slsaVersion are let pass: they change no meaning.
    """
    expected = vsa_predicate(decision, to_stage, identity)
    differing = [
        name
        for name, value in expected.items()
        if name != "slsaVersion" and predicate.get(name) != value
    ]
    if differing:
        raise NotProven(
            f"VSA and decision disagree on {', '.join(differing)}",
            remedy="use the VSA and the decision that were written together",
            where=where,
        )


def _applied(verdicts: list[JsonObject]) -> list[JsonValue]:
    """Waivers that covered a finding: {policy, id, owner, expires}, sorted, each once."""
    marks: dict[tuple[str, str], JsonValue] = {}
    for verdict in verdicts:
        for finding in _objects(verdict.get("findings")):
            waiver = finding.get("waiver")
            if isinstance(waiver, (dict, Mapping)):
                key = str(verdict.get("id")), str(waiver.get("id"))
                marks[key] = {"policy": key[0], **waiver}
    return [marks[key] for key in sorted(marks)]


def overrides(body: JsonObject) -> list[JsonValue]:
    """Emergency overrides that let a policy pass: {policy, id, owner, expires, review_by}."""
    return _marked(_telling(body), "override")


def observed(body: JsonObject) -> list[JsonValue]:
    """Policies whose findings do not block yet: {policy, by, until}, by rollout or baseline."""
    return _marked(_telling(body), "observed")


def _marked(verdicts: list[JsonObject], name: str) -> list[JsonValue]:
    return [
        {"policy": str(verdict.get("id")), **mark}
        for verdict in verdicts
        if isinstance(mark := verdict.get(name), (dict, Mapping))
    ]


def _telling(body: JsonObject) -> list[JsonObject]:
    """The few verdicts that a waiver, an override or an observation may have marked."""
    return [
        one
        for one in _objects(body.get("verdicts"))
        if one.get("findings") or one.get("override") is not None or one.get("observed") is not None
    ]


def _objects(value: JsonValue) -> list[JsonObject]:
    return (
        [one for one in value if type(one) is dict or isinstance(one, Mapping)]
        if isinstance(value, list)
        else []
    )


def _digest(digest: str) -> JsonObject:
    return {"sha256": digest.removeprefix("sha256:")}


def _rfc3339(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
