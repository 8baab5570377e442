"""`hallgate review` over 1,000 archived decisions and 200 waivers, against one bare batch."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

from timing import CPU, Row, alternate, ratio, say
from waivers import identifier
from world import MANY, World, digest, environment, expect

from hallgate.decide.compose import waiver_bundle
from hallgate.intake.history import History
from hallgate.intake.waivers import read_waivers
from hallgate.model.trust import Identity, Trust
from hallgate.record.decision_record import Material, deciding_identity, write_record

RECORDS, WAIVERS = 1_000, 200
_MODELS = 20
_PARTS = ("policies", "evidence-schemas", "frameworks", "tracks")


def measure(world: World) -> list[Row]:
    """The installed command, with all it reads and verifies, against the engine alone."""
    say(f"review: {RECORDS:,} records, {WAIVERS} waivers")
    folder = world.folder / "review"
    clone, records = folder / "clone", folder / "records"
    _repository(world, clone)
    documents = _records(world, records)
    held = read_waivers(
        clone / "exceptions", world.cast.trust, world.schemas,
        history=History(None, "not asked here"), live=None, at=world.base.now,
    )  # fmt: skip
    expect(len(held) == WAIVERS, "every waiver is read")
    batch = world.put("review.json", json.dumps({"batch": documents}).encode())
    sides = [
        world.bundles(name, world.policies.bundle, waiver_bundle(some, 0, overrides=()))
        for name, some in (("review-base", ()), ("review-head", held))
    ]

    def bare() -> None:
        for bundles in sides:
            expect(len(world.bare(bundles, MANY, batch)) > RECORDS, "bare opa answers")

    samples = alternate({"bare": bare, "ours": partial(_review, clone, records)}, rounds=3)
    return [
        Row(
            "review", f"review of {RECORDS:,} records and {WAIVERS} waivers / one batch per side",
            1.5, CPU, ratio(samples, "ours", "bare", CPU),
            "Git, signatures of all records, scenarios none, report", samples,
        )
    ]  # fmt: skip


def _review(clone: Path, records: Path) -> None:
    command = [Path(sys.executable).with_name("hallgate"), "review", "main..change"]
    command += ["--repository", clone, "--records", records, "--format", "json", "--quiet"]
    opa = Path(__file__).resolve().parents[2] / ".tools/bin/opa"
    done = subprocess.run(
        [str(one) for one in command], capture_output=True,
        env=environment({"HALLGATE_OPA": str(opa)}),
    )  # fmt: skip
    expect(done.returncode in {0, 1}, done.stderr.decode()[-500:])
    report = json.loads(done.stdout)
    expect(report["blast_radius"][0]["replayed"] >= RECORDS, "every record is replayed")


def _repository(world: World, clone: Path) -> None:
    """Main with policies and trust; a branch that adds the waivers."""
    for name in _PARTS:
        shutil.copytree(world.root / name, clone / name)
    shutil.copytree(world.root / "tests/scenarios/trust", clone / "trust")
    for one in world.cast.trust.identities:
        path = clone / "trust/identities" / f"{one.id}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(_identity(one)), encoding="utf-8")
    (clone / "CODEOWNERS").write_text("* @bank/releases\n", encoding="utf-8")
    _git(clone, "init", "--quiet", "--initial-branch", "main")
    _commit(clone)
    _git(clone, "checkout", "--quiet", "-b", "change")
    policies = sorted(world.families)
    for number in range(WAIVERS):
        policy = policies[number % len(policies)]
        document: dict[str, Any] = copy.deepcopy(world.base.base["waiver"])
        document.update(id=identifier(number), policy=policy)
        document["subject"]["digests"] = [f"sha256:{digest(number % _MODELS)}"]
        path = clone / "exceptions" / world.families[policy] / f"{identifier(number)}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document), encoding="utf-8")
    _commit(clone)


def _identity(one: Identity) -> dict[str, Any]:
    def time(seconds: int | None) -> str | None:
        return None if seconds is None else "2017-07-14T02:40:00Z"

    return {
        "id": one.id,
        "kind": one.kind,
        "title": one.title,
        "emails": list(one.emails),
        "roles": [
            {"role": held.role, "since": time(held.since), "until": None} for held in one.roles
        ],
        "keys": [
            {
                "public": key.public,
                "valid_from": time(key.valid_from),
                "valid_until": None,
                "revoked_at": None,
                "compromised": False,
            }
            for key in one.keys
        ],
    }


def _records(world: World, folder: Path) -> list[Any]:
    """Records of a few models, decided by the engine once and signed once for each second."""
    trust: Trust = world.cast.trust
    role = next(one.role for one in trust.roles if one.decides)
    key = world.cast.machines[role]
    identity = deciding_identity(trust, key, world.base.now)
    documents: list[Any] = []
    from hallgate.decide.judge import judge_many

    staged = [world.stage(world.variant(n), world.folder / f"review-{n}") for n in range(_MODELS)]
    inputs = [world.document(one) for one in staged]
    answers = judge_many(world.engine, world.policies.rules, world.no_waivers, inputs, replay=True)
    for number in range(RECORDS):
        document, decision = inputs[number % _MODELS], answers[number % _MODELS]
        when = world.base.now - number // _MODELS
        body = {**decision.body, "decided_at": when}  # type: ignore[union-attr]
        made = _at(decision, when, body)
        material = Material(
            made, document, world.policies.bundle.data, world.no_waivers.data, ("opa", "1.22.0")
        )
        write_record(folder, material, key, identity)
        documents.append({**document, "now": when})
    return documents


def _at(decision: Any, when: int, body: Any) -> Any:
    from dataclasses import replace

    return replace(decision, decided_at=when, body=body)


def _commit(clone: Path) -> None:
    _git(clone, "add", "--all", "--force")
    _git(clone, "commit", "--quiet", "--message", "As measured.")


def _git(clone: Path, *words: str) -> None:
    who = {
        f"GIT_{kind}_{name}": value
        for kind in ("AUTHOR", "COMMITTER")
        for name, value in (("NAME", "bench"), ("EMAIL", "bench@example.org"))
    }
    settings = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, **who}
    subprocess.run(
        ["git", "-c", "commit.gpgsign=false", *words], cwd=clone, check=True,
        env=environment(settings), capture_output=True,
    )  # fmt: skip
