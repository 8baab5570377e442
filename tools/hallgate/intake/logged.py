"""What a record of the log is worth, judged at the time the log published it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hallgate.intake.approvals import NotCounted, parse_approval, prove
from hallgate.intake.rfc3339 import seconds
from hallgate.intake.schema import Schemas
from hallgate.model.documents import Approval
from hallgate.model.errors import HallgateError, InvalidDocument, Location, NotProven
from hallgate.model.retention import DISPOSAL
from hallgate.model.trust import Trust
from hallgate.record.canonical import is_digest, parse_json, strict_json
from hallgate.record.decision_proof import Blobs, check_record, read_record
from hallgate.record.decision_record import named_by
from hallgate.record.dsse import (
    Opened,
    envelope_payload,
    exactly_opened,
    open_envelope,
    verify_opened,
)
from hallgate.record.exact import exact_envelope
from hallgate.record.faults import REVOKED, SignatureFault
from hallgate.record.files import read_blob
from hallgate.record.keys import load_public_key
from hallgate.record.log.audit import Disposer, Judged
from hallgate.record.log.entry import Entry, Record
from hallgate.record.log.findings import BAD_SIGNATURE, MALFORMED, WRONG_ROLE
from hallgate.record.sshblob import parse_signature
from hallgate.record.statement import Statement, parse_statement
from hallgate.record.tombstone import TOMBSTONE_TYPE, Erasure, erased_by

_EVIDENCE = "urn:hallgate:evidence:"
_EVER = 253_402_300_799


class RecordJudge:
    """Judges records by a trust; a `record.log.audit.Judge`."""

    def __init__(self, folder: Path, trust: Trust, schemas: Schemas) -> None:
        self._folder, self._trust, self._schemas = folder, trust, schemas
        self._seen = Blobs()
        self._lists: dict[str, frozenset[tuple[object, object]]] = {}
        self._people = {one.id: one for one in trust.identities}
        self._types: dict[tuple[str, ...], frozenset[str]] = {}
        self._kinds: dict[str, str | None] = {}
        self._judges = {
            "decision": self._decision,
            "approval": self._approval,
            "evidence": self._signed,
            "tombstone": self._signed,
        }

    def __call__(self, entry: Entry, data: bytes) -> Judged:
        """What the record is worth; never raises for its content."""
        try:
            return self._judges[entry.kind](entry, data)
        except SignatureFault as error:
            return Judged(None, error.fault, error)
        except NotCounted as error:
            return Judged(None, error.fault, error)
        except InvalidDocument as error:
            return Judged(None, MALFORMED, error)
        except HallgateError as error:
            return Judged(None, BAD_SIGNATURE, error)

    def _decision(self, entry: Entry, data: bytes) -> Judged:
        path = self._folder / entry.path
        # The audit compares times.
        found = check_record(path, data, self._trust, _EVER, self._seen)
        claims = found.decided_at
        if not named_by(found, path.name):
            # By its name a pack tells which decisions are in its scope.
            raise InvalidDocument.one(
                "the record's name is not that of its time, model and digest",
                remedy="find out who logged it under another name",
                where=Location(str(path)),
            )
        person = self._people.get(found.identity)
        keys = () if person is None else person.keys
        if not any(key.counts_at(entry.at) for key in keys if _is(key.public, found.key_id)):
            what = f"the key of {found.identity} did not count when it was logged at {entry.at}"
            return Judged(claims, REVOKED, SignatureFault(REVOKED, what, where=Location(str(path))))
        return Judged(claims)

    def _approval(self, entry: Entry, data: bytes) -> Judged:
        file = str(self._folder / entry.path)
        word = parse_approval(data, file, self._schemas)
        (verdict,) = prove((word,), self._trust, published={file: entry.at})
        if not isinstance(verdict, Approval):
            raise verdict
        if (word.action, word.decision) != (DISPOSAL, "approve"):
            return Judged(word.approved_at)
        key = parse_signature(word.signature).public
        disposer = Disposer(word.identity, key, word.subject_digest, word.valid_until)
        return Judged(word.approved_at, disposer=disposer)

    def _signed(self, entry: Entry, data: bytes) -> Judged:
        said, identity = signed_statement(data, self._trust, entry.at)
        if entry.kind == "tombstone":
            where = Location(f"{self._folder}/{entry.path}")
            erased = erased_by(said, identity, self._trust, entry.at, where)
            self._on_the_list(erased, where)
            return Judged(None, erases=erased)
        roles = self._people.get(identity)
        held = roles.roles_at(entry.at) if roles else ()
        if said.predicate_type not in self._kinds:
            self._kinds[said.predicate_type] = self._schemas.type_of(said.predicate_type)
        kind = self._kinds[said.predicate_type]
        if held not in self._types:
            self._types[held] = frozenset(self._trust.evidence_types(held))
        if kind is not None and kind not in self._types[held]:
            what = f"{identity} held no role that signs {kind} at {entry.at}"
            where = Location(f"{self._folder}/{entry.path}")
            error = NotProven(what, remedy="have an identity sign whose role may", where=where)
            return Judged(None, WRONG_ROLE, error)
        return Judged(_collected(said))

    def _on_the_list(self, erased: Erasure, where: Location) -> None:
        """Return when the record stands on the list of its tombstone; else NotProven."""
        if erased.listed not in self._lists:
            value = parse_json(read_blob(self._folder, erased.listed), where)
            items = value.get("dispose") if isinstance(value, (dict, Mapping)) else None
            self._lists[erased.listed] = frozenset(
                (one["index"], one["record"])
                for one in (items if isinstance(items, list) else ())
                if isinstance(one, (dict, Mapping))
                and isinstance(one.get("index"), int)
                and is_digest(one.get("record"))
            )
        if (erased.index, erased.record) not in self._lists[erased.listed]:
            raise NotProven(
                "the tombstone's record is not on the list that was approved",
                remedy="restore the record from a copy, and find out who erased it",
                where=where,
            )


def signed_statement(
    data: bytes, trust: Trust, at: int, where: Location | None = None
) -> tuple[Statement, str]:
    """The statement in a DSSE envelope's bytes and who signed it, judged at `at`."""
    signed = verify_opened(_opened(data, where), trust, at)
    return parse_statement(signed.payload, where), signed.identity


def _opened(data: bytes, where: Location | None) -> Opened:
    exact = exact_envelope(data)
    opened = None if exact is None else exactly_opened(exact)
    if opened is not None:
        return opened
    envelope = strict_json(data, where)
    if not isinstance(envelope, (dict, Mapping)):
        raise InvalidDocument.one("is no envelope", remedy="log signed records", where=where)
    return open_envelope(envelope)


def record_of(path: Path, data: bytes) -> Record:
    """A file as a record to be published, its kind read from its content; nothing verified.

    Raises InvalidDocument when it is none that a log takes.
    """
    where = Location(str(path))
    value = parse_json(data, where)
    if isinstance(value, (dict, Mapping)) and set(value) == {"decision", "vsa"}:
        return Record("decision", data, path.name, read_record(path).claims.decided_at)
    if isinstance(value, (dict, Mapping)) and set(value) == {"statement", "signature"}:
        return Record("approval", data, None, _time(value["statement"], "approved_at"))
    if isinstance(value, (dict, Mapping)) and "payloadType" in value:
        said = parse_statement(envelope_payload(value), where)
        if said.predicate_type == TOMBSTONE_TYPE:
            return Record("tombstone", data)
        if said.predicate_type.startswith(_EVIDENCE):
            return Record("evidence", data, None, _collected(said))
    raise InvalidDocument.one(
        "is no signed decision record, evidence or approval",
        remedy="log what was signed: *.record.json, evidence in DSSE, *.approval.json",
        where=where,
    )


def _collected(said: Statement) -> int | None:
    value = said.predicate.get("collected_at")
    return _seconds(value)


def _time(statement: object, name: str) -> int | None:
    predicate = statement.get("predicate") if isinstance(statement, (dict, Mapping)) else None
    return _seconds(predicate.get(name) if isinstance(predicate, (dict, Mapping)) else None)


def _seconds(value: object) -> int | None:
    if not isinstance(value, str):
        return None
    try:
        return seconds(value)
    except ValueError:
        return None


def _is(public: str, key_id: str) -> bool:
    return load_public_key(public).key_id == key_id
