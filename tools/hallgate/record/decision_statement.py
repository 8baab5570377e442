"""The decision statement: what a record claims, as docs/guide/formats.md has it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hallgate.model.errors import InvalidDocument, Location
from hallgate.model.values import JsonObject, JsonValue, Outcome, Tier
from hallgate.record.canonical import are_digests, is_digest, short_cut
from hallgate.record.statement import STATEMENT_TYPE, Statement, statement

if TYPE_CHECKING:
    from hallgate.record.exact import Decision

DECISION_TYPE = "urn:hallgate:decision:v1"
ENFORCE = "enforce"

_MEMBERS = {"body", "mode", "input", "policies", "waivers", "engine", "evidence"}
_LATEST = 253_402_300_799  # the last second of the year 9999
_HARMLESS = frozenset(one.value for one in Outcome if not one.blocks)
_OVERRIDDEN = Outcome.OVERRIDDEN.value
_PLAIN = _HARMLESS - {_OVERRIDDEN}
_TIERS = {one.value: one for one in Tier}
_WORD = re.compile(r"[a-z][a-z_]{0,39}")


@dataclass(frozen=True, slots=True)
class DecisionClaims:
    """A decision as recorded about one model.

    body is OPA's answer; input, policies, waivers (None where there were none) and
    evidence are digests; decided_at is in seconds since 1970.
    """

    model: str
    digest: str
    allowed: bool
    decided_at: int
    tier: Tier | None
    body: JsonObject
    mode: str
    input: str
    policies: str
    waivers: str | None
    engine: tuple[str, str]
    evidence: tuple[str, ...]

    def statement(self) -> dict[str, JsonValue]:
        """The in-toto statement of these claims."""
        name, version = self.engine
        return statement(
            self.model,
            self.digest,
            DECISION_TYPE,
            {
                "body": self.body,
                "mode": self.mode,
                "input": self.input,
                "policies": self.policies,
                "waivers": self.waivers,
                "engine": {"name": name, "version": version},
                "evidence": list(self.evidence),
            },
        )


def read_decision_statement(parsed: Statement, where: Location | None = None) -> DecisionClaims:
    """The claims of a decision statement; raises InvalidDocument with where."""
    predicate = parsed.predicate
    if parsed.predicate_type != DECISION_TYPE:
        raise _malformed(f"predicateType is not {DECISION_TYPE}", where)
    if set(predicate) != _MEMBERS:
        raise _malformed(f"a decision has {', '.join(sorted(_MEMBERS))}, nothing else", where)
    mode, waivers = predicate["mode"], predicate["waivers"]
    if not isinstance(mode, str) or _WORD.fullmatch(mode) is None:
        raise _malformed("mode is no word", where)
    body = _object(predicate["body"], {"allowed", "decided_at", "tier", "verdicts"}, "body", where)
    engine = _object(predicate["engine"], {"name", "version"}, "engine", where)
    return DecisionClaims(
        model=parsed.name,
        digest=parsed.digest,
        allowed=_allowed(body, where),
        decided_at=_time(body["decided_at"], where),
        tier=_tier(body["tier"], where),
        body=body,
        mode=mode,
        input=_digest(predicate["input"], "input", where),
        policies=_digest(predicate["policies"], "policies", where),
        waivers=None if waivers is None else _digest(waivers, "waivers", where),
        engine=(_text(engine["name"], where), _text(engine["version"], where)),
        evidence=_evidence(predicate["evidence"], where),
    )


def brief_claims(payload: bytes) -> DecisionClaims | None:
    """The claims of a statement whose bytes prove them, for a run over many records.

    Of the body's verdicts it holds those alone that a waiver, an override or an observation may
    have marked, which is all that a VSA tells of them: for the whole body use
    read_decision_statement. None where only that one can tell.
    """
    exact = short_cut()
    said: Decision | None = exact and exact.exact_decision(payload)
    if said is None or len(said.subject) != 1:
        return None
    (subject,), predicate = said.subject, said.predicate
    body, waivers, digest = predicate.body, predicate.waivers, f"sha256:{subject.digest.sha256}"
    named = [digest, predicate.input, predicate.policies, *([] if waivers is None else [waivers])]
    permits = {one.outcome for one in body.verdicts} <= _PLAIN
    if (
        (said.type, said.predicateType) != (STATEMENT_TYPE, DECISION_TYPE)
        or not (subject.name and predicate.engine.name and predicate.engine.version)
        or _WORD.fullmatch(predicate.mode) is None
        or not 0 <= body.decided_at <= _LATEST
        or (body.tier is not None and body.tier not in _TIERS)
        or (body.allowed and not (permits and body.verdicts and body.tier))
        or not are_digests([*named, *predicate.evidence])
        or sorted(set(predicate.evidence)) != predicate.evidence
    ):
        return None
    telling = [
        exact.plain(one)
        for one in body.verdicts
        if one.findings or one.override is not None or one.observed is not None
    ]
    return DecisionClaims(
        model=subject.name,
        digest=digest,
        allowed=body.allowed,
        decided_at=body.decided_at,
        tier=_TIERS[body.tier] if body.tier else None,
        body={"verdicts": telling},
        mode=predicate.mode,
        input=predicate.input,
        policies=predicate.policies,
        waivers=waivers,
        engine=(predicate.engine.name, predicate.engine.version),
        evidence=tuple(predicate.evidence),
    )


def _allowed(body: JsonObject, where: Location | None) -> bool:
    """What the body answers, held against its own verdicts: a blocking one allows nothing."""
    allowed, verdicts = body["allowed"], body["verdicts"]
    if not isinstance(allowed, bool) or not isinstance(verdicts, list):
        raise _malformed("body.allowed or body.verdicts has the wrong type", where)
    if allowed and (not verdicts or body["tier"] is None or not _all_permit(verdicts)):
        raise _malformed("body allows although a verdict blocks or is missing", where)
    return allowed


def _all_permit(verdicts: list[JsonValue]) -> bool:
    try:
        if {one["outcome"] for one in verdicts} <= _PLAIN:  # type: ignore[index, call-overload]
            return True  # by far the most: one look at all of them
    except (TypeError, KeyError):
        pass  # one of them has another form, which the closer look refuses
    return not any(map(_blocks, verdicts))


def _blocks(verdict: JsonValue) -> bool:
    outcome = verdict.get("outcome") if isinstance(verdict, (dict, Mapping)) else None
    if isinstance(verdict, (dict, Mapping)) and outcome == _OVERRIDDEN:
        # Without its end nobody could tell when it permits no more.
        mark = verdict.get("override")
        return not isinstance(mark, (dict, Mapping)) or not isinstance(mark.get("expires"), int)
    return not isinstance(outcome, str) or outcome not in _HARMLESS


def _time(value: JsonValue, where: Location | None) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LATEST:
        raise _malformed("body.decided_at is no time in seconds since 1970", where)
    return value


def _tier(value: JsonValue, where: Location | None) -> Tier | None:
    tier = _TIERS.get(value) if isinstance(value, str) else None
    if value is not None and tier is None:
        raise _malformed("body.tier is no tier", where)
    return tier


def _evidence(value: JsonValue, where: Location | None) -> tuple[str, ...]:
    digests = value if isinstance(value, list) else [None]
    if not are_digests(digests):
        for one in digests:
            _digest(one, "evidence", where)
    read = tuple(map(str, digests))
    if tuple(sorted(set(read))) != read:
        raise _malformed("evidence is not sorted, or a digest stands twice", where)
    return read


def _digest(value: JsonValue, name: str, where: Location | None) -> str:
    if not isinstance(value, str) or not is_digest(value):
        raise _malformed(f"{name} is no digest", where)
    return value


def _text(value: JsonValue, where: Location | None) -> str:
    if not isinstance(value, str) or not value:
        raise _malformed("engine's name or version is no text", where)
    return value


def _object(value: JsonValue, members: set[str], name: str, where: Location | None) -> JsonObject:
    if not isinstance(value, (dict, Mapping)) or set(value) != members:
        raise _malformed(f"{name} has {', '.join(sorted(members))}, nothing else", where)
    return value


def _malformed(what: str, where: Location | None) -> InvalidDocument:
    return InvalidDocument.one(what, remedy="use the record as it was written", where=where)
