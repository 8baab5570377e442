"""A log with decisions, evidence and words about them, to keep and to dispose of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hallgate.decide.disposal import (
    approved,
    dispose,
    draft,
    read_list,
    still_due,
    tombstoned,
)
from hallgate.decide.retention import Kept, plan_retention
from hallgate.intake.logged import record_of
from hallgate.intake.schema import Schemas
from hallgate.model.decision import Decision
from hallgate.model.log import LogTrust
from hallgate.model.retention import RetentionClass
from hallgate.model.trust import Key
from hallgate.model.values import Tier
from hallgate.record.canonical import canonical_bytes, sha256_digest
from hallgate.record.decision_record import Material, write_record
from hallgate.record.keys import public_pem
from hallgate.record.log.append import append
from hallgate.record.log.folder import Log, open_log
from hallgate.record.statement import statement
from hallgate.testing.cast import Cast

ROOT = Path(__file__).parents[3]
ORIGIN = "example.org/promotions"
START = int(datetime(2026, 1, 31, tzinfo=UTC).timestamp())
YEAR = 366 * 86_400
MODEL = "sha256:" + "a" * 64


def moment(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp())


def a_class(name: str, low: int | None, high: int | None, **facts: Any) -> RetentionClass:
    fields = {
        "kinds": None, "sectors": None, "jurisdictions": None, "data": None,
        "counted_from": "publication", "basis": f"{name} says so", "source": "s", "verified": "v",
    }  # fmt: skip
    return RetentionClass(id=name, title=name, minimum=low, maximum=high, **{**fields, **facts})


@dataclass
class Archive:
    folder: Path
    cast: Cast
    schemas: Schemas
    key: Any

    @property
    def trust(self) -> LogTrust:
        return LogTrust(ORIGIN, "records", (Key(public_pem(self.key), 0, None, None, False),), ())

    def log(self) -> Log:
        return open_log(self.folder, ORIGIN, self.trust.keys).sound()

    def publish(self, path: Path, at: int) -> int:
        records = [record_of(path, path.read_bytes())]
        (placed,) = append(self.folder, ORIGIN, self.trust.keys, self.key, records, lambda: at)
        return placed.index

    def decide(
        self, at: int, *, model: str = "credit-risk", evidence: str = MODEL, **use: Any
    ) -> int:
        body: Any = {"allowed": False, "decided_at": at, "tier": "high", "verdicts": []}
        request = {
            "model": {"name": model, "digest": MODEL}, "to_stage": "production",
            "sector": use.pop("sector", "finance"),
            "use": {"jurisdictions": ["us"], "data": ["internal"], **use},
        }  # fmt: skip
        document: Any = {"request": request, "evidence": {"model_card": [{"digest": evidence}]}}
        decision = Decision(False, at, Tier.HIGH, (), body)
        material = Material(decision, document, b"policies", b"w%d" % at, ("opa", "1.22.0"))
        decider = self.cast.machines["decider"]
        return self.publish(write_record(self.folder, material, decider, "decider"), at)

    def evidence(self, at: int) -> tuple[int, str]:
        predicate: Any = {"collected_at": "2026-01-01T00:00:00Z", "n": at}
        said = statement("credit-risk", MODEL, "urn:hallgate:evidence:model_card:v1", predicate)
        path = self.folder.parent / "card.json"
        path.write_text(json.dumps(self.cast.sign("steward", said)))
        return self.publish(path, at), sha256_digest(canonical_bytes(said))

    def plan(
        self, classes: Sequence[RetentionClass], at: int, holds: Sequence[Any] = ()
    ) -> tuple[Kept, ...]:
        log = self.log()
        return plan_retention(log, classes, holds, at, tombstoned(log))

    def word(self, name: str, person: str, subject: tuple[str, str, str], **facts: Any) -> Path:
        action, what, digest = subject
        said = {
            "action": action, "role": person, "identity": person, "decision": "approve",
            "to_stage": None, "approved_at": "2026-01-31T00:00:00Z",
            "valid_until": "2099-01-01T00:00:00Z", "reason": "Due.", "conditions": None,
            "rule_digest": None, **facts,
        }  # fmt: skip
        document = self.cast.approve(
            facts.get("identity", person), statement(what, digest, "urn:hallgate:approval:v1", said)
        )
        path = self.folder.parent / name
        path.write_text(json.dumps(document))
        return path


def standings(kept: Sequence[Kept]) -> list[str]:
    return [one.standing.value for one in kept]


def hold_file(archive: Archive, **facts: Any) -> Path:
    folder = archive.folder.parent / "holds"
    folder.mkdir(exist_ok=True)
    said = {
        "id": "HOLD-2026-0001", "matter": "A dispute about credit.", "model": None,
        "digest": None, "record": None, "since": None, "until": None, **facts,
    }  # fmt: skip
    path = folder / f"{said['id']}.yaml"
    path.write_text(json.dumps(said))
    return path


SHORT = [a_class("short", None, 12)]
LATE = START + 2 * YEAR


def listed(archive: Archive) -> tuple[Path, bytes]:
    path = archive.folder.parent / "list.json"
    path.write_bytes(draft(archive.plan(SHORT, LATE), disposable=False))
    return path, read_list(path)[0]


def two_words(archive: Archive, data: bytes) -> list[Path]:
    subject = ("disposal", "disposal", sha256_digest(data))
    return [
        archive.word(f"{who}.approval.json", who, subject)
        for who in ("compliance", "privacy-officer")
    ]


def run(archive: Archive, path: Path, files: Sequence[Path]) -> tuple[str, ...]:
    data, items = read_list(path)
    kept = archive.plan(SHORT, LATE)
    due = still_due(items, kept)
    words = approved(data, files, archive.cast.trust, archive.schemas, LATE)
    return dispose(
        archive.log(), archive.trust, due, kept, data, items, words, SHORT,
        archive.cast.machines["decider"], archive.key, lambda: LATE,
    )  # fmt: skip
