"""400 requests in one engine run: from verified inputs, and from raw signed documents."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from timing import CPU, Row, in_turn, ratio, say
from world import MANY, World, answers, expect

from hallgate.decide.compose import at, compose_input
from hallgate.decide.judge import judge_many
from hallgate.intake.evidence import read_evidence
from hallgate.intake.requests import read_request
from hallgate.model.decision import Decision
from hallgate.model.values import JsonObject
from hallgate.record import sshsig

REQUESTS = 400
_WARM = 8


def measure(world: World) -> list[Row]:
    """Rows for verified and for raw requests, by the same samples of bare opa."""
    say(f"batch: signing {REQUESTS} requests ({world.papers} each)")
    world.cast, world.families  # noqa: B018 - made before threads ask for them
    folders = [world.folder / "batch" / str(number) for number in range(REQUESTS)]
    with ThreadPoolExecutor() as pool:
        staged = list(
            pool.map(lambda n: world.stage(world.variant(n), folders[n]), range(REQUESTS))
        )
    documents = [world.document(one) for one in staged]
    bundles = world.bundles("batch", world.policies.bundle, world.no_waivers)
    batch = world.put("batch.json", json.dumps({"batch": documents}).encode())
    few = world.put("few.json", json.dumps({"batch": documents[:_WARM]}).encode())
    expect(_allowed(answers(world.bare(bundles, MANY, few))) == _WARM, "bare opa allows")
    expect(_judged(world, _read(world, folders[:_WARM])) == _WARM, "all of the batch are allowed")
    say("batch: bare, verified, raw, in turn")
    works = {
        "bare": lambda: world.bare(bundles, MANY, batch),
        "verified": lambda: _all(_judged(world, documents)),
        "raw": lambda: _all(_judged(world, _read(world, folders))),
    }
    samples = in_turn(works)
    return [
        Row(
            "batch-verified", f"{REQUESTS} verified inputs / bare opa eval", 1.3, CPU,
            ratio(samples, "verified", "bare", CPU),
            f"{len(world.policies.catalog)} policies, all allowed", samples,
        ),
        Row(
            "batch-raw", f"{REQUESTS} raw requests / bare opa eval", 3.0, CPU,
            ratio(samples, "raw", "bare", CPU),
            f"each {world.papers} of its own, in DSSE and SSH; nothing cached", samples,
        ),
    ]  # fmt: skip


def _read(world: World, folders: Sequence[Path]) -> list[JsonObject]:
    # Signatures that were verified a moment ago must be verified again.
    sshsig._proven.cache_clear()
    trust, now = world.cast.trust, world.base.now
    found = []
    for folder in folders:
        request = read_request(folder / "request.json", world.schemas)
        evidence = read_evidence(folder / "evidence", trust, world.schemas, at=now)
        found.append(at(compose_input(request, evidence, trust), now))
    return found


def _judged(world: World, documents: Sequence[JsonObject]) -> int:
    decided = judge_many(
        world.engine, world.policies.rules, world.no_waivers, documents, replay=True
    )
    return sum(one.allowed for one in decided if isinstance(one, Decision))


def _allowed(answer: Any) -> int:
    return sum(decision["allowed"] for _, decision in answer)


def _all(allowed: int) -> None:
    expect(allowed == REQUESTS, f"{allowed} of {REQUESTS} are allowed")
