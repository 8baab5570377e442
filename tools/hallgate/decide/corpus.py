"""Archived decisions as cases, and what a change of trust does to them.

A record keeps what was verified, not the signatures of its evidence. So a changed trust is
applied to what the record says of signers; no signature is verified again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hallgate.decide.compose import sources
from hallgate.decide.impact import RECORD, Case, Say
from hallgate.decide.judge import read_decision
from hallgate.model.decision import Decision
from hallgate.model.documents import Request
from hallgate.model.errors import Fault, HallgateError, InvalidDocument, Location, UsageError
from hallgate.model.trust import Trust
from hallgate.model.values import JsonObject, JsonValue
from hallgate.record.decision_proof import Blobs, VerifiedRecord, verify_record
from hallgate.record.decision_record import SUFFIX


@dataclass(frozen=True, slots=True)
class Archive:
    """Cases from records that were proven, and the faults of files that were not."""

    cases: tuple[Case, ...]
    left_out: tuple[Fault, ...]
    newest: frozenset[str]
    decided: tuple[tuple[Request, Decision], ...]


def read_archive(folder: Path, old: Trust, new: Trust, at: int, say: Say) -> Archive:
    """Every record of a folder, verified under the old trust at a time (seconds).

    newest names the latest decision of each model and stage; decided holds all, newest last.
    Raises UsageError where
    there is no such folder.
    """
    if not folder.is_dir():
        raise UsageError(
            "no such folder of records",
            where=Location(str(folder)),
            remedy="give the folder `decide --record` wrote to",
        )
    paths = sorted(one for one in folder.iterdir() if one.name.endswith(SUFFIX))
    say(f"verifying {len(paths):,} records")
    cases: list[Case] = []
    decided: list[tuple[Request, Decision]] = []
    faults: list[Fault] = []
    newest: dict[tuple[str, str], Case] = {}
    seen, stated = Blobs(inputs={}), _Stated(old, new)
    for path in paths:
        try:
            record = verify_record(path, old, at, seen)
        except InvalidDocument:
            raise  # trust/ is wrong, not the record
        except HallgateError as error:
            faults.append(Fault(error.what, Location(path.name), error.remedy))
            continue
        before, after = stated.of(record)
        case = Case(path.name, RECORD, before, after, record.claims.decided_at)
        cases.append(case)
        decided.append((_request(record), read_decision(record.claims.body)))
        key = record.claims.model, record.to_stage
        if key not in newest or newest[key].time <= case.time:
            newest[key] = case
    names = frozenset(one.name for one in newest.values())
    decided.sort(key=lambda one: one[1].decided_at)
    return Archive(tuple(cases), tuple(faults), names, tuple(decided))


def _request(record: VerifiedRecord) -> Request:
    request = record.input["request"]
    return Request(
        request if isinstance(request, Mapping) else {}, record.path.name, record.claims.input
    )


class _Stated:
    """What under() says of each record; equal answers about one input are one object.

    So impact() sees that records of one input are asked the same at one time.
    """

    def __init__(self, old: Trust, new: Trust) -> None:
        self._old, self._new = old, new
        self._known: dict[str, list[tuple[JsonObject, JsonObject]]] = {}

    def of(self, record: VerifiedRecord) -> tuple[JsonObject, JsonObject]:
        found = under(record.input, self._old, self._new, record.claims.decided_at)
        known = self._known.setdefault(record.claims.input, [])
        same = next((one for one in known if one == found), None)
        if same is None:
            known.append(found)
        return same or found


def under(document: JsonObject, old: Trust, new: Trust, when: int) -> tuple[JsonObject, JsonObject]:
    """An input document as two trusts would have composed it; one object where they agree."""
    if old == new:
        return document, document
    before, after = dict(document), dict(document)
    if sources(old) != sources(new):
        before["trust"], after["trust"] = sources(old), sources(new)
    evidence = document["evidence"]
    if isinstance(evidence, Mapping):
        kept, dropped = _evidence(evidence, old, new, when)
        if kept != evidence:
            after["evidence"] = kept
        if dropped:
            rejected = document["rejected"]
            known = list(rejected) if isinstance(rejected, Sequence) else []
            after["rejected"] = [*known, *dropped]
    return (document, document) if before == after else (before, after)


def _evidence(
    evidence: Mapping[str, JsonValue], old: Trust, new: Trust, when: int
) -> tuple[dict[str, JsonValue], list[JsonValue]]:
    kept: dict[str, JsonValue] = {}
    dropped: list[JsonValue] = []
    for kind, found in evidence.items():
        statements: list[JsonValue] = []
        for one in found if isinstance(found, list) else []:
            said, fault = _restated(one, kind, old, new, when)
            if fault is None:
                statements.append(said)
            else:
                message = "its signer no longer counts in the trust under review"
                dropped.append(
                    {"file": one["file"], "type": kind, "fault": fault, "message": message}
                )
        kept[kind] = statements
    return kept, dropped


def _restated(
    statement: JsonObject, kind: str, old: Trust, new: Trust, when: int
) -> tuple[JsonObject, str | None]:
    """The statement with its signer's roles as the new trust has them, or why it is rejected."""
    signer = statement["signer"]
    if not isinstance(signer, Mapping):
        return statement, None
    name, collected = str(signer["identity"]), statement["collected_at"]
    spoken = collected if kind == "approval" and isinstance(collected, int) else when
    before, after = _power(old, name, spoken), _power(new, name, spoken)
    if before is None or before == after:
        return statement, None
    if after is None:
        return statement, "unknown_signer"
    if before[2] and not after[2]:
        return statement, "revoked"
    roles: JsonObject = {"roles": list(after[0]), "evidence_types": list(after[1])}
    return {**statement, "signer": {**signer, **roles}}, None


def _power(trust: Trust, name: str, when: int) -> tuple[Sequence[str], Sequence[str], bool] | None:
    """Roles, evidence types, and whether any key counts; None for a stranger."""
    identity = trust.identity(name)
    if identity is None:
        return None
    roles = identity.roles_at(when)
    counts = any(key.counts_at(when) for key in identity.keys)
    return roles, trust.evidence_types(roles), counts
