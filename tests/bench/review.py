"""`hallgate review` over 1,000 archived decisions and 200 waivers, against one bare batch."""

from __future__ import annotations

import copy
import json
import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from pull import commit, git, hallgate, lay, make_repository
from timing import WALL, Row, in_turn, ratio, say
from waivers import identifier
from world import MANY, World, digest, expect

from hallgate.decide.compose import waiver_bundle
from hallgate.decide.judge import judge_many
from hallgate.intake.history import History
from hallgate.intake.waivers import read_waivers
from hallgate.model.trust import Trust
from hallgate.record.decision_record import Material, deciding_identity, write_record

# HALLGATE_BENCH_RECORDS makes it smaller, to try it; the limit is that of 1,000.
RECORDS = int(os.environ.get("HALLGATE_BENCH_RECORDS", "1000"))
WAIVERS = RECORDS // 5
_MODELS = 20


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

    works = {"bare": bare, "ours": partial(_review, world, clone, records)}
    samples = in_turn(works, rounds=1)
    return [
        Row(
            "review", f"review of {RECORDS:,} records and {WAIVERS} waivers / one batch per side",
            1.5, WALL, ratio(samples, "ours", "bare", WALL),
            "by the wall: processor time of a killed server is not counted", samples,
        )
    ]  # fmt: skip


def _review(world: World, clone: Path, records: Path) -> None:
    words = ("review", "main..change", "--repository", clone, "--records", records)
    done = hallgate(world, world.folder / "cache", (*words, "--format", "json", "--quiet"))
    expect(done[0] in {0, 1}, done[2][-500:])
    report = json.loads(done[1])
    expect(report["blast_radius"][0]["replayed"] >= RECORDS, "every record is replayed")


def _repository(world: World, clone: Path) -> None:
    """Main with policies and trust; a branch that adds the waivers."""
    make_repository(world, clone)
    commit(clone)
    git(clone, "checkout", "--quiet", "-b", "change")
    policies = sorted(world.families)
    for number in range(WAIVERS):
        policy = policies[number % len(policies)]
        document: dict[str, Any] = copy.deepcopy(world.base.base["waiver"])
        document.update(id=identifier(number), policy=policy)
        document["subject"]["digests"] = [f"sha256:{digest(number % _MODELS)}"]
        lay(clone, world.families[policy], f"{identifier(number)}.yaml", document)
    commit(clone)


def _records(world: World, folder: Path) -> list[Any]:
    """Records of a few models, decided by the engine once and signed once for each second."""
    trust: Trust = world.cast.trust
    role = next(one.role for one in trust.roles if one.decides)
    key = world.cast.machines[role]
    identity = deciding_identity(trust, key, world.base.now)
    documents: list[Any] = []
    staged = [world.stage(world.variant(n), world.folder / f"review-{n}") for n in range(_MODELS)]
    inputs = [world.document(one) for one in staged]
    answers = judge_many(world.engine, world.policies.rules, world.no_waivers, inputs, replay=True)
    for number in range(RECORDS):
        document, decision = inputs[number % _MODELS], answers[number % _MODELS]
        when = world.base.now - number // _MODELS
        body = {**decision.body, "decided_at": when}  # type: ignore[union-attr]
        made = replace(decision, decided_at=when, body=body)  # type: ignore[type-var]
        material = Material(
            made, document, world.policies.bundle.data, world.no_waivers.data, ("opa", "1.22.0")
        )
        write_record(folder, material, key, identity)
        documents.append({**document, "now": when})
    return documents
