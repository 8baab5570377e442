"""100,000 signed records by two writers that are killed, starved and crowded: nothing is lost.

Run by `make proof`; prints its figures. Each writer starts again after what it was told is in
the log, so that what it lost of its memory is appended again and must not be there twice.
"""

from __future__ import annotations

import contextlib
import os
import random
import resource
import signal
import sys
import time
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from hallgate.intake.logged import RecordJudge
from hallgate.intake.schema import Schemas
from hallgate.model.errors import HallgateError
from hallgate.model.log import LogTrust
from hallgate.model.trust import Key
from hallgate.record.canonical import canonical_bytes
from hallgate.record.dsse import sign_payload
from hallgate.record.keys import generate_key, public_pem
from hallgate.record.log.append import append
from hallgate.record.log.audit import audit
from hallgate.record.log.entry import Record
from hallgate.record.log.folder import Log, create_log, open_log
from hallgate.record.log.tree import (
    consistency_proof,
    consistent,
    inclusion_proof,
    leaf_hash,
    root_of_inclusion,
)
from hallgate.record.statement import statement

COUNT = int(os.environ.get("HALLGATE_PROOF_RECORDS", "100000"))
BATCH = 250
WRITERS = 2
AT = 1_790_000_000
ORIGIN = "example.org/proof"
SEED = 20261125


@dataclass
class Writer:
    """One range of numbers, and how far it was told they are in the log."""

    first: int
    last: int
    told: int
    pid: int = 0
    pipe: int = -1
    faults: dict[str, int] = field(default_factory=dict)


class Yard:
    def __init__(self, folder: Path, house: Any) -> None:
        self.folder, self.house, self.key = folder, house, generate_key()
        self.keys = (Key(public_pem(self.key), 0, None, None, False),)
        create_log(folder, ORIGIN, self.key)  # type: ignore[arg-type]

    def record(self, number: int) -> Record:
        predicate: Any = {"number": number, "collected_at": "2026-09-21T00:00:00Z"}
        said = statement("m", f"sha256:{number:064x}", "urn:hallgate:evidence:scan:v1", predicate)
        envelope = sign_payload(canonical_bytes(said), self.house.keys["scanner"])
        return Record("evidence", canonical_bytes(envelope))

    def work(self, one: Writer, starve: bool) -> None:
        """In a child: append the rest of a range, telling how far it is acknowledged."""
        if starve:
            resource.setrlimit(resource.RLIMIT_FSIZE, (700, 700))
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        for start in range(one.told, one.last, BATCH):
            stop = min(start + BATCH, one.last)
            records = [self.record(number) for number in range(start, stop)]
            append(self.folder, ORIGIN, self.keys, self.key, records, lambda: AT)  # type: ignore[arg-type]
            os.write(one.pipe, b"%d\n" % stop)

    def start(self, one: Writer, starve: bool) -> int:
        reader, one.pipe = os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            one.pid = os.fork()
        if one.pid == 0:
            code = 1
            with contextlib.suppress(HallgateError, OSError):
                self.work(one, starve)
                code = 0
            os._exit(code)
        os.close(one.pipe)
        return reader

    def log(self) -> Log:
        return open_log(self.folder, ORIGIN, self.keys).sound()

    def tear(self, chance: random.Random) -> None:
        """Leave bytes where a power cut could: temporary files and tiles beyond the head."""
        size = self.log().checkpoint.size
        (self.folder / f".checkpoint.{chance.randrange(10**9)}.tmp").write_bytes(b"torn")
        if not (self.folder / "journal").exists():
            return
        for name in (f"tile/0/{size // 256:03d}.p/255", "tile/2/000.p/9"):
            path = self.folder / name
            if not path.exists() and (size % 256 < 255 or name.startswith("tile/2")):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(b"torn")


def settle(one: Writer, reader: int, kind: str, after: float) -> None:
    """Let a writer run, perhaps kill it, and take down what it was told."""
    if kind == "kill":
        time.sleep(after)
        with contextlib.suppress(ProcessLookupError):
            os.kill(one.pid, signal.SIGKILL)
    with os.fdopen(reader, "rb") as told:
        lines = told.read().split()
    _, status = os.waitpid(one.pid, 0)
    one.told = int(lines[-1]) if lines else one.told
    ended = "killed" if os.WIFSIGNALED(status) else "starved" if os.WEXITSTATUS(status) else "done"
    one.faults[ended] = one.faults.get(ended, 0) + 1


@pytest.mark.proof
def test_a_hundred_thousand_records_with_faults_injected(
    tmp_path: Path, house: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    chance, started = random.Random(SEED), time.monotonic()
    yard = Yard(tmp_path / "log", house)
    share = COUNT // WRITERS
    writers = [Writer(n * share, (n + 1) * share, n * share) for n in range(WRITERS)]
    heads = [yard.log().checkpoint]
    torn = rounds = 0
    while any(one.told < one.last for one in writers):
        rounds += 1
        # Killed sooner or later; at last they are let finish, or nothing would be shown.
        kinds = [
            chance.choices(("kill", "starve", "run"), (8, 1, 0 if rounds < 30 else 3))[0]
            for _ in writers
        ]
        going = [one for one in writers if one.told < one.last]
        readers = [
            yard.start(one, kind == "starve") for one, kind in zip(going, kinds, strict=False)
        ]
        for one, reader, kind in zip(going, readers, kinds, strict=False):
            settle(one, reader, kind, chance.uniform(0.05, 3.0))
        head = yard.log().checkpoint
        assert head.size >= sum(one.told - one.first for one in writers), "acknowledged, and lost"
        heads.append(head)
        if chance.random() < 0.5:
            yard.tear(chance)
            torn += 1
    log = yard.log()
    wrote = time.monotonic() - started
    records = [entry.record for _, entry in log.entries()]
    assert log.checkpoint.size == len(records) == len(set(records)) == COUNT
    wanted = {yard.record(number).entry(AT).record for number in range(COUNT)}
    assert set(records) == wanted
    trust = LogTrust(ORIGIN, "", yard.keys, ())
    root = Path(__file__).parents[4]
    judge = RecordJudge(yard.folder, house.trust, Schemas.load(root / "evidence-schemas"))
    found = audit(yard.folder, trust, (), judge, AT + 10)
    assert (found.findings, found.proven) == ((), COUNT)
    proofs = chance.sample(range(COUNT), min(COUNT, 2000))
    for index in proofs:
        proof = inclusion_proof(log.tiles.node, index, COUNT)
        leaf = leaf_hash(log.tiles.entry(index))
        assert root_of_inclusion(leaf, index, COUNT, proof) == log.checkpoint.root
    seen = [head for head in heads if head.size]
    for head in seen:
        proof = consistency_proof(log.tiles.node, head.size, COUNT)
        assert consistent(head.size, head.root, COUNT, log.checkpoint.root, proof)
    faults = {
        kind: sum(one.faults.get(kind, 0) for one in writers) for kind in ("killed", "starved")
    }
    assert faults["killed"] > 5
    with capsys.disabled():
        sys.stdout.write(
            f"\n{COUNT:,} records by {WRITERS} writers in {rounds} rounds: "
            f"{faults['killed']} killed with SIGKILL, {faults['starved']} without room, "
            f"{torn} times torn bytes left; "
            f"{len(set(records)):,} distinct entries, {found.proven:,} proven by audit, "
            f"{len(proofs):,} inclusion and {len(seen)} consistency proofs hold; "
            f"written in {wrote:.0f} s, all in {time.monotonic() - started:.0f} s\n"
        )
