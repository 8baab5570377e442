"""A record: the signed decision, its VSA, and the blobs they name.

A folder holds `blobs/sha256/<hex>` and `<decided_at>-<model>-<12 hex>.record.json`, which is
`{"decision": <DSSE>, "vsa": <DSSE>}` in JCS bytes, so that no byte of it can change unseen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hallgate.model.decision import Decision
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
from hallgate.record.canonical import canonical_bytes, parse_json, sha256_digest
from hallgate.record.decision_statement import ENFORCE, DecisionClaims, read_decision_statement
from hallgate.record.dsse import envelope_payload, sign_payload, verify_envelope
from hallgate.record.faults import SignatureFault
from hallgate.record.files import make_folder, read_blob, write_blob, write_new
from hallgate.record.keys import PrivateKey, key_id, load_public_key
from hallgate.record.statement import Statement, parse_statement, statement
from hallgate.record.vsa import VSA_TYPE, check_vsa, vsa_predicate

SUFFIX = ".record.json"

_REMEDY = "use the record as it was written; restore it from a copy"
_MOST_OF_ONE_NAME = 1000
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Material:
    """What a record keeps of a decision; policies and waivers are the bundles' bytes.

    input is the document the engine judged; engine is (name, version).
    """

    decision: Decision
    input: JsonObject
    policies: bytes
    waivers: bytes | None
    engine: tuple[str, str]
    mode: str = ENFORCE


@dataclass(frozen=True, slots=True)
class Record:
    """A record as read: well formed, and nothing of it verified."""

    path: Path
    decision: JsonObject
    vsa: JsonObject
    claims: DecisionClaims
    summary: Statement

    @property
    def folder(self) -> Path:
        """The folder whose blobs the record names."""
        return self.path.parent


@dataclass(frozen=True, slots=True)
class Blobs:
    """Blobs of one folder that one run has verified already: thousands of records share them.

    bundles are digests. inputs, where they are kept at all, are input documents by digest;
    records of one input then have one document, which nobody may change.
    """

    bundles: set[str] = field(default_factory=set)
    inputs: dict[str, JsonObject] | None = None


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


def deciding_identity(trust: Trust, key: PrivateKey, at: int) -> str:
    """The identity that may sign decisions with this key at this time (seconds).

    Raises UsageError when the key is not in trust, does not count, or its roles do not decide.
    """
    wanted = key_id(key)
    for identity in trust.identities:
        for one in identity.keys if identity.kind == "machine" else ():
            if load_public_key(one.public).key_id != wanted:
                continue
            if one.counts_at(at) and _decides(trust, identity.id, at):
                return identity.id
            raise UsageError(
                f"{identity.id} may not sign decisions with this key now",
                remedy="use a key that counts, of an identity whose role decides (trust/)",
            )
    raise UsageError(
        f"the key {wanted} is not in trust/",
        remedy="add its public half to trust/identities, with a role that decides",
    )


def write_record(folder: Path, material: Material, key: PrivateKey, identity: str) -> Path:
    """Write a record signed by identity with key: its blobs first, then the record.

    Returns the record's path. A decision already recorded by the same bytes is not written
    again; another one of the same second, model and digest gets `-2` and so on. Raises
    InvalidDocument when the material contradicts itself or holds numbers JSON cannot keep,
    StorageError when it cannot be written: then there is no record.
    """
    name, digest, to_stage = _request(material.input)
    claims = DecisionClaims(
        model=name,
        digest=digest,
        allowed=material.decision.allowed,
        decided_at=material.decision.decided_at,
        tier=material.decision.tier,
        body=material.decision.body,
        mode=material.mode,
        input=sha256_digest(canonical_bytes(material.input)),
        policies=sha256_digest(material.policies),
        waivers=None if material.waivers is None else sha256_digest(material.waivers),
        engine=material.engine,
        evidence=_evidence_digests(material.input),
    )
    said = canonical_bytes(claims.statement())
    if read_decision_statement(parse_statement(said)) != claims:
        raise InvalidDocument.one(
            "the decision differs from its body", remedy="record the engine's answer unchanged"
        )
    predicate = vsa_predicate(claims, to_stage, identity)
    summary = canonical_bytes(statement(name, digest, VSA_TYPE, predicate))
    document: JsonObject = {
        "decision": sign_payload(said, key),
        "vsa": sign_payload(summary, key),
    }
    make_folder(folder)
    for blob in (canonical_bytes(material.input), material.policies, material.waivers):
        if blob is not None:
            write_blob(folder, blob)
    return _write_beside(folder, _stem(claims), canonical_bytes(document))


def named_by(claims: DecisionClaims, name: str) -> bool:
    """Whether a file's name is one that a record of these claims is written under."""
    number = name.removeprefix(_stem(claims)).removesuffix(SUFFIX)
    whole = name == f"{_stem(claims)}{number}{SUFFIX}"
    return whole and re.fullmatch(r"(-[1-9][0-9]{0,3})?", number) is not None


def _stem(claims: DecisionClaims) -> str:
    digest = claims.digest.removeprefix("sha256:")
    return f"{claims.decided_at}-{claims.model}-{digest[:_DIGITS]}"


def read_record(path: Path) -> Record:
    """The record in a file, strictly: well formed, canonical, and both its statements too.

    Raises UsageError when there is no such file, StorageError when it cannot be read,
    NotProven when it is no record.
    """
    where = Location(str(path))
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise UsageError("no such record", remedy="check the path", where=where) from error
    except OSError as error:
        raise StorageError(
            f"cannot read the record: {error.strerror}",
            remedy="check its permissions and the disk",
            where=where,
        ) from error
    try:
        value = parse_json(data, where)
        if not isinstance(value, (dict, Mapping)) or set(value) != {"decision", "vsa"}:
            raise _not_proven("a record has decision and vsa, nothing else", where)
        if canonical_bytes(value) != data:
            raise _not_proven("the record is not in its canonical bytes", where)
        decision, vsa = _object(value["decision"], where), _object(value["vsa"], where)
        claims = read_decision_statement(parse_statement(envelope_payload(decision), where), where)
        summary = parse_statement(envelope_payload(vsa), where)
    except InvalidDocument as error:
        raise _not_proven(error.what, where) from error
    return Record(path, decision, vsa, claims, summary)


def verify_record(path: Path, trust: Trust, at: int, seen: Blobs | None = None) -> VerifiedRecord:
    """The record, once all of it is proven offline; at is now, in seconds.

    seen is what one run has verified already of this folder's blobs, and is added to.

    Both envelopes must be signed by keys that count at the time of the decision, of
    identities whose roles decide then; decision, VSA, input document and blobs must agree.
    Raises what read_record raises, SignatureFault or NotProven with what does not hold and
    where, InvalidDocument when trust itself is wrong.
    """
    record = read_record(path)
    claims, where = record.claims, Location(str(path))
    if claims.decided_at > at:
        raise _not_proven(f"decided at {claims.decided_at}, which is in the future", where)
    decider, decider_key = _signed_by(record.decision, "decision", trust, claims, where)
    verifier, _ = _signed_by(record.vsa, "VSA", trust, claims, where)
    for digest in (claims.policies, claims.waivers):
        if digest is not None and (seen is None or digest not in seen.bundles):
            read_blob(record.folder, digest)
            if seen is not None:
                seen.bundles.add(digest)
    known = seen.inputs if seen is not None else None
    document = known.get(claims.input) if known is not None else None
    data = read_blob(record.folder, claims.input) if document is None else b""
    try:
        if document is None:
            document = _object(parse_json(data, where), where)
        to_stage = _agree(record, document)
        check_vsa(record.summary.predicate, claims, to_stage, verifier, where)
    except InvalidDocument as error:
        raise _not_proven(error.what, where) from error
    if known is not None:
        known[claims.input] = document
    return VerifiedRecord(path, claims, to_stage, decider, decider_key, document)


def _agree(record: Record, document: JsonObject) -> str:
    """The stage of the input document, once decision, VSA and input are about one thing."""
    claims, summary, where = record.claims, record.summary, Location(str(record.path))
    name, digest, to_stage = _request(document)
    if (name, digest) != (claims.model, claims.digest):
        raise _not_proven("decision and input document are about different models", where)
    if _evidence_digests(document) != claims.evidence:
        raise _not_proven("decision and input document list different evidence", where)
    if summary.predicate_type != VSA_TYPE:
        raise _not_proven(f"the VSA's predicateType is not {VSA_TYPE}", where)
    if (summary.name, summary.digest) != (claims.model, claims.digest):
        raise _not_proven("VSA and decision are about different models", where)
    return to_stage


def _signed_by(
    envelope: JsonObject, name: str, trust: Trust, claims: DecisionClaims, where: Location
) -> tuple[str, str]:
    try:
        signed = verify_envelope(envelope, trust, claims.decided_at)
    except SignatureFault as error:
        raise SignatureFault(error.fault, f"{name}: {error.what}", where=where) from error
    # The hint is outside the signature: held to its one right value, it cannot be altered.
    hints = [one.get("keyid") for one in _objects(envelope["signatures"])]
    if hints != [signed.key_id]:
        raise _not_proven(f"{name}: not exactly one signature with the id of its key", where)
    if not _decides(trust, signed.identity, claims.decided_at):
        raise NotProven(
            f"{name}: signed by {signed.identity}, who held no role that decides "
            f"at {claims.decided_at}",
            remedy="have an identity decide whose role in trust/ says `decides`",
            where=where,
        )
    return signed.identity, signed.key_id


def _decides(trust: Trust, name: str, at: int) -> bool:
    identity = trust.identity(name)
    held = identity.roles_at(at) if identity else ()
    return any(role.decides and role.role in held for role in trust.roles)


def _request(document: JsonObject) -> tuple[str, str, str]:
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


def _evidence_digests(document: JsonObject) -> tuple[str, ...]:
    """Digests of all statements of an input document, sorted, each once."""
    evidence = document.get("evidence")
    if not isinstance(evidence, (dict, Mapping)):
        raise InvalidDocument.one("the input document has no evidence", remedy=_REMEDY)
    lists = [_objects(statements) for statements in evidence.values()]
    return tuple(sorted({str(one.get("digest")) for found in lists for one in found}))


def _write_beside(folder: Path, stem: str, data: bytes) -> Path:
    for number in range(1, _MOST_OF_ONE_NAME):
        path = folder / f"{stem}{'' if number == 1 else f'-{number}'}{SUFFIX}"
        if write_new(path, data) or _holds(path, data):
            return path
    raise StorageError(
        "too many records of one second, model and digest",
        remedy="decide again later",
        where=Location(str(folder / stem)),
    )


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() == data
    except OSError:
        return False


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
