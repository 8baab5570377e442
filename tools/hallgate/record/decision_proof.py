"""What a record proves: read strictly, its signatures, blobs and VSA held against each other.

`verify_record` is for one; `check_record` is for a run over many, whose bytes were read already
and whose blobs many share.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from hallgate.model.errors import (
    Fault,
    InvalidDocument,
    Location,
    NotProven,
    StorageError,
    UsageError,
)
from hallgate.model.trust import Trust
from hallgate.model.values import JsonObject, JsonValue
from hallgate.record.canonical import canonical_bytes, parse_json, short_cut, strict_json
from hallgate.record.decision_statement import (
    DecisionClaims,
    brief_claims,
    read_decision_statement,
)
from hallgate.record.dsse import Opened, exactly_opened, open_envelope, verify_opened
from hallgate.record.faults import SignatureFault
from hallgate.record.files import read_blob
from hallgate.record.statement import Statement, parse_statement, statement
from hallgate.record.vsa import VSA_TYPE, check_vsa, vsa_predicate

if TYPE_CHECKING:
    from hallgate.record.exact import Sealed

_REMEDY = "use the record as it was written; restore it from a copy"


@dataclass(frozen=True, slots=True)
class Record:
    """A record as read: well formed, and nothing of it verified."""

    path: Path
    decision: Opened
    vsa: Opened
    claims: DecisionClaims

    @property
    def summary(self) -> Statement:
        """The VSA's statement; raises NotProven where it is none."""
        where = Location(str(self.path))
        try:
            return parse_statement(self.vsa.payload, where)
        except InvalidDocument as error:
            raise _not_proven(error.what, where) from error

    @property
    def folder(self) -> Path:
        """The folder whose blobs the record names."""
        return self.path.parent


@dataclass(frozen=True, slots=True)
class Blobs:
    """Blobs of one folder that one run has verified already: thousands of records share them.

    bundles are digests. inputs, where they are kept at all, are input documents by digest;
    records of one input then have one document, which nobody may change. agreed is, by the
    digest of an input, what it says: its stage, and a digest of its model and evidence.
    """

    bundles: set[str] = field(default_factory=set)
    inputs: dict[str, JsonObject] | None = None
    agreed: dict[str, tuple[str, bytes]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VerifiedRecord:
    """A record that holds.

    identity and key_id signed the decision; input is its verified input document; the
    bundles are at read_blob(path.parent, claims.policies). unreadable names other files
    that a search through a folder could not read.
    """

    path: Path
    claims: DecisionClaims
    to_stage: str
    identity: str
    key_id: str
    input: JsonObject
    unreadable: tuple[Fault, ...] = ()


def read_record(path: Path) -> Record:
    """The record in a file, strictly: well formed, canonical, and both its statements too.

    Raises UsageError when there is no such file, StorageError when it cannot be read,
    NotProven when it is no record.
    """
    record = _record(path, _bytes(path))
    record.summary  # noqa: B018 - raises where it is none
    return record


def _bytes(path: Path) -> bytes:
    where = Location(str(path))
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise UsageError("no such record", remedy="check the path", where=where) from error
    except OSError as error:
        raise StorageError(
            f"cannot read the record: {error.strerror}",
            remedy="check its permissions and the disk",
            where=where,
        ) from error


def _record(path: Path, data: bytes, brief: bool = False) -> Record:
    """The record in these bytes, its VSA not looked into; brief: its claims may be those."""
    where = Location(str(path))
    try:
        decision, vsa = _envelopes(data, where)
        claims = brief_claims(decision.payload) if brief else None
        if claims is None:
            claims = read_decision_statement(parse_statement(decision.payload, where), where)
    except InvalidDocument as error:
        raise _not_proven(error.what, where) from error
    return Record(path, decision, vsa, claims)


def _envelopes(data: bytes, where: Location) -> tuple[Opened, Opened]:
    exact = short_cut()
    sealed: Sealed | None = exact and exact.exact_record(data)
    if sealed is not None:
        decision, vsa = exactly_opened(sealed.decision), exactly_opened(sealed.vsa)
        if decision is not None and vsa is not None:
            return decision, vsa
    value = strict_json(data, where)
    if not isinstance(value, (dict, Mapping)) or set(value) != {"decision", "vsa"}:
        raise _not_proven("a record has decision and vsa, nothing else", where)
    if canonical_bytes(value) != data:
        raise _not_proven("the record is not in its canonical bytes", where)
    return (
        open_envelope(_object(value["decision"], where)),
        open_envelope(_object(value["vsa"], where)),
    )


def verify_record(path: Path, trust: Trust, at: int, seen: Blobs | None = None) -> VerifiedRecord:
    """The record, once all of it is proven offline; at is now, in seconds.

    seen is what one run has verified already of this folder's blobs, and is added to.

    Both envelopes must be signed by keys that count at the time of the decision, of
    identities whose roles decide then; decision, VSA, input document and blobs must agree.
    Raises what read_record raises, SignatureFault or NotProven with what does not hold and
    where, InvalidDocument when trust itself is wrong.
    """
    seen = seen or Blobs()
    proven = _proven(path, _bytes(path), trust, at)
    _bundles(proven.record, seen)
    claims = proven.record.claims
    document = None if seen.inputs is None else seen.inputs.get(claims.input)
    if document is None:
        document = _input(proven.record)
    to_stage = _agree(proven.record, document)
    _must_agree(proven, to_stage)
    if seen.inputs is not None:
        seen.inputs[claims.input] = document
    return VerifiedRecord(path, claims, to_stage, proven.identity, proven.key_id, document)


@dataclass(frozen=True, slots=True)
class CheckedRecord:
    """A record that holds: what it is about, of when, and who signed the decision."""

    model: str
    digest: str
    decided_at: int
    identity: str
    key_id: str


def check_record(path: Path, data: bytes, trust: Trust, at: int, seen: Blobs) -> CheckedRecord:
    """All that verify_record checks, of bytes that were read already, for a run over many.

    An input document that several records name is read once. Raises what verify_record raises.
    """
    proven = _proven(path, data, trust, at, brief=True)
    claims = proven.record.claims
    _bundles(proven.record, seen)
    said = _said(claims.model, claims.digest, claims.evidence)
    to_stage, known = seen.agreed.get(claims.input, ("", b""))
    if known != said:
        to_stage = _agree(proven.record, _input(proven.record))
        seen.agreed[claims.input] = to_stage, said
    _must_agree(proven, to_stage)
    return CheckedRecord(
        claims.model, claims.digest, claims.decided_at, proven.identity, proven.key_id
    )


@dataclass(frozen=True, slots=True)
class _Proven:
    """A record whose signatures hold: who signed the decision, with which key, and the VSA."""

    record: Record
    identity: str
    key_id: str
    verifier: str


def _proven(path: Path, data: bytes, trust: Trust, at: int, brief: bool = False) -> _Proven:
    record = _record(path, data, brief)
    claims, where = record.claims, Location(str(path))
    if claims.decided_at > at:
        raise _not_proven(f"decided at {claims.decided_at}, which is in the future", where)
    decider, decider_key = _signed_by(record.decision, "decision", trust, claims, where)
    verifier, _ = _signed_by(record.vsa, "VSA", trust, claims, where)
    return _Proven(record, decider, decider_key, verifier)


def _bundles(record: Record, seen: Blobs) -> None:
    """Return when both bundles are there as named."""
    for digest in (record.claims.policies, record.claims.waivers):
        if digest is not None and digest not in seen.bundles:
            read_blob(record.folder, digest)
            seen.bundles.add(digest)


def _input(record: Record) -> JsonObject:
    data, where = read_blob(record.folder, record.claims.input), Location(str(record.path))
    try:
        return _object(parse_json(data, where), where)
    except InvalidDocument as error:
        raise _not_proven(error.what, where) from error


def _said(name: str, digest: str, evidence: tuple[str, ...]) -> bytes:
    return hashlib.sha256("\n".join((name, digest, *evidence)).encode()).digest()


def _must_agree(proven: _Proven, to_stage: str) -> None:
    """Return when the VSA says what the decision says; else NotProven."""
    exact, record, where = short_cut(), proven.record, Location(str(proven.record.path))
    claims = record.claims
    try:
        expected = vsa_predicate(claims, to_stage, proven.verifier)
        said = statement(claims.model, claims.digest, VSA_TYPE, expected)
        if exact and exact.exact_bytes(said) == record.vsa.payload:
            return  # written as Hallgate writes it, there is nothing else in it
        summary = record.summary
        if summary.predicate_type != VSA_TYPE:
            raise _not_proven(f"the VSA's predicateType is not {VSA_TYPE}", where)
        if (summary.name, summary.digest) != (claims.model, claims.digest):
            raise _not_proven("VSA and decision are about different models", where)
        check_vsa(summary.predicate, claims, to_stage, proven.verifier, where)
    except InvalidDocument as error:
        raise _not_proven(error.what, where) from error


def _agree(record: Record, document: JsonObject) -> str:
    """The stage of the input document, once decision and input are about one thing."""
    claims, where = record.claims, Location(str(record.path))
    try:
        name, digest, to_stage = request_of(document)
        evidence = evidence_digests(document)
    except InvalidDocument as error:
        raise _not_proven(error.what, where) from error
    if (name, digest) != (claims.model, claims.digest):
        raise _not_proven("decision and input document are about different models", where)
    if evidence != claims.evidence:
        raise _not_proven("decision and input document list different evidence", where)
    return to_stage


def _signed_by(
    envelope: Opened, name: str, trust: Trust, claims: DecisionClaims, where: Location
) -> tuple[str, str]:
    try:
        signed = verify_opened(envelope, trust, claims.decided_at)
    except SignatureFault as error:
        raise SignatureFault(error.fault, f"{name}: {error.what}", where=where) from error
    # The hint is outside the signature: held to its one right value, it cannot be altered.
    if [hint for hint, _ in envelope.signatures] != [signed.key_id]:
        raise _not_proven(f"{name}: not exactly one signature with the id of its key", where)
    if not decides(trust, signed.identity, claims.decided_at):
        raise NotProven(
            f"{name}: signed by {signed.identity}, who held no role that decides "
            f"at {claims.decided_at}",
            remedy="have an identity decide whose role in trust/ says `decides`",
            where=where,
        )
    return signed.identity, signed.key_id


def decides(trust: Trust, name: str, at: int) -> bool:
    """Whether a role that the identity held at this time decides."""
    identity = trust.identity(name)
    held = identity.roles_at(at) if identity else ()
    return any(role.decides and role.role in held for role in trust.roles)


def request_of(document: JsonObject) -> tuple[str, str, str]:
    """Model name, model digest and to_stage of an input document."""
    request = document.get("request")
    model = request.get("model") if isinstance(request, (dict, Mapping)) else None
    if isinstance(request, (dict, Mapping)) and isinstance(model, (dict, Mapping)):
        name, digest, stage = model.get("name"), model.get("digest"), request.get("to_stage")
        if isinstance(name, str) and isinstance(digest, str) and isinstance(stage, str):
            return name, digest, stage
    raise InvalidDocument.one(
        "the input document has no request with model and to_stage", remedy=_REMEDY
    )


def evidence_digests(document: JsonObject) -> tuple[str, ...]:
    """Digests of all statements of an input document, sorted, each once."""
    evidence = document.get("evidence")
    if not isinstance(evidence, (dict, Mapping)):
        raise InvalidDocument.one("the input document has no evidence", remedy=_REMEDY)
    lists = [_objects(statements) for statements in evidence.values()]
    return tuple(sorted({str(one.get("digest")) for found in lists for one in found}))


def _objects(value: JsonValue) -> list[JsonObject]:
    return (
        [one for one in value if isinstance(one, (dict, Mapping))]
        if isinstance(value, list)
        else []
    )


def _object(value: JsonValue, where: Location) -> JsonObject:
    if not isinstance(value, (dict, Mapping)):
        raise _not_proven("not an object where one belongs", where)
    return value


def _not_proven(what: str, where: Location) -> NotProven:
    return NotProven(what, remedy=_REMEDY, where=where)
