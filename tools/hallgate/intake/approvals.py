"""People's words: *.approval.json, read strictly and proven by their SSH signature.

Keys and roles are judged at the time the approval says it was signed, and keys of
words about waivers also at the time it was merged: a signer could backdate it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from hallgate.record.faults import REVOKED
from hallgate.record.sshblob import parse_signature, public_blob
from hallgate.record.sshsig import SshJob, verify_many

LIMIT = 64 * 1024
SUFFIX = ".approval.json"
VERIFIED_BY = "ssh-keygen -Y verify -n hallgate.approval"

ENDING = frozenset({"revoke", "withdraw"})
MERGED = frozenset({"approve", "review"})  # words that count from their merge on
_WORDS = {
    "promotion": frozenset({"approve", "reject"}),
    "waiver": frozenset({"approve", "reject", "revoke", "withdraw"}),
    "override": frozenset({"approve", "revoke", "review"}),
    "hold": frozenset({"approve", "revoke"}),
    "disposal": frozenset({"approve", "reject"}),
}
SKEW = 300  # seconds by which a signer's clock may be ahead of that of the merge

UNKNOWN_SIGNER = "unknown_signer"
WRONG_ROLE = "wrong_role"
NOT_MERGED = "not_merged"


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
    rule_digest: str | None
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
        rule_digest=None if said["rule_digest"] is None else a_text(said["rule_digest"]),
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
            remedy="name the stage for a promotion, else null",
        )
    if word.decision not in _WORDS[word.action]:
        raise InvalidDocument.one(
            f"{word.decision} is no word about a {word.action}",
            where=document.locate((*at, "decision")),
            remedy=f"write {', '.join(sorted(_WORDS[word.action]))}",
        )
    if word.action != "waiver" and word.rule_digest is not None:
        raise InvalidDocument.one(
            f"the approval of a {word.action} binds no rule",
            where=document.locate((*at, "rule_digest")),
            remedy="write null as rule_digest",
        )
    if word.valid_until <= word.approved_at:
        raise InvalidDocument.one(
            "the approval ends before it begins",
            where=document.locate((*at, "valid_until")),
            remedy="sign again with valid_until after approved_at",
        )
    return word


def prove(
    words: Sequence[Word],
    trust: Trust,
    *,
    published: Mapping[str, int] | None = None,
    by_log: bool = False,
    ssh_keygen: str = "ssh-keygen",
) -> tuple[Approval | NotProven | InvalidDocument, ...]:
    """What each approval is worth, in order: an Approval, or why it does not count.

    published says by file when a word was merged, or, by_log, first logged (seconds): its key
    must count then too, and a file it does not have was never published; None where nothing
    can tell. Words against a waiver need no publication. Signatures are verified side by
    side. Raises EngineError or StorageError when ssh-keygen or the disk is at fault, which
    says nothing of a signature.
    """
    people = {one.id: one for one in trust.identities}
    verdicts: list[NotProven | InvalidDocument | None] = []
    jobs: list[SshJob] = []
    asked: list[int] = []
    for index, word in enumerate(words):
        person = people.get(word.identity)
        verdicts.append(_bar(word, person, trust) or _unmerged(word, person, published, by_log))
        if person is not None and verdicts[index] is None:
            keys = person.keys
            asked.append(index)
            jobs.append(SshJob(word.payload, word.signature, word.identity, keys, word.approved_at))
    for index, verdict in zip(asked, verify_many(jobs, ssh_keygen=ssh_keygen), strict=True):
        verdicts[index] = verdict or _lapsed(
            words[index], people[words[index].identity], published, by_log
        )
    return tuple(
        _approval(word, (published or {}).get(word.file)) if verdict is None else verdict
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
    # Who withdraws what is their own needs no power to approve; lib/waivers looks whose it is.
    powers = (one.role == word.role and word.action in one.approves for one in trust.roles)
    if word.decision != "withdraw" and not any(powers):
        return NotCounted(
            WRONG_ROLE,
            f"the role {word.role} may not approve {_a(word.action)}",
            where=where,
            remedy="have a role sign that trust/roles.yaml lets approve it",
        )
    return None


def _a(action: str) -> str:
    return f"an {action}" if action == "override" else f"a {action}"


def _unmerged(
    word: Word, person: Identity | None, published: Mapping[str, int] | None, by_log: bool
) -> NotCounted | None:
    """Why its time of publication keeps a word from counting: dates in files can be forged."""
    if published is None or word.decision not in MERGED or person is None:
        return None
    where = Location(word.file)
    merged = published.get(word.file)
    if merged is None and by_log:
        what = "is not in the log, or was changed since it was"
        remedy = "publish it: hallgate log append"
        return NotCounted(NOT_MERGED, what, remedy=remedy, where=where)
    if merged is None:
        what = "is in no commit of the branch, or was changed since"
        return NotCounted(NOT_MERGED, what, remedy="commit it, and merge", where=where)
    if word.approved_at > merged + SKEW:
        what = f"says it was signed after it was {_how(by_log)} at {time_text(merged)}"
        return NotCounted(NOT_MERGED, what, remedy="sign again by a right clock", where=where)
    return None


def _how(by_log: bool) -> str:
    return "logged" if by_log else "merged"


def _lapsed(
    word: Word, person: Identity, published: Mapping[str, int] | None, by_log: bool
) -> NotCounted | None:
    """Why a proven signature is worthless: its key or its role no longer counted at the merge.

    The date within an approval is its signer's own word, and so is no proof of when it was made.
    """
    merged = (published or {}).get(word.file)
    if merged is None or word.decision not in MERGED:
        return None
    if word.role not in person.roles_at(max(merged, word.approved_at)):
        when = f"{_how(by_log)} at {time_text(merged)}"
        return NotCounted(
            WRONG_ROLE,
            f"{word.identity} no longer held the role {word.role} when it was {when}",
            remedy="have somebody sign who holds the role now",
            where=Location(word.file),
        )
    signed_by = parse_signature(word.signature).public
    used = [key for key in person.keys if public_blob(key.public) == signed_by]
    # A merge by a clock that is behind must not fall before a key that is new.
    if all(key.counts_at(max(merged, word.approved_at)) for key in used):
        return None
    what = f"its key no longer counted when it was {_how(by_log)} at {time_text(merged)}"
    return NotCounted(
        REVOKED, what, remedy="sign again with a key that counts", where=Location(word.file)
    )


def _approval(word: Word, published: int | None) -> Approval:
    return Approval(
        identity=word.identity,
        role=word.role,
        decision=word.decision,
        approved_at=word.approved_at,
        valid_until=word.valid_until,
        file=word.file,
        rule_digest=word.rule_digest,
        published_at=published,
        reason=word.reason,
        conditions=word.conditions,
    )
