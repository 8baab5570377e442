"""A record: the signed decision, its VSA, and the blobs they name.

A folder holds `blobs/sha256/<hex>` and `<decided_at>-<model>-<12 hex>.record.json`, which is
`{"decision": <DSSE>, "vsa": <DSSE>}` in JCS bytes, so that no byte of it can change unseen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from hallgate.model.decision import Decision
from hallgate.model.errors import InvalidDocument, Location, StorageError, UsageError
from hallgate.model.trust import Trust
from hallgate.model.values import JsonObject
from hallgate.record.canonical import canonical_bytes, sha256_digest
from hallgate.record.decision_proof import (
    CheckedRecord,
    decides,
    evidence_digests,
    request_of,
)
from hallgate.record.decision_statement import ENFORCE, DecisionClaims, read_decision_statement
from hallgate.record.dsse import sign_payload
from hallgate.record.files import make_folder, write_blob, write_new
from hallgate.record.keys import PrivateKey, key_id, load_public_key
from hallgate.record.statement import parse_statement, statement
from hallgate.record.vsa import VSA_TYPE, vsa_predicate

SUFFIX = ".record.json"

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


def deciding_identity(trust: Trust, key: PrivateKey, at: int) -> str:
    """The identity that may sign decisions with this key at this time (seconds).

    Raises UsageError when the key is not in trust, does not count, or its roles do not decide.
    """
    wanted = key_id(key)
    for identity in trust.identities:
        for one in identity.keys if identity.kind == "machine" else ():
            if load_public_key(one.public).key_id != wanted:
                continue
            if one.counts_at(at) and decides(trust, identity.id, at):
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
    name, digest, to_stage = request_of(material.input)
    document = canonical_bytes(material.input)
    claims = DecisionClaims(
        model=name,
        digest=digest,
        allowed=material.decision.allowed,
        decided_at=material.decision.decided_at,
        tier=material.decision.tier,
        body=material.decision.body,
        mode=material.mode,
        input=sha256_digest(document),
        policies=sha256_digest(material.policies),
        waivers=None if material.waivers is None else sha256_digest(material.waivers),
        engine=material.engine,
        evidence=evidence_digests(material.input),
    )
    said = canonical_bytes(claims.statement())
    if read_decision_statement(parse_statement(said)) != claims:
        raise InvalidDocument.one(
            "the decision differs from its body", remedy="record the engine's answer unchanged"
        )
    predicate = vsa_predicate(claims, to_stage, identity)
    summary = canonical_bytes(statement(name, digest, VSA_TYPE, predicate))
    record: JsonObject = {
        "decision": sign_payload(said, key),
        "vsa": sign_payload(summary, key),
    }
    make_folder(folder)
    for blob in (document, material.policies, material.waivers):
        if blob is not None:
            write_blob(folder, blob)
    return _write_beside(folder, _stem(claims), canonical_bytes(record))


def named_by(claims: DecisionClaims | CheckedRecord, name: str) -> bool:
    """Whether a file's name is one that a record of these claims is written under."""
    stem = _stem(claims)
    number = name.removeprefix(stem).removesuffix(SUFFIX)
    whole = name == f"{stem}{number}{SUFFIX}"
    return whole and re.fullmatch(r"(-[1-9][0-9]{0,3})?", number) is not None


def _stem(claims: DecisionClaims | CheckedRecord) -> str:
    digest = claims.digest.removeprefix("sha256:")
    return f"{claims.decided_at}-{claims.model}-{digest[:_DIGITS]}"


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
