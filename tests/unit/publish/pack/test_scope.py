"""What of a log falls into a pack: waivers and overrides with the words the log has of them."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

from hallgate.model.decision import Decision
from hallgate.model.trust import Key
from hallgate.model.values import Tier
from hallgate.publish.pack.scope import Scope, decisions
from hallgate.publish.pack.tables import waivers_csv
from hallgate.record.canonical import canonical_bytes, sha256_digest
from hallgate.record.decision_record import Material, write_record
from hallgate.record.keys import generate_key, public_pem
from hallgate.record.log.append import append
from hallgate.record.log.entry import Record
from hallgate.record.log.folder import Log, create_log, open_log

from .conftest import AT, MODEL, Stage

ORIGIN = "example.org/log"


def mark(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "owner": "model-owner", "expires": AT + 86_400, **more}


def verdict(policy: str, outcome: str, waiver: Any = None, override: Any = None) -> Any:
    found = [{"key": "x", "message": "m", "waiver": waiver}]
    return {"id": policy, "outcome": outcome, "findings": found, "override": override}


def made_log(folder: Path, stage: Stage) -> Log:
    """A log with one decision that rests on a waiver and on an override, and words about both."""
    key: Any = generate_key()
    keys = [Key(public_pem(key), 0, None, None, False)]
    create_log(folder, ORIGIN, key)
    body: Any = {
        "allowed": True, "decided_at": AT, "tier": "high",
        "verdicts": [
            verdict("FAIR-001", "waived", waiver=mark("EXC-2026-0007")),
            verdict("PRV-001", "overridden", override=mark("OVR-2026-0001", review_by=AT + 1)),
        ],
    }  # fmt: skip
    request = {"model": {"name": "credit-risk", "digest": MODEL}, "to_stage": "production"}
    document: Any = {"request": request, "evidence": {}}
    decision = Decision(True, AT, Tier.HIGH, (), body)
    material = Material(decision, document, b"policies", None, ("opa", "1"))
    path = write_record(folder, material, stage.cast.machines["decider"], "decider")
    records = [Record("decision", path.read_bytes(), path.name, AT)]
    for person, action, name, said in (
        ("model-risk", "waiver", "EXC-2026-0007", "approve"),
        ("compliance", "waiver", "EXC-2026-0007", "approve"),
        ("privacy-officer", "waiver", "EXC-2026-0007", "reject"),
        ("compliance", "waiver", "EXC-2026-0008", "approve"),
        ("security-officer", "override", "OVR-2026-0001", "approve"),
        ("compliance", "promotion", "EXC-2026-0007", "approve"),
    ):
        word = stage.word(person, action=action, decision=said, subject=(name, MODEL))
        records.append(Record("approval", canonical_bytes(word)))
    append(folder, ORIGIN, keys, key, records, lambda: AT)
    return open_log(folder, ORIGIN, keys)


def test_waivers_and_overrides_come_with_their_words(stage_of: Stage, tmp_path: Path) -> None:
    log = made_log(tmp_path / "log", stage_of)
    (one,) = decisions(log, Scope(None, "soc2", 0, AT + 1), [])
    waiver, override = one.waived
    assert [(one.kind, one.id, one.policy) for one in one.waived] == [
        ("waiver", "EXC-2026-0007", "FAIR-001"),
        ("override", "OVR-2026-0001", "PRV-001"),
    ]
    assert [name for name, _ in waiver.words] == ["model-risk", "compliance"]
    assert [name for name, _ in override.words] == ["security-officer"]
    for _, path in (*waiver.words, *override.words):
        assert path == f"blobs/sha256/{sha256_digest((log.folder / path).read_bytes())[7:]}"
    rows = list(csv.DictReader(io.StringIO(waivers_csv([one]).decode())))
    assert [(row["kind"], row["approved_by"]) for row in rows] == [
        ("waiver", "compliance model-risk"),
        ("override", "security-officer"),
    ]


def test_what_a_track_only_observed_is_told(stage_of: Stage, tmp_path: Path) -> None:
    log = made_log(tmp_path / "log", stage_of)
    (one,) = decisions(log, Scope(None, "soc2", 0, AT + 1), [])
    seen = replace(one, waived=(), observed=(("rollout", "FAIR-002", AT + 86_400),))
    (row,) = csv.DictReader(io.StringIO(waivers_csv([seen]).decode()))
    assert (row["waiver"], row["kind"], row["policy"]) == ("", "rollout", "FAIR-002")


def test_a_model_and_a_period_are_kept_to(stage_of: Stage, tmp_path: Path) -> None:
    log = made_log(tmp_path / "log", stage_of)
    for scope in (
        Scope("other", "soc2", 0, AT + 1),
        Scope(None, "soc2", 0, AT),
        Scope(None, "soc2", AT + 1, AT + 2),
    ):
        assert list(decisions(log, scope, [])) == []
    assert len(list(decisions(log, Scope("credit-risk", "soc2", AT, AT + 1), []))) == 1
