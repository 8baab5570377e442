"""People's words: *.approval.json, read strictly and proven by their SSH signature.

Keys and roles are judged at the time the approval says it was signed. A signer
could backdate it; that is why keys are revoked, and not left to run out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hallgate.intake.files import read_file
from hallgate.intake.json_strict import parse_json
from hallgate.intake.narrow import a_list, a_text, an_integer, an_object
from hallgate.intake.rfc3339 import text as time_text
from hallgate.intake.schema import Schemas
from hallgate.model.documents import Approval, Evidence
from hallgate.model.errors import InvalidDocument, Location, NotProven
from hallgate.model.trust import Identity, Trust
from hallgate.model.values import JsonObject
from hallgate.record.canonical import canonical_bytes, sha256_digest
from hallgate.record.sshsig import SshJob, verify_many

LIMIT = 64 * 1024
SUFFIX = ".approval.json"
VERIFIED_BY = "ssh-keygen -Y verify -n hallgate.approval"

UNKNOWN_SIGNER = "unknown_signer"
WRONG_ROLE = "wrong_role"


class NotCounted(NotProven):
    """An approval whose signer may not speak so, whatever the signature; fault as in Rejection."""

    def __init__(self, fault: str, what: str, *, remedy: str, where: Location) -> None:
        super().__init__(what, remedy=remedy, where=where)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Word:
    """An approval as read, nothing proven yet; times in seconds since 1970.

    payload is what was signed: the JCS bytes of the statement. subject_digest
    is sha256:<hex>.
    """

    action: str
    identity: str
    role: str
    decision: str
    to_stage: str | None
    approved_at: int
    valid_until: int
    reason: str
    conditions: str | None
    subject_name: str
    subject_digest: str
    payload: bytes
    signature: str
    file: str
    file_digest: str


def parse_approval(data: bytes, file: str, schemas: Schemas) -> Word:
    """An approval file, unproven; raises InvalidDocument with every fault."""
    document = parse_json(data, file, limit=LIMIT)
    schemas.validate(document, "approval-file")
    whole = an_object(document.value)
    said = an_object(an_object(whole["statement"])["predicate"])
    timed = an_object(an_object(schemas.plan("approval-file").apply(whole))["statement"])
    times = an_object(timed["predicate"])
    subject = an_object(a_list(timed["subject"])[0])
    word = Word(
        action=a_text(said["action"]),
        identity=a_text(said["identity"]),
        role=a_text(said["role"]),
        decision=a_text(said["decision"]),
        to_stage=None if said["to_stage"] is None else a_text(said["to_stage"]),
        approved_at=an_integer(times["approved_at"]),
        valid_until=an_integer(times["valid_until"]),
        reason=a_text(said["reason"]),
        conditions=None if said["conditions"] is None else a_text(said["conditions"]),
        subject_name=a_text(subject["name"]),
        subject_digest="sha256:" + a_text(an_object(subject["digest"])["sha256"]),
        payload=canonical_bytes(whole["statement"]),
        signature=a_text(whole["signature"]),
        file=file,
        file_digest=document.digest,
    )
    at = ("statement", "predicate")
    if (word.action == "promotion") != (word.to_stage is not None):
        raise InvalidDocument.one(
            f"to_stage does not go with the action {word.action}",
            where=document.locate((*at, "to_stage")),
            remedy="name the stage for a promotion, null for a waiver",
        )
    if word.valid_until <= word.approved_at:
        raise InvalidDocument.one(
            "the approval ends before it begins",
            where=document.locate((*at, "valid_until")),
            remedy="sign again with valid_until after approved_at",
        )
    return word


def prove(
    words: Sequence[Word], trust: Trust, *, ssh_keygen: str = "ssh-keygen"
) -> tuple[Approval | NotProven | InvalidDocument, ...]:
    """What each approval is worth, in order: an Approval, or why it does not count.

    Signatures are verified side by side. Raises EngineError or StorageError
    when ssh-keygen or the disk is at fault, which says nothing of a signature.
    """
    people = {one.id: one for one in trust.identities}
    verdicts: list[NotProven | InvalidDocument | None] = []
    jobs: list[SshJob] = []
    asked: list[int] = []
    for index, word in enumerate(words):
        person = people.get(word.identity)
        verdicts.append(_bar(word, person, trust))
        if person is not None and verdicts[index] is None:
            keys = person.keys
            asked.append(index)
            jobs.append(SshJob(word.payload, word.signature, word.identity, keys, word.approved_at))
    for index, verdict in zip(asked, verify_many(jobs, ssh_keygen=ssh_keygen), strict=True):
        verdicts[index] = verdict
    return tuple(
        _approval(word) if verdict is None else verdict
        for word, verdict in zip(words, verdicts, strict=True)
    )


def read_approval(
    path: Path, trust: Trust, schemas: Schemas, *, ssh_keygen: str = "ssh-keygen"
) -> tuple[Word, Approval]:
    """One approval file, proven.

    Raises InvalidDocument where it is malformed, NotProven where it does not
    count; EngineError and StorageError as prove().
    """
    word = parse_approval(read_file(path, LIMIT), str(path), schemas)
    (verdict,) = prove((word,), trust, ssh_keygen=ssh_keygen)
    if not isinstance(verdict, Approval):
        raise verdict
    return word, verdict


def approval_evidence(word: Word, trust: Trust) -> Evidence:
    """The flat form, type approval, of a proven promotion approval."""
    person = trust.identity(word.identity)
    roles = person.roles_at(word.approved_at) if person else ()
    document: JsonObject = {
        "type": "approval",
        "file": word.file,
        "digest": sha256_digest(word.payload),
        "subject": {"name": word.subject_name, "digest": word.subject_digest},
        "signer": {
            "identity": word.identity,
            "kind": "person",
            "roles": list(roles),
            "evidence_types": list(trust.evidence_types(roles)),
        },
        "collected_at": word.approved_at,
        "valid_until": word.valid_until,
        "status": "measured",
        "collector": {"tool": "ssh-keygen", "version": "SSHSIG 1", "digest": None},
        "source": {"system": "ssh-keygen", "query": VERIFIED_BY, "parameters": []},
        "population": {"definition": "one person's word", "count": 1, "digest": None},
        "completeness": {"expected": 1, "observed": 1},
        "raw_digest": word.file_digest,
        "result": {
            "role": word.role,
            "decision": word.decision,
            "model_digest": word.subject_digest,
            "to_stage": word.to_stage,
            "reason": word.reason,
            "conditions": word.conditions,
        },
    }
    return Evidence("approval", document, word.file, sha256_digest(word.payload))


def _bar(word: Word, person: Identity | None, trust: Trust) -> NotCounted | None:
    """Why this identity may not speak so at that time, before any signature is looked at."""
    where = Location(word.file)
    if person is None or person.kind != "person":
        what = "a machine" if person else "no identity"
        return NotCounted(
            UNKNOWN_SIGNER,
            f"{word.identity} is {what} of trust/",
            where=where,
            remedy="a person listed there must sign",
        )
    when = time_text(word.approved_at)
    if word.role not in person.roles_at(word.approved_at):
        return NotCounted(
            WRONG_ROLE,
            f"{word.identity} did not hold the role {word.role} at {when}",
            where=where,
            remedy="sign in a role held at that time",
        )
    if not any(one.role == word.role and word.action in one.approves for one in trust.roles):
        return NotCounted(
            WRONG_ROLE,
            f"the role {word.role} may not approve a {word.action}",
            where=where,
            remedy="have a role sign that trust/roles.yaml lets approve it",
        )
    return None


def _approval(word: Word) -> Approval:
    return Approval(
        identity=word.identity,
        role=word.role,
        decision=word.decision,
        approved_at=word.approved_at,
        valid_until=word.valid_until,
        file=word.file,
    )
