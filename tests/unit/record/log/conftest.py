"""A log of decisions by the small house, and an audit of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hallgate.intake.logged import RecordJudge, record_of
from hallgate.intake.schema import Schemas
from hallgate.model.log import LogTrust
from hallgate.model.trust import Key
from hallgate.record.decision_record import write_record
from hallgate.record.keys import generate_key, public_pem
from hallgate.record.log.anchors import Anchor
from hallgate.record.log.append import append
from hallgate.record.log.audit import Audit, audit
from hallgate.record.log.folder import Log, create_log, open_log

ROOT = Path(__file__).parents[4]
ORIGIN = "example.org/promotions"


@dataclass(frozen=True)
class Ledger:
    """A log on disk with its key; decisions are logged a second after they were made."""

    folder: Path
    trust: LogTrust
    key: Any
    house: Any
    schemas: Schemas

    def decide(self, number: int, *, late: int = 1, **facts: Any) -> int:
        """Record and log a decision; its index."""
        at = self.house.now + number
        path = write_record(
            self.folder, self.house.material(at=at, **facts), self.house.keys["gate"], "gate"
        )
        (placed,) = append(
            self.folder, ORIGIN, self.trust.keys, self.key,
            [record_of(path, path.read_bytes())], lambda: at + late,
        )  # fmt: skip
        return placed.index

    def log(self) -> Log:
        return open_log(self.folder, ORIGIN, self.trust.keys)

    def audit(self, anchors: Sequence[Anchor] = (), trust: Any = None, log: Any = None) -> Audit:
        judge = RecordJudge(self.folder, trust or self.house.trust, self.schemas)
        return audit(self.folder, log or self.trust, anchors, judge, self.house.now + 10_000)

    def copy(self, folder: Path) -> Ledger:
        shutil.copytree(self.folder, folder)
        return Ledger(folder, self.trust, self.key, self.house, self.schemas)


@pytest.fixture(scope="session")
def log_key() -> Any:
    return generate_key()


def log_trust(key: Any, **dates: Any) -> LogTrust:
    facts = {"valid_from": 0, "valid_until": None, "revoked_at": None, "compromised": False}
    return LogTrust(ORIGIN, "records", (Key(public_pem(key), **{**facts, **dates}),), ())


@pytest.fixture
def empty(tmp_path: Path, house: Any, log_key: Any) -> Ledger:
    create_log(tmp_path / "log", ORIGIN, log_key)
    schemas = Schemas.load(ROOT / "evidence-schemas")
    return Ledger(tmp_path / "log", log_trust(log_key), log_key, house, schemas)


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory, house: Any, log_key: Any) -> Ledger:
    """Five decisions; not to be changed: copy it."""
    folder = tmp_path_factory.mktemp("written") / "log"
    create_log(folder, ORIGIN, log_key)
    schemas = Schemas.load(ROOT / "evidence-schemas")
    ledger = Ledger(folder, log_trust(log_key), log_key, house, schemas)
    for number in range(5):
        ledger.decide(number)
    return ledger


@pytest.fixture
def ledger(written: Ledger, tmp_path: Path) -> Ledger:
    return written.copy(tmp_path / "copy")


@pytest.fixture
def codes() -> Callable[[Audit], set[tuple[str, int | None]]]:
    return lambda found: {(one.code, one.index) for one in found.findings}
