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
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec
from timing import CPU, WALL, Row, alternate, middle, ratio, say
from world import World, digest, expect

from hallgate.decide.promotion import decide_promotion
from hallgate.intake.logged import RecordJudge, record_of
from hallgate.model.log import LogTrust
from hallgate.model.trust import Key
from hallgate.record.canonical import canonical_bytes
from hallgate.record.decision_proof import read_record
from hallgate.record.decision_record import Material, write_record
from hallgate.record.dsse import pae, sign_payload
from hallgate.record.exact import exact_bytes
from hallgate.record.files import read_blob, write_blob
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
from hallgate.record.vsa import VSA_TYPE, vsa_predicate

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
    say(f"log: {RECORDS:,} evidence records, as many decision records, {DECISIONS:,} with inputs")
    with _unflushed():
        logs = [
            _log_of(world, name, RECORDS, made)
            for name, made in (
                ("evidence", _evidence(world)),
                ("decisions", _decisions(world, "decisions", RECORDS, own=False)),
            )
        ]
        whole = _log_of(world, "whole", DECISIONS, _decisions(world, "whole", DECISIONS, own=True))
    rows = [
        _records(world, name, *one)
        for name, one in zip(("evidence", "decision"), logs, strict=True)
    ]
    return [*rows, _with_inputs(world, *whole)]


def _records(world: World, name: str, folder: Path, trust: LogTrust) -> Row:
    """Records against nothing but their signatures. A judge verifies a blob that many decisions
    name once, and has done so in the unmeasured round; `_with_inputs` measures blobs too."""
    jobs = _jobs(world, folder)
    judge = RecordJudge(folder, world.cast.trust, world.schemas)
    samples = alternate(
        {
            "signatures": partial(_bare, jobs),
            "audit": partial(_audit, folder, trust, judge, RECORDS),
        },
        rounds=3,
    )
    return Row(
        f"log-verify-{name}",
        f"audit of {RECORDS:,} {name} records / base64, PAE and signatures of the same",
        1.5, CPU, ratio(samples, "audit", "signatures", CPU),
        "entry, tree, digests, strict JSON, statement, roles, dates"
        + (", outcomes, VSA; their blobs were verified before" if name == "decision" else ""),
        samples,
    )  # fmt: skip


def _with_inputs(world: World, folder: Path, trust: LogTrust) -> Row:
    """Decisions with an input document each: what the signatures alone do not need is to hash
    and to read it. One such reading, by a C library, belongs to the least that can be done."""
    jobs, files = _jobs(world, folder), _files(folder)
    payloads = [base64.b64decode(payload) for _, _, payload in jobs]
    size = sum(path.stat().st_size for path in files) / DECISIONS / 1000

    def least() -> None:
        _bare(jobs)
        for path in files:
            data = path.read_bytes()
            hashlib.sha256(data).digest()
            msgspec.json.decode(data)
        for data in payloads:
            msgspec.json.decode(data)

    def ours() -> None:
        judge = RecordJudge(folder, world.cast.trust, world.schemas)
        _audit(folder, trust, judge, DECISIONS)

    samples = alternate({"bare": partial(_bare, jobs), "least": least, "audit": ours}, rounds=3)
    over, floor = (ratio(samples, one, "bare", CPU) for one in ("audit", "least"))
    return Row(
        "log-verify-inputs",
        f"audit of {DECISIONS:,} decisions with inputs of their own / signatures, SHA-256, one C "
        "reading",
        2.0, CPU, ratio(samples, "audit", "least", CPU),
        f"{size:.0f} kB of JSON each; over the signatures alone {over:.2f}, where that least is "
        f"{floor:.2f}",
        samples,
    )  # fmt: skip


def _bare(jobs: Sequence[tuple[Any, bytes, str]]) -> None:
    for key, signature, payload in jobs:
        key.verify(signature, pae(base64.b64decode(payload)))


def _audit(folder: Path, trust: LogTrust, judge: RecordJudge, count: int) -> None:
    found = audit(folder, trust, (), judge, 1_900_000_000)
    expect(found.proven == count and not found.findings, f"{found.findings[:1]}")


def _files(folder: Path) -> list[Path]:
    """Every record of a log of decisions, and the input of each."""
    found = []
    for entry in _entries_of(folder):
        path = folder / entry["path"]
        found += [path, folder / "blobs/sha256" / read_record(path).claims.input[7:]]
    return found


def _entries_of(folder: Path) -> list[Any]:
    size = read_checkpoint(read_note(folder / "checkpoint")).size
    return [json.loads(data) for _, data in Tiles(folder, size).all_entries()]


def _evidence(world: World) -> Iterator[tuple[Path | None, bytes]]:
    kept = next(one for one in world.base.base["evidence"] if world.cast.trust.roles_that_sign(one))
    signer = world.cast.trust.roles_that_sign(kept)[0]
    predicate = dict(world.base.base["evidence"][kept])
    for number in range(RECORDS):
        said = statement(
            "credit-risk", f"sha256:{digest(number)}", f"urn:hallgate:evidence:{kept}:v1", predicate
        )
        yield None, canonical_bytes(world.cast.sign(signer, said))


def _decisions(
    world: World, name: str, count: int, own: bool
) -> Iterator[tuple[Path | None, bytes]]:
    """Records of one decision, a second apart; own: each about a model, and from an input, of its
    own. Signed directly, for whatever would be wrong with them the audit finds."""
    staged = world.stage(world.base, world.folder / f"{name}-stage")
    made = decide_promotion(world.engine, world.materials(staged), world.base.now, what_if=True)
    decider = next(one.role for one in world.cast.trust.roles if one.decides)
    key = world.cast.machines[decider]
    material = Material(
        made.decision, made.document, world.policies.bundle.data, made.waivers.data, ("opa", "1")
    )
    folder = world.folder / f"log-{name}"
    path = write_record(folder, material, key, decider)
    first = read_record(path).claims
    document = read_blob(folder, first.input)
    path.unlink()
    for number in range(count):
        at = world.base.now + number
        claims = replace(first, decided_at=at, body={**first.body, "decided_at": at})
        if own:
            mine = f"sha256:{digest(number)}"
            data = document.replace(first.digest.encode(), mine.encode())
            claims = replace(claims, digest=mine, input=write_blob(folder, data))
        summary = vsa_predicate(claims, str(made.document["request"]["to_stage"]), decider)  # type: ignore[index, call-overload]
        data = exact_bytes({
            "decision": sign_payload(exact_bytes(claims.statement()), key),
            "vsa": sign_payload(
                exact_bytes(statement(claims.model, claims.digest, VSA_TYPE, summary)), key
            ),
        })  # fmt: skip
        stem = claims.digest.removeprefix("sha256:")[:12]
        path = folder / f"{at}-{claims.model}-{stem}.record.json"
        path.write_bytes(data)
        yield path, data


def _log_of(
    world: World, name: str, count: int, files: Iterator[tuple[Path | None, bytes]]
) -> tuple[Path, LogTrust]:
    folder = world.folder / f"log-{name}"
    key = generate_key()
    trust = LogTrust(_ORIGIN, "", (Key(public_pem(key), 0, None, None, False),), ())
    create_log(folder, _ORIGIN, key)  # type: ignore[arg-type]
    records: list[Record] = [record_of(path or folder / "x.json", data) for path, data in files]
    at = world.base.now + count
    append(folder, _ORIGIN, trust.keys, key, records, partial(int, at))  # type: ignore[arg-type]
    return folder, trust


def _jobs(world: World, folder: Path) -> list[tuple[Any, bytes, str]]:
    """(key, signature, payload in base64) of every signature among the records."""
    keys = {key_id(key): key.public_key() for key in world.cast.machines.values()}
    jobs = []
    for entry in _entries_of(folder):
        value = json.loads((folder / entry["path"]).read_bytes())
        for envelope in (value["decision"], value["vsa"]) if "vsa" in value else (value,):
            for one in envelope["signatures"]:
                jobs.append((keys[one["keyid"]], base64.b64decode(one["sig"]), envelope["payload"]))
    return jobs
