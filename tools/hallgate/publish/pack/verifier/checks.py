"""The checks of a pack: files, log, records, summary."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hallgate.publish.pack.verifier.inputs import Originals
from hallgate.publish.pack.verifier.proofs import checkpoint, leaf_hash, roots
from hallgate.publish.pack.verifier.results import PERMITTING, assess, canonical
from hallgate.publish.pack.verifier.signatures import verifies
from hallgate.publish.pack.verifier.state import BROKEN, Pack, Report
from hallgate.publish.pack.verifier.trusted import SKEW, Trusted, text

SUMS = "SHA256SUMS"
DECISION = "urn:hallgate:decision:v1"
NAME = re.compile(r"(\d{1,12})-(.+)-([0-9a-f]{12})(?:-\d+)?\.record\.json")
LATE = 86_400  # seconds after which a decision that is only then logged is called back-dated
ENTRY = re.compile(
    rb'\{"at":(?:0|[1-9][0-9]{0,11}),"kind":"(?:decision|evidence|approval|tombstone)",'
    rb'"path":"(?:blobs/sha256/[0-9a-f]{64}'
    rb'|[0-9]{1,12}-[a-z0-9][a-z0-9._-]{0,120}\.record\.json)",'
    rb'"record":"sha256:[0-9a-f]{64}","size":[1-9][0-9]{0,15}\}'
)
NO_ENTRY = {"at": 0, "kind": "none", "path": "", "record": "", "size": 0}


def check_files(pack: Pack, report: Report) -> None:
    """Every file is what SHA256SUMS says, and there is no other, nor any link or device."""
    listed = {}
    for line in pack.data(SUMS).decode().splitlines():
        digest, _, path = line.partition("  ")
        if path in listed:
            report.wrong.append(f"{path}: stands twice in {SUMS}")
        listed[path] = digest
    there, odd = pack.files()
    there -= {SUMS}
    report.wrong += [f"{path}: is no plain file" for path in odd]
    report.wrong += [f"{path}: is not listed in {SUMS}" for path in sorted(there - listed.keys())]
    report.wrong += [f"{path}: is missing" for path in sorted(listed.keys() - there)]
    for path in sorted(there & listed.keys()):
        if pack.digest(path) != f"sha256:{listed[path]}":
            words = f"{path}: was altered (its bytes are not those of {SUMS})"
            report.wrong.append(words)
    if not report.wrong:
        report.held.append(f"all {len(listed)} files are as {SUMS} lists them")


def check_log(
    pack: Pack, own: Sequence[Path], log_keys: Sequence[Path], report: Report
) -> list[dict[str, Any]]:
    """The entries lead to the signed root, and to every checkpoint that was kept."""
    raw = pack.data("log/entries.jsonl").splitlines()
    kept = sorted(one for one in pack.files()[0] if one.startswith("log/kept/"))
    names = ["log/checkpoint", *(one for one in kept if one.endswith(".checkpoint"))]
    notes = {name: pack.data(name) for name in names}
    notes |= {f"your checkpoint {path}": path.read_bytes() for path in own}
    heads: dict[str, tuple[str, int, bytes, list[tuple[str, bytes]]]] = {}
    for name, note in notes.items():
        try:
            heads[name] = checkpoint(note)
        except BROKEN as error:
            report.wrong.append(f"{name}: no checkpoint: {error}")
    leaves = [leaf_hash(line) for line in raw]
    found = roots(leaves, {head[1] for head in heads.values()})
    for name, (_, size, root, signatures) in heads.items():
        report.check(
            found.get(size) == root,
            f"{name}: the first {size} entries lead to its root",
            f"{name}: the entries do not lead to its root: altered, cut, reordered or forked",
        )
        if log_keys:
            pems = [path.read_text() for path in log_keys]
            _signed_by_log(name, notes[name], signatures, pems, report)
    if len({head[0] for head in heads.values()}) > 1:
        report.wrong.append("log: its checkpoints name different logs")
    if not log_keys:
        report.unchecked.append("who signed the checkpoints: give --log-key")
    if not own:
        report.unchecked.append("that nobody was shown another log: give --checkpoint you kept")
    if "log/checkpoint" in heads:
        report.check(
            heads["log/checkpoint"][1] == len(raw),
            f"the log has {len(raw)} entries, all of them are here",
            "log/entries.jsonl: holds more or fewer entries than log/checkpoint signs",
        )
    return _entries(raw, report)


def _signed_by_log(
    name: str, note: bytes, signatures: list[tuple[str, bytes]], pems: list[str], report: Report
) -> None:
    signed = note.decode().rpartition("\n\n")[0].encode() + b"\n"
    answers = [verifies(pem, one[4:], signed) for pem in pems for _, one in signatures]
    if None in answers and True not in answers:
        report.unchecked.append(f"{name}: its signature, for want of cryptography and openssl")
        return
    report.check(
        True in answers, f"{name}: signed with the log's key", f"{name}: not signed with --log-key"
    )


def _entries(raw: list[bytes], report: Report) -> list[dict[str, Any]]:
    """The entries in order; what is malformed, comes twice or goes back in time is named."""
    found: list[dict[str, Any]] = []
    first: dict[str, int] = {}
    last = 0
    for number, line in enumerate(raw):
        if ENTRY.fullmatch(line) is None:
            report.wrong.append(f"log entry {number}: is malformed")
            found.append(NO_ENTRY)
            continue
        entry = json.loads(line)
        if entry["at"] < last:
            report.wrong.append(
                f"log entry {number}: is of {text(entry['at'])}, before the one ahead"
            )
        last = max(last, entry["at"])
        earlier = first.setdefault(entry["record"], number)
        if earlier != number:
            report.wrong.append(f"log entry {number}: is the record of entry {earlier} again")
        found.append(entry)
    return found


def check_records(
    pack: Pack,
    entries: list[dict[str, Any]],
    scope: dict[str, Any],
    erased: set[str],
    trusted: Trusted | None,
    report: Report,
) -> list[dict[str, Any]]:
    """Every decision that the log lists in the scope is here as logged; read from the records."""
    decisions: list[dict[str, Any]] = []
    gone = 0
    wanted = [one for one in entries if in_scope(one, scope)]
    originals = _originals(pack, entries, trusted, report)
    unseen: set[str] = set()
    honest = 0
    for entry in wanted:
        path = f"records/{entry['path']}"
        if not pack.has(path):
            if entry["record"] in erased:
                gone += 1
                report.held.append(f"{path}: was disposed of; its tombstone is in the log")
            else:
                report.wrong.append(f"{path}: the log lists it, and it is missing here")
            continue
        if pack.digest(path) != entry["record"]:
            report.wrong.append(f"{path}: is not what was logged")
            continue
        try:
            decision = read_decision(pack, path, entry, report)
        except BROKEN as error:
            report.wrong.append(f"{path}: no decision record: {type(error).__name__}: {error}")
            continue
        decisions.append(decision)
        before = len(report.wrong)
        try:
            unseen |= {*originals.check(path, decision["input"], decision["at"], report)}
        except BROKEN as error:
            words = f"its input cannot be read: {type(error).__name__}: {error}"
            report.wrong.append(f"{path}: {words}")
        honest += len(report.wrong) == before
    report.check(
        len(decisions) + gone == len(wanted),
        f"{len(decisions)} decisions in the scope, none left out",
        "records: decisions that the log lists are missing or altered",
    )
    if decisions and honest == len(decisions) and not unseen:
        report.held.append("the inputs of the decisions say what was signed")
    _unseen(unseen, entries, erased, report)
    originals.unshown(report)
    return decisions


def _unseen(
    digests: set[str], entries: list[dict[str, Any]], erased: set[str], report: Report
) -> None:
    """Signed statements that decisions rest on and nobody can see: erased, or made up."""
    if not digests:
        return
    words = f"{len(digests)} signed statements that decisions rest on are not in the pack"
    if any(one["kind"] != "decision" and one["record"] in erased for one in entries):
        report.unchecked.append(f"{words}; evidence or approvals were disposed of")
    else:
        report.wrong.append(f"{words}: {', '.join(sorted(digests)[:3])}")


def _originals(
    pack: Pack, entries: list[dict[str, Any]], trusted: Trusted | None, report: Report
) -> Originals:
    """The evidence and approvals that are here as logged."""
    found = Originals(pack, trusted)
    for entry in entries:
        path = f"records/{entry['path']}"
        if entry["kind"] not in ("evidence", "approval") or not pack.has(path):
            continue
        if pack.digest(path) == entry["record"]:
            found.take(path)
        else:
            report.wrong.append(f"{path}: is not what was logged")
    return found


def in_scope(entry: dict[str, Any], scope: dict[str, Any]) -> bool:
    """Whether an entry of the log is a decision about the model and within the period."""
    name = NAME.fullmatch(entry["path"])
    if entry["kind"] != "decision" or name is None:
        return False
    about = scope["model"] is None or name[2] == scope["model"]
    return bool(about and scope["from"] <= int(name[1]) < scope["until"])


def read_decision(pack: Pack, path: str, entry: dict[str, Any], report: Report) -> dict[str, Any]:
    """What a record says, and what contradicts it."""
    record = pack.json(path)
    said = json.loads(base64.b64decode(record["decision"]["payload"]))
    predicate, body = said["predicate"], said["predicate"]["body"]
    (subject,) = said["subject"]
    verdicts = {one["id"]: one["outcome"] for one in body["verdicts"]}
    blocked = not verdicts or any(one not in PERMITTING for one in verdicts.values())
    if said["predicateType"] != DECISION or (body["allowed"] and blocked):
        report.wrong.append(f"{path}: its answer contradicts its verdicts")
    digest = subject["digest"]["sha256"]
    begins = f"{body['decided_at']}-{subject['name']}-{digest[:12]}"
    if not re.fullmatch(re.escape(begins) + r"(?:-\d+)?\.record\.json", entry["path"]):
        report.wrong.append(f"{path}: its name is not that of its time, model and digest")
    _agree(path, record, said, entry, report)
    for name in ("input", "policies", "waivers"):
        if predicate[name] is not None:
            _blob(pack, path, name, predicate[name], report)
    return {
        "path": entry["path"],
        "at": body["decided_at"],
        "allowed": body["allowed"],
        "digest": f"sha256:{digest}",
        "verdicts": verdicts,
        "input": f"records/blobs/sha256/{predicate['input'].removeprefix('sha256:')}",
    }


def _agree(
    path: str, record: dict[str, Any], said: dict[str, Any], entry: dict[str, Any], report: Report
) -> None:
    """The summary for other tools says the same, and the times fit."""
    body, vsa = said["predicate"]["body"], json.loads(base64.b64decode(record["vsa"]["payload"]))
    result = vsa["predicate"]["verificationResult"]
    if vsa["subject"] != said["subject"] or result != ("PASSED" if body["allowed"] else "FAILED"):
        report.wrong.append(f"{path}: its summary (VSA) says other than its decision")
    decided, at = body["decided_at"], entry["at"]
    if decided > at + SKEW:
        report.wrong.append(f"{path}: decided at {text(decided)}, after the log took it")
    if decided < at - LATE:
        words = f"decided at {text(decided)}, logged at {text(at)}: back-dated, or late"
        report.wrong.append(f"{path}: {words}")


def _blob(pack: Pack, path: str, name: str, digest: str, report: Report) -> None:
    blob = f"records/blobs/sha256/{digest.removeprefix('sha256:')}"
    if not pack.has(blob):
        report.wrong.append(f"{path}: its {name} ({digest}) is not in the pack")
    elif pack.digest(blob) != digest:
        report.wrong.append(f"{blob}: is not the {name} that {path} names")


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
