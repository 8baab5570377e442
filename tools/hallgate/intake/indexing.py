"""Rows for the search, derived from records of a log: brought up to date before each search.

The index is not believed: it is dropped and made again where its mark does not lie on the
log's tree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from hallgate.intake.narrow import scalars
from hallgate.model.errors import HallgateError, NotProven
from hallgate.model.trust import Trust
from hallgate.model.values import JsonObject, JsonValue
from hallgate.record.canonical import parse_json
from hallgate.record.decision_statement import read_decision_statement
from hallgate.record.dsse import envelope_payload
from hallgate.record.keys import load_public_key
from hallgate.record.log.entry import Entry
from hallgate.record.log.folder import Log
from hallgate.record.log.tree import root
from hallgate.record.sshblob import parse_signature, public_blob
from hallgate.record.statement import Statement, parse_statement, read_statement
from hallgate.record.store.port import Mark, Row, Store

_BATCH = 1000
_LONGEST = 20_000
_URI = "urn:hallgate:promotion:"


def refresh(
    log: Log,
    store: Store,
    trust: Trust,
    *,
    anew: bool = False,
    say: Callable[[int, int], None] = lambda done, of: None,
) -> int:
    """Add rows for entries the store does not know; how many were added.

    log is sound. Records that are missing or altered get a row without words. Raises
    StorageError.
    """
    mark, size = store.mark(), log.checkpoint.size
    if anew or not _lies_on(log, mark):
        store.forget()
        mark = store.mark()
    signers = _Signers(trust)
    batch: list[Row] = []
    for index, entry in log.entries(mark.size):
        batch.append(row_of(log, index, entry, signers))
        if len(batch) == _BATCH or index + 1 == size:
            store.add(batch, Mark(index + 1, root(log.tiles.node, index + 1).hex()))
            batch = []
            say(index + 1, size)
    return size - mark.size


def row_of(log: Log, index: int, entry: Entry, signers: _Signers) -> Row:
    """What can be asked about one record; signers are named, not verified."""
    try:
        data = log.record(entry)
    except NotProven:
        return _row(index, entry, "", "", "", "")
    try:
        return _READERS[entry.kind](index, entry, parse_json(data), signers)
    except (HallgateError, KeyError, TypeError, IndexError):
        return _row(index, entry, "", "", "", "")  # `hallgate log verify` says what is wrong


class _Signers:
    """Names of identities by their keys."""

    def __init__(self, trust: Trust) -> None:
        self._machines = {
            load_public_key(key.public).key_id: one.id
            for one in trust.identities
            if one.kind == "machine"
            for key in one.keys
        }
        self._people = {
            public_blob(key.public): one.id
            for one in trust.identities
            if one.kind == "person"
            for key in one.keys
        }

    def machine(self, envelope: JsonObject) -> str:
        """Who says to have signed an envelope; the key id where nobody is known."""
        signatures = envelope["signatures"]
        first = signatures[0] if isinstance(signatures, list) else {}
        hint = str(first.get("keyid", "")) if isinstance(first, Mapping) else ""
        return self._machines.get(hint, hint)

    def person(self, signature: str) -> str:
        """Whose SSH key made a signature."""
        return self._people.get(parse_signature(signature).public, "")


def _decision(index: int, entry: Entry, value: JsonValue, signers: _Signers) -> Row:
    whole = _object(value)
    decision = _object(whole["decision"])
    claims = read_decision_statement(parse_statement(envelope_payload(decision)))
    summary = parse_statement(envelope_payload(_object(whole["vsa"])))
    stage = str(summary.predicate["resourceUri"]).removeprefix(_URI).rpartition(":")[2]
    verdicts = claims.body["verdicts"]
    listed = [_object(one) for one in verdicts] if isinstance(verdicts, list) else []
    outcomes = tuple((str(one["id"]), str(one["outcome"])) for one in listed)
    words = " ".join([claims.model, claims.mode, *_texts(claims.body)])
    return _row(
        index, entry, claims.model, claims.digest, signers.machine(decision), words,
        stage, claims.allowed, outcomes,
    )  # fmt: skip


def _signed(index: int, entry: Entry, value: JsonValue, signers: _Signers) -> Row:
    envelope = _object(value)
    said = parse_statement(envelope_payload(envelope))
    words = " ".join([said.name, said.predicate_type, *_texts(said.predicate)])
    return _row(index, entry, said.name, said.digest, signers.machine(envelope), words)


def _approval(index: int, entry: Entry, value: JsonValue, signers: _Signers) -> Row:
    whole = _object(value)
    said: Statement = read_statement(whole["statement"])
    stage = said.predicate.get("to_stage")
    words = " ".join([said.name, *_texts(said.predicate)])
    return _row(
        index, entry, said.name, said.digest, signers.person(str(whole["signature"])), words,
        None if stage is None else str(stage), said.predicate.get("decision") == "approve",
    )  # fmt: skip


_READERS: Mapping[str, Callable[[int, Entry, JsonValue, _Signers], Row]] = {
    "decision": _decision,
    "evidence": _signed,
    "approval": _approval,
    "tombstone": _signed,
}


def _row(
    index: int, entry: Entry, about: str, digest: str, signer: str, words: str,
    stage: str | None = None, allowed: bool | None = None,
    verdicts: tuple[tuple[str, str], ...] = (),
) -> Row:  # fmt: skip
    return Row(
        index, entry.at, entry.kind, entry.record, entry.path, about, digest, stage, signer,
        allowed, verdicts, words[:_LONGEST],
    )  # fmt: skip


def _lies_on(log: Log, mark: Mark) -> bool:
    if mark.size == 0:
        return True
    return mark.size <= log.checkpoint.size and mark.root == root(log.tiles.node, mark.size).hex()


def _texts(value: JsonValue) -> Iterator[str]:
    """Every text within a value, names of members left out."""
    return (one for one in scalars(value) if isinstance(one, str))


def _object(value: JsonValue) -> JsonObject:
    if not isinstance(value, Mapping):
        raise TypeError("an object was promised")
    return value
