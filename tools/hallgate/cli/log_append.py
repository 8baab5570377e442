"""Begins logs and appends to them."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from hallgate.cli.wiring import Workplace, now
from hallgate.intake.files import read_file
from hallgate.intake.log_trust import log_folder, read_log_trust
from hallgate.intake.logged import RecordJudge, record_of
from hallgate.intake.rfc3339 import text as time_text
from hallgate.model.errors import InvalidDocument, Location, NotProven, UsageError
from hallgate.model.log import LogTrust
from hallgate.record.files import make_folder, read_blob, write_blob, write_new
from hallgate.record.keys import load_private_key, public_pem
from hallgate.record.log.append import Placed
from hallgate.record.log.append import append as append_records
from hallgate.record.log.entry import Record
from hallgate.record.log.folder import create_log
from hallgate.record.log.note import signing_key, verifier_key

_LARGEST = 64 * 1024 * 1024


def log_of(place: Workplace, elsewhere: Path | None = None) -> tuple[LogTrust, Path]:
    """What trust/log.yaml says, and the log's folder; UsageError where there is no log."""
    found = read_log_trust(place.repository.log_file, place.schemas)
    if found is None:
        raise UsageError(
            "this repository has no log",
            remedy="make one with `hallgate log init`",
            where=Location(str(place.repository.log_file)),
        )
    return found, log_folder(place.repository, found, elsewhere)


def init(options: argparse.Namespace) -> int:
    """Make an empty log and trust/log.yaml."""
    place = Workplace(options)
    path = place.repository.log_file
    if path.exists():
        raise UsageError(
            "this repository has a log already",
            remedy="append to it; a log is never begun again",
            where=Location(str(path)),
        )
    key = signing_key(load_private_key(options.key))
    folder = options.log or place.repository.root / options.folder
    create_log(folder, options.origin, key)
    said = {
        "origin": options.origin,
        "folder": str(options.log.resolve()) if options.log else options.folder,
        "keys": [
            {
                "public": public_pem(key),
                "valid_from": time_text(now()),
                "valid_until": None,
                "revoked_at": None,
                "compromised": False,
            }
        ],
        "authorities": [],
    }
    text = "# The log of this repository, and whose word counts about it.\n"
    # JSON is YAML, and needs no writer of its own.
    if not write_new(path, (text + json.dumps(said, indent=2) + "\n").encode()):
        raise UsageError(f"{path} is there already", remedy="repeat the command")
    facts = {
        "log": str(folder),
        "said_in": str(path),
        "verifier_key": verifier_key(options.origin, key.public_key()),
    }
    _print(options, facts, [f"{name.replace('_', ' '):<12} {value}" for name, value in
                            facts.items()])  # fmt: skip
    return 0


def append(options: argparse.Namespace) -> int:
    """Judge every file, then publish all of them under one checkpoint."""
    place = Workplace(options)
    trust, folder = log_of(place, options.log)
    key = signing_key(load_private_key(options.key))
    records = [_record(path, folder) for path in options.files]
    _judge(place, folder, records, options.files)
    placed = append_records(folder, trust.origin, trust.keys, key, records, now)
    facts = [
        {"file": str(path), "index": one.index, "at": time_text(one.entry.at), "new": one.fresh,
         "kind": one.entry.kind, "record": one.entry.record}
        for path, one in zip(options.files, placed, strict=True)
    ]  # fmt: skip
    words = [
        f"{fact['index']:>8}  {fact['kind']:<9} {fact['at']}  {fact['file']}"
        + ("" if fact["new"] else "  (was there)")
        for fact in facts
    ]
    _print(options, facts, words)
    return 0


def publish(
    place: Workplace, folder: Path, path: Path, key_file: Path, rests_on: Sequence[Path]
) -> Placed:
    """Publish a decision record that lies in the log's folder, and the files it rests on.

    What does not hold by its own signature is left out: the decision says so itself.
    """
    trust, _ = log_of(place)
    records = [record_of(path, read_file(path, _LARGEST))]
    judge = RecordJudge(folder, place.trust, place.schemas)
    moment = now()
    for one in rests_on:
        try:
            record = record_of(one, read_file(one, _LARGEST))
        except InvalidDocument:
            continue  # a plain statement: nobody signed it
        if judge(record.entry(moment), record.data).error is None:
            records.append(record)
    key = signing_key(load_private_key(key_file))
    return append_records(folder, trust.origin, trust.keys, key, records, now)[0]


def _record(path: Path, folder: Path) -> Record:
    record = record_of(path, read_file(path, _LARGEST))
    if record.kind == "decision" and path.parent.resolve() != folder.resolve():
        _bring(path, folder)
    return record


def _bring(path: Path, folder: Path) -> None:
    """Copy the blobs that a decision from another folder names, then its record."""
    from hallgate.record.decision_proof import read_record

    claims = read_record(path).claims
    make_folder(folder)
    for digest in (claims.input, claims.policies, claims.waivers):
        if digest is not None:
            write_blob(folder, read_blob(path.parent, digest))
    write_new(folder / path.name, path.read_bytes())


def _judge(
    place: Workplace, folder: Path, records: Sequence[Record], files: Sequence[Path]
) -> None:
    """Raise what is wrong with the first record that would not count; nothing was published."""
    judge = RecordJudge(folder, place.trust, place.schemas)
    moment = now()
    for record, path in zip(records, files, strict=True):
        judged = judge(record.entry(moment), record.data)
        if judged.error is not None:
            raise NotProven(
                f"not published: {judged.error.what}",
                remedy=judged.error.remedy,
                where=Location(str(path)),
            ) from judged.error


def _print(options: argparse.Namespace, facts: object, words: Sequence[str]) -> None:
    if options.format == "json":
        sys.stdout.write(json.dumps(facts, indent=2, sort_keys=True) + "\n")
    else:
        sys.stdout.write("\n".join(words) + "\n")
