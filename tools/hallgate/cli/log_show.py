"""Shows, proves and audits a log, and keeps its checkpoints."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from tabulate import tabulate

from hallgate.cli.log_append import log_of
from hallgate.cli.log_stamp import commit, stamp
from hallgate.cli.wiring import Workplace, now
from hallgate.intake.files import read_file
from hallgate.intake.logged import RecordJudge
from hallgate.intake.rfc3339 import text as time_text
from hallgate.model.errors import Location, NotProven, UsageError
from hallgate.record.canonical import file_digest
from hallgate.record.files import write_atomic
from hallgate.record.log.anchors import Anchor, keep_anchor, read_anchors
from hallgate.record.log.audit import Audit, audit
from hallgate.record.log.entry import Entry
from hallgate.record.log.folder import Log, open_log, read_note
from hallgate.record.log.proof import read_proof, verify_proof, write_consistency, write_proof

_LARGEST = 64 * 1024 * 1024
_EVERY = 1000


def _open(options: argparse.Namespace) -> tuple[Workplace, Log]:
    place = Workplace(options)
    trust, folder = log_of(place, options.log)
    return place, open_log(folder, trust.origin, trust.keys).sound()


def show(options: argparse.Namespace) -> int:
    """List entries."""
    _, log = _open(options)
    size = log.checkpoint.size
    if options.index is not None:
        rows = [_row(options.index, log.entry(options.index))]
    else:
        start = max(0, size - options.last) if options.last else 0
        rows = [_row(index, entry) for index, entry in log.entries(start)]
    if options.format == "json":
        facts = {"origin": log.checkpoint.origin, "size": size,
                 "root": log.checkpoint.root.hex(), "entries": rows}  # fmt: skip
        sys.stdout.write(json.dumps(facts, indent=2, sort_keys=True) + "\n")
        return 0
    sys.stdout.write(f"{log.checkpoint.origin}: {size} entries, root {log.checkpoint.root.hex()}\n")
    if rows:
        sys.stdout.write(tabulate(rows, headers="keys") + "\n")
    return 0


def prove(options: argparse.Namespace) -> int:
    """Write a proof of inclusion (C2SP tlog-proof) or of consistency (JSON)."""
    _, log = _open(options)
    if options.since is not None:
        data = write_consistency(log, options.since)
    else:
        data = write_proof(log, _index(log, options.what))
    if options.output is None:
        sys.stdout.write(data.decode())
    else:
        write_atomic(options.output, data)
    return 0


def verify(options: argparse.Namespace) -> int:
    """Audit the log and name all that is wrong; or verify one proof."""
    place = Workplace(options)
    trust, folder = log_of(place, options.log)
    if options.proof is not None:
        proof = read_proof(read_file(options.proof, _LARGEST), Location(str(options.proof)))
        entry = verify_proof(proof, trust, options.record.read_bytes())
        facts = {"index": proof.index, "size": proof.size, **_row(proof.index, entry)}
        sys.stdout.write(_answer(options, facts, f"The proof holds: entry {proof.index}, logged "
                                 f"at {time_text(entry.at)}."))  # fmt: skip
        return 0
    kept = [Anchor(str(path), read_note(path)) for path in options.checkpoint]
    anchors = (*read_anchors(place.repository.checkpoints), *kept)
    judge = RecordJudge(folder, place.trust, place.schemas)
    found = audit(folder, trust, anchors, judge, now(), _progress)
    sys.stdout.write(_answer(options, _facts(found), _words(found)))
    return 1 if found.findings or found.size is None else 0


def checkpoint(options: argparse.Namespace) -> int:
    """Keep the checkpoint beside the policies, timestamped and committed where asked."""
    place, log = _open(options)
    trust, _ = log_of(place, options.log)
    path = keep_anchor(place.repository.checkpoints, log.checkpoint.size, log.note)
    written = [path, *stamp(options, path, log.note, trust)]
    if options.commit:
        commit(place.repository.root, written, log.checkpoint.size)
    facts = {"size": log.checkpoint.size, "root": log.checkpoint.root.hex(),
             "files": [str(one) for one in written], "committed": options.commit}  # fmt: skip
    sys.stdout.write(_answer(options, facts, "\n".join(str(one) for one in written)))
    return 0


def _index(log: Log, what: str) -> int:
    """The entry that an index, a digest or a file names."""
    if what.isdigit():
        return int(what)
    if not what.startswith("sha256:") and not Path(what).is_file():
        raise UsageError(f"there is no file {what}", remedy="give an index, a digest or a file")
    wanted = what if what.startswith("sha256:") else file_digest(Path(what))
    for index, entry in log.entries():
        if entry.record == wanted:
            return index
    raise NotProven(
        f"{wanted} is not in the log", remedy="publish it with `hallgate log append`",
        where=log.where,
    )  # fmt: skip


def _row(index: int, entry: Entry) -> dict[str, object]:
    return {"index": index, **asdict(entry), "at": time_text(entry.at)}


def _facts(found: Audit) -> dict[str, object]:
    return {
        "size": found.size,
        "root": found.root.hex() if found.root is not None else None,
        "proven": found.proven,
        "erased": found.erased,
        "checkpoints": found.anchors,
        "timestamps": [{**asdict(one), "at": time_text(one.at)} for one in found.stamps],
        "findings": [
            {
                "code": one.code,
                "index": one.index,
                "what": one.fault.what,
                "where": str(one.fault.where) if one.fault.where else None,
                "remedy": one.fault.remedy,
            }
            for one in found.findings
        ],
    }


def _words(found: Audit) -> str:
    lines = [str(one) for one in found.findings]
    lines += [
        f"{one.authority} stamped the first {one.size} entries at {time_text(one.at)}."
        for one in found.stamps
    ]
    if found.size is None:
        lines.append("Nothing is proven: no checkpoint holds.")
    else:
        gone = f"; {found.erased} of them erased, each with a tombstone" if found.erased else ""
        lines.append(
            f"{found.proven} of {found.size} entries are proven{gone}. "
            f"{found.anchors} kept checkpoints, {len(found.findings)} findings."
        )
    return "\n".join(lines)


def _answer(options: argparse.Namespace, facts: object, words: str) -> str:
    if options.format == "json":
        return json.dumps(facts, indent=2, sort_keys=True) + "\n"
    return words + "\n"


def _progress(done: int, of: int) -> None:
    if done and done % _EVERY == 0:
        sys.stderr.write(f"hallgate: {done} of {of} records\n")
