"""Reading a folder of evidence. Nothing in it can raise: what is wrong becomes a finding."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from hallgate.intake.approvals import SUFFIX, Word, approval_evidence, parse_approval, prove
from hallgate.intake.document import Document
from hallgate.intake.files import read_file
from hallgate.intake.json_strict import LIMIT, parse_json
from hallgate.intake.narrow import a_list, a_text, an_object
from hallgate.intake.schema import Schemas
from hallgate.intake.superseded import standing
from hallgate.model.documents import Approval, Evidence, EvidenceSet, Rejection
from hallgate.model.errors import (
    HallgateError,
    InvalidDocument,
    Location,
    NotProven,
    StorageError,
    UsageError,
)
from hallgate.model.trust import Trust
from hallgate.model.values import JsonObject, JsonValue
from hallgate.record.dsse import envelope_payload, verify_envelope

_PREDICATE_TYPE = re.compile(rb'"predicateType"\s*:\s*"([^"\\]{1,200})"')
_SHOWN = 3
_LONGEST = 2000


def read_evidence(folder: Path, trust: Trust, schemas: Schemas, *, at: int) -> EvidenceSet:
    """Every *.json below a folder, in order of path; at (seconds) is when keys are judged.

    What cannot be read or believed becomes a Rejection, foreign predicate types
    and superseded statements are ignored by name. Raises UsageError where there is no
    folder, EngineError or StorageError only where ssh-keygen or temporary files fail.
    """
    if not folder.is_dir():
        raise UsageError(
            "there is no such folder",
            where=Location(str(folder)),
            remedy="name the folder of evidence; an empty one is fine",
        )
    reader = _Reader(trust, schemas, at)
    for path, name in _files(folder, ""):
        reader.read(path, name)
    reader.prove_words()
    left = standing(reader.statements)
    rejections = (*reader.rejections, *left.rejections)
    return EvidenceSet(
        statements=tuple(sorted(left.statements, key=lambda one: one.file)),
        rejections=tuple(sorted(rejections, key=lambda one: one.file)),
        ignored=tuple(sorted((*reader.ignored, *left.ignored))),
        superseded=tuple(sorted(left.superseded, key=lambda one: one.file)),
    )


def _files(folder: Path, prefix: str) -> Iterator[tuple[Path, str]]:
    """Files worth reading and anything in their place, with names for messages."""
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda one: one.name)
    for entry in found:
        name = prefix + entry.name.encode("utf-8", "backslashreplace").decode("utf-8")
        link = entry.is_symlink()
        if entry.is_dir(follow_symlinks=False):
            yield from _files(Path(entry.path), f"{name}/")
        elif entry.name.endswith(".json") or (link and entry.is_dir()):
            yield Path(entry.path), name


class _Rejected(Exception):
    """A statement that is no evidence; the caller knows the file."""

    def __init__(self, kind: str | None, fault: str, message: str) -> None:
        super().__init__(message)
        self.kind, self.fault, self.message = kind, fault, message


class _Ignored(Exception):
    """A statement that is none of our business."""


class _Reader:
    """Collects statements; approvals wait, so that signatures are verified side by side."""

    def __init__(self, trust: Trust, schemas: Schemas, at: int) -> None:
        self._trust, self._schemas, self._at = trust, schemas, at
        self._types = frozenset(schemas.evidence_types)
        self._signers: dict[str, JsonObject] = {}
        self._words: list[Word] = []
        self.statements: list[Evidence] = []
        self.rejections: list[Rejection] = []
        self.ignored: list[tuple[str, str]] = []

    def read(self, path: Path, name: str) -> None:
        """Read one file; never raises for its content."""
        try:
            data = self._bytes(path, name)
            if name.endswith(SUFFIX):
                self._word(data, name)
            else:
                self.statements.append(self._statement(data, name))
        except _Rejected as error:
            self.rejections.append(Rejection(name, error.kind, error.fault, error.message))
        except _Ignored as error:
            self.ignored.append((name, str(error)))

    def prove_words(self) -> None:
        """Verify the approvals read so far."""
        for word, verdict in zip(self._words, prove(self._words, self._trust), strict=True):
            if isinstance(verdict, Approval):
                self.statements.append(approval_evidence(word, self._trust))
            else:
                fault = _fault_of(verdict)
                self.rejections.append(Rejection(word.file, "approval", fault, _words(verdict)))

    def _bytes(self, path: Path, name: str) -> bytes:
        try:
            return read_file(path, LIMIT, name)
        except (InvalidDocument, StorageError) as error:
            raise _Rejected(self._type_by_name(name), "unreadable", _words(error)) from error

    def _word(self, data: bytes, name: str) -> None:
        try:
            word = parse_approval(data, name, self._schemas)
        except InvalidDocument as error:
            raise _Rejected("approval", "malformed", _words(error)) from error
        if word.action != "promotion":
            raise _Ignored(f"approves a {word.action}, not a promotion")
        self._words.append(word)

    def _statement(self, data: bytes, name: str) -> Evidence:
        try:
            document = parse_json(data, name)
        except InvalidDocument as error:
            raise _Rejected(self._type_by_text(data, name), "malformed", _words(error)) from error
        if not (isinstance(document.value, Mapping) and "payloadType" in document.value):
            return self._evidence(document, None)
        payload, signer = self._opened(document.value, name)
        try:
            inner = parse_json(payload, name)
        except InvalidDocument as error:
            kind = self._type_by_text(payload, name)
            raise _Rejected(kind, "malformed", "payload: " + _words(error)) from error
        return self._evidence(inner, signer)

    def _opened(self, envelope: JsonObject, name: str) -> tuple[bytes, JsonObject]:
        try:
            verified = verify_envelope(envelope, self._trust, self._at)
        except (InvalidDocument, NotProven) as error:
            kind = self._type_by_envelope(envelope, name)
            raise _Rejected(kind, _fault_of(error), _words(error)) from error
        return verified.payload, self._signer(verified.identity)

    def _evidence(self, document: Document, signer: JsonObject | None) -> Evidence:
        said = document.value
        kind = self._known_type(said, document.file)
        predicate = said.get("predicate") if isinstance(said, Mapping) else None
        status = predicate.get("status") if isinstance(predicate, Mapping) else None
        unmeasured = isinstance(status, str) and status in {"error", "not_run"}
        schema = f"statement:{kind}:unmeasured" if unmeasured else f"statement:{kind}"
        faults = self._schemas.faults(document, schema)
        if faults:
            raise _Rejected(kind, "malformed", _words(InvalidDocument(faults)))
        timed = an_object(self._schemas.plan(schema).apply(said))
        subject = an_object(a_list(timed["subject"])[0])
        flat: JsonObject = {
            "type": kind,
            "file": document.file,
            "digest": document.digest,
            "subject": {
                "name": subject["name"],
                "digest": "sha256:" + a_text(an_object(subject["digest"])["sha256"]),
            },
            "signer": signer,
            **an_object(timed["predicate"]),
        }
        return Evidence(kind, flat, document.file, document.digest)

    def _known_type(self, said: JsonValue, name: str) -> str:
        """The evidence type of a statement; raises _Rejected or _Ignored where there is none."""
        spoken = said.get("predicateType") if isinstance(said, Mapping) else None
        if not isinstance(spoken, str):
            message = "is no in-toto statement: it has no predicateType"
            raise _Rejected(self._type_by_name(name), "malformed", message)
        kind = self._schemas.type_of(spoken)
        if kind is None:
            raise _Ignored(f"foreign predicate type {spoken[:200]}")
        if kind == "approval":
            message = f"an approval is a person's SSH-signed word in a file *{SUFFIX}"
            raise _Rejected(kind, "malformed", message)
        return kind

    def _signer(self, name: str) -> JsonObject:
        if name not in self._signers:
            identity = self._trust.identity(name)
            roles = identity.roles_at(self._at) if identity else ()
            self._signers[name] = {
                "identity": name,
                "kind": identity.kind if identity else "machine",
                "roles": list(roles),
                "evidence_types": list(self._trust.evidence_types(roles)),
            }
        return self._signers[name]

    def _type_by_envelope(self, envelope: JsonObject, name: str) -> str | None:
        try:
            payload = envelope_payload(envelope)
        except InvalidDocument:
            return self._type_by_name(name)
        return self._type_by_text(payload, name)

    def _type_by_text(self, data: bytes, name: str) -> str | None:
        """The type that broken text still names, if it names one alone; else by file name.

        Raises _Ignored for a foreign type, which is nothing we would have counted.
        """
        named = set(_PREDICATE_TYPE.findall(data))
        if len(named) != 1:
            return self._type_by_name(name)
        spoken = named.pop().decode("utf-8", "replace")
        kind = self._schemas.type_of(spoken)
        if kind is None:
            raise _Ignored(f"foreign predicate type {spoken}")
        return kind

    def _type_by_name(self, name: str) -> str | None:
        if name.endswith(SUFFIX):
            return "approval"
        stem = name.rpartition("/")[2].removesuffix(".json").partition("-")[0]
        return stem if stem in self._types else None


def _fault_of(error: HallgateError) -> str:
    if isinstance(error, InvalidDocument):
        return "malformed"
    return str(getattr(error, "fault", "bad_signature"))


def _words(error: HallgateError) -> str:
    shown = "; ".join(str(fault) for fault in error.faults[:_SHOWN])
    more = len(error.faults) - _SHOWN
    return (shown + (f"; and {more} more" if more > 0 else ""))[:_LONGEST]
