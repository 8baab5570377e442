"""The log: appending, proving, indexing and verifying, each against what it cannot be without."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from timing import CPU, WALL, Row, Samples, alternate, middle, ratio, say
from world import World, digest, expect

from hallgate.intake.logged import RecordJudge, record_of
from hallgate.model.log import LogTrust
from hallgate.model.trust import Key
from hallgate.record.canonical import canonical_bytes, parse_json
from hallgate.record.decision_record import Material, read_record, write_record
from hallgate.record.dsse import pae
from hallgate.record.keys import generate_key, key_id, public_pem
from hallgate.record.log.append import append
from hallgate.record.log.audit import audit
from hallgate.record.log.entry import Entry, Record
from hallgate.record.log.folder import create_log, read_note
from hallgate.record.log.note import read_checkpoint
from hallgate.record.log.tiles import Tiles
from hallgate.record.log.tree import Tree, inclusion_proof, leaf_hash, root_of_inclusion
from hallgate.record.statement import statement
from hallgate.record.store import port
from hallgate.record.store.database import connect
from hallgate.record.store.rows import Rows

LEAVES, MILLION = 200_000, 1_000_000
ROWS, RECORDS, DECISIONS = 10_000, 10_000, 1_000
PROOFS = 2_000
_ORIGIN = "example.org/bench"
_PYMERKLE = "HALLGATE_BENCH_PYMERKLE"


def measure(world: World) -> list[Row]:
    """All rows of the log."""
    return [*_append(), *_proofs(), *_inserts(world), *_verifying(world)]


def _entries(count: int) -> list[bytes]:
    return [
        Entry(1_790_000_000 + number, "evidence", f"blobs/sha256/{digest(number)}",
              f"sha256:{digest(number)}", 2048).data()
        for number in range(count)
    ]  # fmt: skip


def _append() -> list[Row]:
    say(f"log: {LEAVES:,} leaves")
    entries = _entries(LEAVES)

    def floor() -> None:
        for entry in entries:
            leaf = hashlib.sha256(b"\0" + entry).digest()
            hashlib.sha256(b"\1" + leaf + leaf).digest()

    def ours() -> None:
        tree = Tree()
        for entry in entries:
            tree.append(entry)
        expect(tree.size == LEAVES, "every leaf is in the tree")

    samples = alternate({"two hashes": floor, "append": ours})
    rows = [
        Row(
            "log-append", "append to the tree / two hashes a leaf", 2.0, CPU,
            ratio(samples, "append", "two hashes", CPU), f"{LEAVES:,} entries, all levels kept",
            samples,
        )
    ]  # fmt: skip
    return [*rows, _pymerkle(middle(samples["append"], CPU) / LEAVES)]


def _pymerkle(ours: float) -> Row:
    """pymerkle is GPL: no dependency of ours, so it runs in an environment of its own."""
    what, limit = "append to the tree / pymerkle's in memory", 0.2
    python = os.environ.get(_PYMERKLE)
    if not python:
        note = f"pymerkle is GPL and not installed; {_PYMERKLE}=<python that has it> measures it"
        return Row("log-pymerkle", what, limit, CPU, None, note)
    script = (
        "import time\nfrom pymerkle import InmemoryTree\ntree = InmemoryTree(algorithm='sha256')\n"
        f"data = [b'%0180d' % one for one in range({LEAVES // 4})]\nstart = time.process_time()\n"
        "for one in data: tree.append_entry(one)\nprint(time.process_time() - start)\n"
    )
    done = subprocess.run([python, "-c", script], capture_output=True, text=True, check=True)
    theirs = float(done.stdout) / (LEAVES // 4)
    return Row("log-pymerkle", what, limit, CPU, ours / theirs, "pymerkle in its own environment")


def _proofs() -> list[Row]:
    say(f"log: proofs in {MILLION:,} entries")
    tree = Tree()
    for number in range(MILLION):
        tree.append_hash(hashlib.sha256(b"%d" % number).digest())
    wanted = [number * 499_979 % MILLION for number in range(PROOFS)]
    root = tree.root()

    def prove() -> None:
        for index in wanted:
            inclusion_proof(tree.node, index, MILLION)

    def check() -> None:
        for index in wanted[:100]:
            proof = inclusion_proof(tree.node, index, MILLION)
            expect(root_of_inclusion(tree.node(0, index), index, MILLION, proof) == root, "proofs")

    check()
    expect(leaf_hash(b"") != root, "a leaf is no root")
    samples = alternate({"proofs": prove})
    took = middle(samples["proofs"], CPU) / PROOFS * 1e6
    return [
        Row(
            "log-proof", f"inclusion proof in {MILLION:,} entries / 50 microseconds", 1.0, CPU,
            took / 50, f"{took:.1f} microseconds each, {PROOFS:,} proofs", samples,
        )
    ]  # fmt: skip


def _inserts(world: World) -> list[Row]:
    say(f"log: {ROWS:,} rows into SQLite")
    rows = [
        port.Row(
            number, 1_790_000_000 + number, "decision", f"sha256:{digest(number)}",
            f"{number}.record.json", f"model-{number % 50}", f"sha256:{digest(number % 50)}",
            "production", "gate", True, (("FAIR-001", "pass"), ("PRV-001", "waived")),
            f"the selection rate of group {number % 7} is within its limit, see report {number}",
        )
        for number in range(ROWS)
    ]  # fmt: skip
    records = [
        (r.index, r.at, r.kind, r.record, r.path, r.about, r.digest, r.stage, r.signer, r.allowed)
        for r in rows
    ]
    verdicts = [(policy, r.index, outcome) for r in rows for policy, outcome in r.verdicts]
    texts = [(r.index, r.text) for r in rows]
    folder = world.folder / "rows"
    folder.mkdir()
    turn = iter(range(10**6))

    def ours() -> None:
        store = Rows(folder / f"ours-{next(turn)}.sqlite")
        store.add(rows, port.Mark(ROWS, "root"))
        expect(store.ask("SELECT count(*) FROM record", ()) == [(ROWS,)], "all rows are in")
        store.close()

    def bare() -> None:
        database = connect(folder / f"bare-{next(turn)}.sqlite")
        database.execute("BEGIN IMMEDIATE")
        database.executemany("INSERT INTO record VALUES (?,?,?,?,?,?,?,?,?,?)", records)
        database.executemany("INSERT INTO verdict VALUES (?,?,?)", verdicts)
        database.executemany("INSERT INTO text VALUES (?,?)", texts)
        database.executemany("INSERT INTO words (rowid, body) VALUES (?,?)", texts)
        database.execute("COMMIT")
        expect(database.execute("SELECT count(*) FROM record").fetchone() == (ROWS,), "all are in")
        database.close()

    samples = alternate({"sqlite": bare, "store": ours})
    return [
        Row(
            "log-insert", f"{ROWS:,} rows, durable / SQLite's own executemany", 1.1, CPU,
            ratio(samples, "store", "sqlite", CPU),
            "WAL, FULL, full text; both flush once, so by processor time; by the wall "
            f"{ratio(samples, 'store', 'sqlite', WALL):.2f}; SQLite {sqlite3.sqlite_version}",
            samples,
        )
    ]  # fmt: skip


@contextmanager
def _unflushed() -> Iterator[None]:
    """Setting the stage need not survive a power cut."""
    with patch("os.fsync", lambda _: None):
        yield


def _verifying(world: World) -> list[Row]:
    say(f"log: {RECORDS:,} signed records and {DECISIONS:,} decisions")
    with _unflushed():
        evidence = _log_of(world, "evidence", _evidence(world))
        decisions = _log_of(world, "decisions", _decisions(world))
    rows = []
    for name, (folder, trust), count in (
        ("evidence", evidence, RECORDS),
        ("decisions", decisions, DECISIONS),
    ):
        jobs = _jobs(world, folder)
        files = _files(folder)
        judge = RecordJudge(folder, world.cast.trust, world.schemas)

        def bare(jobs: Sequence[Any] = jobs) -> None:
            for key, signature, message in jobs:
                key.verify(signature, message)

        def read(
            jobs: Sequence[Any] = jobs, files: Sequence[Path] = files, bare: Any = bare
        ) -> None:
            bare()
            for path in files:
                data = path.read_bytes()
                hashlib.sha256(data).digest()
                parse_json(data)
            for _, _, message in jobs:
                parse_json(message.split(b" ", 4)[4])

        def ours(
            folder: Path = folder, trust: LogTrust = trust, judge: RecordJudge = judge,
            count: int = count,
        ) -> None:  # fmt: skip
            found = audit(folder, trust, (), judge, 1_900_000_000)
            expect(found.proven == count and not found.findings, f"{found.findings[:1]}")

        samples = alternate({"signatures": bare, "read": read, "audit": ours}, rounds=3)
        rows += _verified(name, count, samples)
    return rows


def _verified(name: str, count: int, samples: Samples) -> list[Row]:
    """Of a decision two signatures over 12 kB are the least: it and its input are 80 kB of JSON,
    which are hashed and strictly read as well. So there both are told apart."""
    bare = ratio(samples, "audit", "signatures", CPU)
    if name == "evidence":
        what = f"audit of {count:,} {name} / their bare signatures"
        note = "signed statements: entry, digest, signature, role"
        return [Row(f"log-verify-{name}", what, 1.5, CPU, bare, note, samples)]
    what = f"audit of {count:,} {name} / their signatures, digests and strict reading"
    note = f"also VSA, input, bundles, roles, dates; over the bare signatures alone {bare:.1f}"
    read = ratio(samples, "audit", "read", CPU)
    return [Row(f"log-verify-{name}", what, 2.5, CPU, read, note, samples)]


def _files(folder: Path) -> list[Path]:
    """Every record of a log, and for decisions the input of each."""
    found = []
    for _, data in Tiles(
        folder, read_checkpoint(read_note(folder / "checkpoint")).size
    ).all_entries():
        path = folder / json.loads(data)["path"]
        found.append(path)
        if path.name.endswith(".record.json"):
            found.append(folder / "blobs/sha256" / read_record(path).claims.input[7:])
    return found


def _evidence(world: World) -> Iterator[tuple[Path | None, bytes]]:
    kept = next(one for one in world.base.base["evidence"] if world.cast.trust.roles_that_sign(one))
    signer = world.cast.trust.roles_that_sign(kept)[0]
    predicate = dict(world.base.base["evidence"][kept])
    for number in range(RECORDS):
        said = statement(
            "credit-risk", f"sha256:{digest(number)}", f"urn:hallgate:evidence:{kept}:v1", predicate
        )
        yield None, canonical_bytes(world.cast.sign(signer, said))


def _decisions(world: World) -> Iterator[tuple[Path | None, bytes]]:
    from dataclasses import replace

    from hallgate.decide.promotion import decide_promotion

    staged = world.stage(world.base, world.folder / "log-stage")
    made = decide_promotion(world.engine, world.materials(staged), world.base.now, what_if=True)
    decider = next(one.role for one in world.cast.trust.roles if one.decides)
    folder = world.folder / "log-decisions"
    for number in range(DECISIONS):
        at = world.base.now + number
        decision = replace(
            made.decision, decided_at=at, body={**made.decision.body, "decided_at": at}
        )
        material = Material(
            decision, made.document, world.policies.bundle.data, made.waivers.data, ("opa", "1")
        )
        path = write_record(folder, material, world.cast.machines[decider], decider)
        yield path, path.read_bytes()


def _log_of(
    world: World, name: str, files: Iterator[tuple[Path | None, bytes]]
) -> tuple[Path, LogTrust]:
    folder = world.folder / f"log-{name}"
    key = generate_key()
    trust = LogTrust(_ORIGIN, "", (Key(public_pem(key), 0, None, None, False),), ())
    create_log(folder, _ORIGIN, key)  # type: ignore[arg-type]
    records: list[Record] = [record_of(path or folder / "x.json", data) for path, data in files]
    at = world.base.now + DECISIONS
    append(folder, _ORIGIN, trust.keys, key, records, partial(int, at))  # type: ignore[arg-type]
    return folder, trust


def _jobs(world: World, folder: Path) -> list[tuple[Any, bytes, bytes]]:
    """(key, signature, message) of every signature among the records."""
    keys = {key_id(key): key.public_key() for key in world.cast.machines.values()}
    jobs = []
    for _, data in Tiles(
        folder, read_checkpoint(read_note(folder / "checkpoint")).size
    ).all_entries():
        value = json.loads((folder / json.loads(data)["path"]).read_bytes())
        for envelope in (value["decision"], value["vsa"]) if "vsa" in value else (value,):
            message = pae(base64.b64decode(envelope["payload"]))
            for one in envelope["signatures"]:
                jobs.append((keys[one["keyid"]], base64.b64decode(one["sig"]), message))
    return jobs
