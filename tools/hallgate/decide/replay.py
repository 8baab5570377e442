"""Reproduces the decision of a record from its own blobs, byte for byte."""

from __future__ import annotations

from dataclasses import dataclass

from hallgate.decide.compose import at
from hallgate.decide.judge import judge, rules_of
from hallgate.engine.bundle import Bundle
from hallgate.engine.opa import Opa
from hallgate.model.decision import Decision
from hallgate.record.canonical import canonical_bytes
from hallgate.record.decision_proof import VerifiedRecord
from hallgate.record.files import read_blob


@dataclass(frozen=True, slots=True)
class Replayed:
    """A decision made again; same says whether the bodies are equal byte for byte."""

    decision: Decision
    body: bytes
    same: bool


def replay_record(engine: Opa, record: VerifiedRecord) -> Replayed:
    """Judge the recorded input under the recorded bundles at the recorded time.

    Never issues a VSA. Raises NotProven where a blob is missing or altered, and
    EngineError where there is no complete answer.
    """
    claims = record.claims
    policies = _bundle(record, claims.policies)
    waivers = None if claims.waivers is None else _bundle(record, claims.waivers)
    document = at(record.input, claims.decided_at)
    decision = judge(engine, rules_of(engine, policies), waivers, document, replay=True)
    body = canonical_bytes(decision.body)
    return Replayed(decision, body, body == canonical_bytes(claims.body))


def _bundle(record: VerifiedRecord, digest: str) -> Bundle:
    return Bundle(read_blob(record.path.parent, digest), digest)
