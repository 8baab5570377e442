"""The checks of a pack: files, log, timestamps, records, signatures, summary."""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

from hallgate.publish.pack.verifier.proofs import (
    by_ssh_keygen,
    checkpoint,
    leaf_hash,
    roots,
    verifies,
)
from hallgate.publish.pack.verifier.results import PERMITTING, assess, canonical

SUMS = "SHA256SUMS"
DECISION = "urn:hallgate:decision:v1"
NAME = re.compile(r"(\d{1,12})-(.+)-([0-9a-f]{12})(?:-\d+)?\.record\.json")
LARGEST = 256 * 1024 * 1024


class Report:
    """What was checked, what could not be, and what is wrong."""

    def __init__(self) -> None:
        self.held: list[str] = []
        self.unchecked: list[str] = []
        self.wrong: list[str] = []

    def check(self, good: bool, held: str, wrong: str) -> bool:
        """Keep one of both sentences."""
        (self.held if good else self.wrong).append(held if good else wrong)
        return good


class Pack:
    """The files of an unpacked pack."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def data(self, path: str) -> bytes:
        """The bytes of a file; refuses links, and paths that leave the pack."""
        target = self.folder / path
        parts = Path(path).parts
        if target.is_symlink() or Path(path).is_absolute() or ".." in parts:
            raise ValueError(f"{path} is no plain file of the pack")
        if target.stat().st_size > LARGEST:
            raise ValueError(f"{path} is too large")
        return target.read_bytes()

    def json(self, path: str) -> Any:
        """A JSON file."""
        return json.loads(self.data(path))


def check_files(pack: Pack, report: Report) -> None:
    """Every file is what SHA256SUMS says, and there is no other."""
    listed = {}
    for line in pack.data(SUMS).decode().splitlines():
        digest, _, path = line.partition("  ")
        listed[path] = digest
    there = {
        (Path(at) / name).relative_to(pack.folder).as_posix()
        for at, _, names in os.walk(pack.folder)
        for name in names
    } - {SUMS}
    for path in sorted(there - listed.keys()):
        report.wrong.append(f"{path}: is not listed in {SUMS}")
    for path in sorted(listed.keys() - there):
        report.wrong.append(f"{path}: is missing")
    altered = [
        path
        for path in sorted(there & listed.keys())
        if hashlib.sha256(pack.data(path)).hexdigest() != listed[path]
    ]
    report.wrong += [f"{path}: was altered (its bytes are not those of {SUMS})" for path in altered]
    if not report.wrong:
        report.held.append(f"all {len(listed)} files are as {SUMS} lists them")


def check_log(pack: Pack, report: Report, options: argparse.Namespace) -> list[dict[str, Any]]:
    """The entries lead to the signed root, and to every checkpoint that was kept."""
    raw = pack.data("log/entries.jsonl").splitlines()
    leaves = [leaf_hash(line) for line in raw]
    notes = {"log/checkpoint": pack.data("log/checkpoint")}
    for path in sorted((pack.folder / "log" / "kept").glob("*.checkpoint")):
        notes[f"log/kept/{path.name}"] = pack.data(f"log/kept/{path.name}")
    own = [Path(path) for path in options.checkpoint]
    notes |= {str(path): path.read_bytes() for path in own}
    heads = {name: checkpoint(note) for name, note in notes.items()}
    found = roots(leaves, {head[1] for head in heads.values()})
    for name, (_, size, root, signatures) in heads.items():
        whose = "your checkpoint" if Path(name) in own else name
        good = found.get(size) == root
        report.check(
            good,
            f"{whose}: the first {size} entries lead to its root",
            f"{whose}: the entries do not lead to its root: altered, cut, reordered or forked",
        )
        if options.log_key is not None:
            _signed_by_log(name, notes[name], signatures, options, report)
    if options.log_key is None:
        report.unchecked.append("who signed the checkpoints: give --log-key")
    if not own:
        report.unchecked.append("that nobody was shown another log: give --checkpoint you kept")
    report.check(
        heads["log/checkpoint"][1] == len(raw),
        f"the log has {len(raw)} entries, all of them are here",
        "log/entries.jsonl: holds more or fewer entries than log/checkpoint signs",
    )
    return [json.loads(line) for line in raw]


def _signed_by_log(
    name: str,
    note: bytes,
    signatures: list[tuple[str, bytes]],
    options: argparse.Namespace,
    report: Report,
) -> None:
    text = note.decode().rpartition("\n\n")[0].encode() + b"\n"
    pem = Path(options.log_key).read_text()
    answers = [verifies(pem, signature[4:], text) for _, signature in signatures]
    if None in answers and True not in answers:
        report.unchecked.append(f"{name}: its signature, for want of cryptography and openssl")
        return
    report.check(
        True in answers, f"{name}: signed with the log's key", f"{name}: not signed with --log-key"
    )


def check_times(pack: Pack, report: Report, options: argparse.Namespace) -> None:
    """RFC 3161 timestamps on kept checkpoints, by openssl."""
    tokens = sorted((pack.folder / "log" / "kept").glob("*.tsr"))
    if not tokens:
        report.unchecked.append("when the log was as it is: there is no timestamp in this pack")
    elif options.tsa_root is None or shutil.which("openssl") is None:
        report.unchecked.append(f"{len(tokens)} timestamps: give --tsa-root, and have openssl")
    else:
        for token in tokens:
            note = token.with_name(f"{token.name.split('.')[0]}.checkpoint")
            words = ["ts", "-verify", "-in", token, "-data", note, "-CAfile", options.tsa_root]
            done = subprocess.run(["openssl", *words], capture_output=True, check=False)
            report.check(
                done.returncode == 0,
                f"log/kept/{token.name}: a timestamp of your authority",
                f"log/kept/{token.name}: no timestamp of your authority over its checkpoint",
            )


def check_records(
    pack: Pack, entries: list[dict[str, Any]], facts: dict[str, Any], report: Report
) -> list[dict[str, Any]]:
    """Every decision that the log lists in the scope is here as logged; read from the records."""
    decisions, gone = [], 0
    erased = disposed_of(pack, entries)
    wanted = [one for one in entries if in_scope(one, facts["scope"])]
    for entry in wanted:
        path = f"records/{entry['path']}"
        if not (pack.folder / path).is_file():
            if entry["record"] in erased:
                gone += 1
                report.held.append(f"{path}: was disposed of; its tombstone is in the log")
            else:
                report.wrong.append(f"{path}: the log lists it, and it is missing here")
            continue
        data = pack.data(path)
        if f"sha256:{hashlib.sha256(data).hexdigest()}" != entry["record"]:
            report.wrong.append(f"{path}: is not what was logged")
            continue
        decisions.append(read_decision(pack, path, entry, data, report))
    report.check(
        len(decisions) + gone == len(wanted),
        f"{len(decisions)} decisions in the scope, none left out",
        "records: decisions that the log lists are missing or altered",
    )
    return decisions


def disposed_of(pack: Pack, entries: list[dict[str, Any]]) -> set[str]:
    """Digests that tombstones of the log stand for."""
    found = set()
    for entry in entries:
        if entry["kind"] == "tombstone":
            signed = pack.json(f"records/{entry['path']}")
            said = json.loads(base64.b64decode(signed["payload"]))
            found.add(f"sha256:{said['subject'][0]['digest']['sha256']}")
    return found


def in_scope(entry: dict[str, Any], scope: dict[str, Any]) -> bool:
    """Whether an entry of the log is a decision about the model and within the period."""
    name = NAME.fullmatch(entry["path"])
    if entry["kind"] != "decision" or name is None:
        return False
    about = scope["model"] is None or name[2] == scope["model"]
    return bool(about and scope["from"] <= int(name[1]) < scope["until"])


def read_decision(
    pack: Pack, path: str, entry: dict[str, Any], data: bytes, report: Report
) -> dict[str, Any]:
    """What a record says, and what contradicts it."""
    record = json.loads(data)
    said = json.loads(base64.b64decode(record["decision"]["payload"]))
    predicate, body = said["predicate"], said["predicate"]["body"]
    verdicts = {one["id"]: one["outcome"] for one in body["verdicts"]}
    blocked = not verdicts or any(one not in PERMITTING for one in verdicts.values())
    if said["predicateType"] != DECISION or (body["allowed"] and blocked):
        report.wrong.append(f"{path}: its answer contradicts its verdicts")
    for name in ("input", "policies", "waivers"):
        digest = predicate[name]
        blob = f"records/blobs/sha256/{digest.removeprefix('sha256:')}" if digest else None
        if blob is None:
            continue
        if not (pack.folder / blob).is_file():
            report.wrong.append(f"{path}: its {name} ({digest}) is not in the pack")
        elif f"sha256:{hashlib.sha256(pack.data(blob)).hexdigest()}" != digest:
            report.wrong.append(f"{blob}: is not the {name} that {path} names")
    return {
        "path": entry["path"],
        "at": body["decided_at"],
        "allowed": body["allowed"],
        "digest": f"sha256:{said['subject'][0]['digest']['sha256']}",
        "verdicts": verdicts,
    }


def check_signatures(
    pack: Pack, entries: list[dict[str, Any]], options: argparse.Namespace, report: Report
) -> None:
    """Decisions, evidence and approvals, by the identities you trust."""
    if options.trust is None:
        report.unchecked.append("who signed decisions, evidence and approvals: give --trust")
        return
    identities = json.loads(Path(options.trust).read_text())["identities"]
    counts: Counter[str] = Counter()
    for entry in entries:
        path = f"records/{entry['path']}"
        if not (pack.folder / path).is_file():
            continue
        record = json.loads(pack.data(path))
        signed = [record[one] for one in ("decision", "vsa") if one in record] or [record]
        for one in signed:
            answer = _signer(one, identities, entry["at"])
            kind = "unchecked" if answer is None else "held" if answer else "wrong"
            counts[kind] += 1
            if answer is False:
                report.wrong.append(f"{path}: signed by nobody you trust at that time")
    if counts["unchecked"]:
        report.unchecked.append(f"{counts['unchecked']} signatures, for want of a program for them")
    if counts["held"]:
        report.held.append(f"{counts['held']} signatures are of identities you trust")


def _signer(signed: dict[str, Any], identities: list[dict[str, Any]], at: int) -> bool | None:
    keys = [key for one in identities for key in one["keys"] if _counts(key, at)]
    answers: list[bool | None] = []
    if "statement" in signed:
        message = canonical(signed["statement"])
        lines = [key["public"] for key in keys if not key["public"].startswith("-----")]
        who = signed["statement"]["predicate"]["identity"]
        own: list[dict[str, Any]] = next(
            (one["keys"] for one in identities if one["id"] == who), []
        )
        mine = {key["public"] for key in own}
        for line in lines:
            if line in mine:
                answers.append(by_ssh_keygen(line, signed["signature"], message))
    else:
        payload = base64.b64decode(signed["payload"])
        kind = signed["payloadType"].encode()
        message = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
        for key in keys:
            for signature in signed["signatures"]:
                if key["public"].startswith("-----"):
                    raw = base64.b64decode(signature["sig"])
                    answers.append(verifies(key["public"], raw, message))
    if True in answers:
        return True
    return None if None in answers else False


def _counts(key: dict[str, Any], at: int) -> bool:
    ended = [key["valid_until"], key["revoked_at"]]
    over = any(end is not None and at >= end for end in ended)
    return not key["compromised"] and key["valid_from"] <= at and not over


def check_summary(
    pack: Pack, facts: dict[str, Any], decisions: list[dict[str, Any]], report: Report
) -> None:
    """The results are those that the records give."""
    controls = pack.json("controls.json")
    again = assess(decisions, controls, facts["seed"], facts["sample"])
    report.check(
        pack.data("results.json") == canonical(again) + b"\n",
        f"the results of {len(controls)} controls follow from the records",
        "results.json: says other than the records do",
    )
