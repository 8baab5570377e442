"""The step a pipeline runs before it moves an alias or deploys.

Fails closed: the newest decision about the artifact and stage must be proven, enforced and
allowed, and no file in the folder that could concern the artifact may be left unexplained.
Going back to a digest that was allowed needs its old record, not today's scans.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from hallgate.model.errors import (
    Fault,
    HallgateError,
    InvalidDocument,
    Location,
    NotProven,
    StorageError,
    UsageError,
)
from hallgate.model.trust import Trust
from hallgate.record.canonical import is_digest
from hallgate.record.decision_proof import Record, VerifiedRecord, read_record, verify_record
from hallgate.record.decision_record import SUFFIX
from hallgate.record.decision_statement import ENFORCE
from hallgate.record.vsa import overrides

_BASE64_RUN = re.compile(rb"[A-Za-z0-9+/]{32,}")
_OWN_NAME = re.compile(r"\d+-.+-([0-9a-f]{12})(-\d+)?\.record\.json")


def verify_subject(
    records_folder: Path,
    trust: Trust,
    digest: str,
    to_stage: str,
    at: int,
    *,
    max_age: int | None = None,
    model: str | None = None,
) -> VerifiedRecord:
    """The newest decision about this artifact and stage, once it allows the promotion.

    digest is `sha256:<hex>` of the artifact, at is now and max_age the oldest decision that
    still counts, both in seconds (None: any age); model narrows the search to one name. The
    answer's `unreadable` holds faults of files that concern other artifacts.

    Raises NotProven when there is no such decision, when the newest is a denial, too old,
    not enforced, from the future, or rests on an emergency override that has ended; when a
    file that names the digest cannot be proven, and when several models share the artifact
    and none was named. Raises UsageError for another form of digest, StorageError for an
    unreadable folder.
    """
    if not is_digest(digest):
        raise UsageError(
            f"{digest!r} is no digest", remedy="give sha256: and 64 lower-case hex digits"
        )
    found: list[VerifiedRecord] = []
    unreadable: list[Fault] = []
    for path in _record_files(records_folder):
        try:
            if _names(read_record(path), digest):
                found.append(verify_record(path, trust, at))
        except InvalidDocument:
            raise  # trust/ is wrong, not the record
        except HallgateError as error:
            fault = Fault(error.what, error.where or Location(str(path)), error.remedy)
            if _could_name(path, digest):
                raise _unexplained(digest, fault) from error
            unreadable.append(fault)
    newest = _newest(found, digest, to_stage, model)
    _permit(newest, at, max_age)
    return replace(newest, unreadable=tuple(unreadable))


def _record_files(folder: Path) -> list[Path]:
    where = Location(str(folder))
    try:
        return sorted(one for one in folder.iterdir() if one.name.endswith(SUFFIX))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UsageError(
            "no such folder of records",
            remedy="give the folder `decide --record` wrote to",
            where=where,
        ) from error
    except OSError as error:
        raise StorageError(
            f"cannot read the folder of records: {error.strerror}",
            remedy="check its permissions and the disk",
            where=where,
        ) from error


def _names(record: Record, digest: str) -> bool:
    return digest in (record.claims.digest, record.summary.digest)


def _could_name(path: Path, digest: str) -> bool:
    """Whether a file that is no sound record may be about the digest; in doubt it is.

    Looks at its name, its text and whatever base64 is left in it, at every alignment.
    """
    wanted = digest.removeprefix("sha256:")
    named = _OWN_NAME.fullmatch(path.name)
    if named is not None and named[1] == wanted[:12]:
        return True
    try:
        data = path.read_bytes()
    except OSError:
        return named is None
    texts = [data, *(text for run in _BASE64_RUN.findall(data) for text in _decoded(run))]
    return any(wanted.encode() in text.lower() for text in texts)


def _decoded(run: bytes) -> list[bytes]:
    starts = (run[offset:] for offset in range(4))
    return [base64.b64decode(text[: len(text) // 4 * 4]) for text in starts]


def _newest(
    found: list[VerifiedRecord], digest: str, to_stage: str, model: str | None
) -> VerifiedRecord:
    about = [one for one in found if model in (None, one.claims.model)]
    there = [one for one in about if one.to_stage == to_stage]
    if not there:
        others = sorted({f"{one.claims.model} to {one.to_stage}" for one in found})
        known = f"; there are decisions for {', '.join(others)}" if others else ""
        raise NotProven(
            f"no decision about {digest} to {to_stage}{known}",
            remedy="run `hallgate decide --record` for this artifact and stage, "
            "or bring its old record",
        )
    models = sorted({one.claims.model for one in there})
    if len(models) > 1:
        raise NotProven(
            f"{digest} was decided on as {' and as '.join(models)}",
            remedy="say which model is to be promoted",
        )
    # Two decisions of one second: the one that permits less comes last, and counts.
    return max(there, key=lambda one: (one.claims.decided_at, not _permitted(one)))


def _permitted(record: VerifiedRecord) -> bool:
    return record.claims.allowed and record.claims.mode == ENFORCE


def _permit(record: VerifiedRecord, at: int, max_age: int | None) -> None:
    claims, where = record.claims, Location(str(record.path))
    if not claims.allowed:
        raise NotProven(
            f"the newest decision about {claims.digest} to {record.to_stage} is a denial",
            remedy="see its verdicts with `hallgate verify`, mend them, decide again",
            where=where,
        )
    if claims.mode != ENFORCE:
        raise NotProven(
            f"the newest decision was made in mode {claims.mode!r}, which permits nothing",
            remedy="decide in mode enforce",
            where=where,
        )
    for mark in overrides(claims.body):
        expires = mark.get("expires") if isinstance(mark, Mapping) else None
        if not isinstance(expires, int) or expires <= at:
            raise NotProven(
                "the decision rests on an emergency override that has ended",
                remedy="an emergency lasts hours: mend what was found, and decide again",
                where=where,
            )
    if max_age is not None and at - claims.decided_at > max_age:
        raise NotProven(
            f"the decision is {at - claims.decided_at} s old, more than {max_age} s",
            remedy="decide again with fresh evidence",
            where=where,
        )


def _unexplained(digest: str, fault: Fault) -> NotProven:
    return NotProven(
        f"a record that may be about {digest} cannot be proven: {fault.what}",
        remedy=f"{fault.remedy}; or, once it is understood, move it out of the folder",
        where=fault.where,
    )
