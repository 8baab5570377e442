"""Tombstones: what stands in the log for a record whose bytes were erased.

A tombstone is an in-toto statement in DSSE whose subject is the erased record: its path and
its digest, which the log's entry keeps for ever. It says under which class and rule it was
erased, on which list it stood, and which two approvals of that list, themselves in the log,
wanted it. The list lies beside the records, under its digest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hallgate.model.errors import InvalidDocument, Location, NotProven
from hallgate.model.trust import Trust
from hallgate.model.values import JsonValue
from hallgate.record.canonical import is_digest
from hallgate.record.statement import Statement, statement

TOMBSTONE_TYPE = "urn:hallgate:tombstone:v1"

_MEMBERS = {"index", "class", "basis", "disposed_at", "list", "approvals"}


@dataclass(frozen=True, slots=True)
class Erasure:
    """What a tombstone says: the index and digest of a record, the digest of the list it stood
    on, and the digests of the approvals of that list."""

    index: int
    record: str
    listed: str
    approvals: tuple[str, ...]


def tombstone(
    path: str, digest: str, index: int, kind: str, basis: str, disposed_at: str,
    listed: str, approvals: Sequence[str],
) -> dict[str, JsonValue]:  # fmt: skip
    """The statement about one erased record; listed is the digest of the list that was approved,
    approvals are digests of the approvals' files."""
    return statement(
        path,
        digest,
        TOMBSTONE_TYPE,
        {
            "index": index,
            "class": kind,
            "basis": basis,
            "disposed_at": disposed_at,
            "list": listed,
            "approvals": sorted(approvals),
        },
    )


def erased_by(said: Statement, identity: str, trust: Trust, at: int, where: Location) -> Erasure:
    """What a tombstone says, once its signer may dispose and its form is right. Whether the
    approvals are in the log, count, and are of a list with this record is for the audit.

    Raises InvalidDocument or NotProven.
    """
    predicate = said.predicate
    approvals = predicate.get("approvals")
    listed = approvals if isinstance(approvals, list) else []
    index, of_list = predicate.get("index"), predicate.get("list")
    if (
        said.predicate_type != TOMBSTONE_TYPE
        or set(predicate) != _MEMBERS
        or type(index) is not int
        or not is_digest(of_list)
    ):
        raise InvalidDocument.one(
            "is no tombstone", remedy="use `hallgate retention dispose`", where=where
        )
    if len({one for one in listed if is_digest(one)}) < 2 or len(listed) != len(set(listed)):
        raise NotProven(
            "the tombstone names fewer than two approvals",
            remedy="restore the record from a copy; have two people approve its disposal",
            where=where,
        )
    person = trust.identity(identity)
    held = person.roles_at(at) if person else ()
    if not any(role.decides and role.role in held for role in trust.roles):
        raise NotProven(
            f"the tombstone is signed by {identity}, who may not dispose",
            remedy="have an identity sign whose role in trust/ says `decides`",
            where=where,
        )
    return Erasure(index, said.digest, str(of_list), tuple(str(one) for one in listed))
