"""Answers kept in the user's cache for as long as they hold (ADR 6)."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import cast

from hallgate.intake.files import read_file
from hallgate.intake.narrow import a_list, a_text, an_integer, an_object, integer_or_none
from hallgate.model.errors import Fault, HallgateError, Location, StorageError
from hallgate.model.values import JsonValue
from hallgate.record.files import write_atomic

log = logging.getLogger(__name__)

_LARGEST, _MOST = 64 * 1024 * 1024, 32


def kept_until(cache: Path, about: str, key: str, at: int) -> JsonValue:
    """What was kept under a folder and a key and still holds at a time in seconds; else None.

    A file that is damaged, or not as it was written, is as none.
    """
    path = cache / about / f"{key}.json"
    if not path.is_file():
        return None
    try:
        digest, _, text = read_file(path, _LARGEST).partition(b"\n")
        if sha256(text).hexdigest().encode() != digest:
            raise ValueError("it is not what was written")
        said = an_object(cast(JsonValue, json.loads(text)))
        since, until = an_integer(said["since"]), integer_or_none(said["until"])
        return said["answer"] if since <= at and (until is None or at < until) else None
    except (HallgateError, KeyError, TypeError, ValueError) as error:
        log.debug("%s is damaged; asking again: %s", path, error)
        return None


def keep_until(
    cache: Path, about: str, key: str, at: int, until: int | None, answer: JsonValue
) -> None:
    """Keep an answer given at `at`, to hold until just before `until`; only the newest stay.

    until None is for ever. What cannot be written costs time, not correctness.
    """
    text = json.dumps({"since": at, "until": until, "answer": answer}).encode()
    path = cache / about / f"{key}.json"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, sha256(text).hexdigest().encode() + b"\n" + text)
        kept = sorted(path.parent.glob("*.json"), key=lambda one: one.stat().st_mtime_ns)
        for old in kept[:-_MOST]:
            with contextlib.suppress(FileNotFoundError):
                old.unlink()
    except (OSError, StorageError) as error:
        log.debug("%s not kept: %s", path, error)


def next_time(times: Iterable[int], at: int) -> int | None:
    """The first time after `at` at which something may be otherwise; None for never.

    A rule may say "from then on" or "after then": so the second after a time counts as well.
    """
    return min((max(one, at + 1) for one in times if one >= at), default=None)


def told_faults(faults: Sequence[Fault]) -> list[JsonValue]:
    """Faults as JSON."""
    return [
        [one.what, one.remedy, [one.where.file, one.where.line, one.where.column]]
        if one.where
        else [one.what, one.remedy, None]
        for one in faults
    ]


def faults_told(said: JsonValue) -> tuple[Fault, ...]:
    """Faults from their JSON; raises TypeError or ValueError for any other."""
    return tuple(_fault(*a_list(one)) for one in a_list(said))


def _fault(what: JsonValue, remedy: JsonValue, where: JsonValue) -> Fault:
    place = None
    if where is not None:
        file, line, column = a_list(where)
        place = Location(a_text(file), integer_or_none(line), integer_or_none(column))
    return Fault(a_text(what), place, a_text(remedy))
