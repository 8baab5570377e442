"""Many waivers: a decision among 10,000, and reading 1,000 files."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml
from timing import CPU, Row, alternate, ratio, say
from world import ONE, World, answers, digest, expect

from hallgate.decide.compose import waiver_bundle
from hallgate.decide.promotion import decide_promotion
from hallgate.intake.history import History
from hallgate.intake.rfc3339 import is_time
from hallgate.intake.waivers import read_waivers
from hallgate.model.documents import Approval, Waiver
from hallgate.testing.stage import Staged

MANY, FEW, FILES = 10_000, 20, 1_000
_OURS = 2  # of the waivers, about the model to decide on


def measure_decision(world: World) -> list[Row]:
    """One decision by a caller that has the policy bundle built and the waivers read."""
    say(f"waivers: a decision among {MANY:,}")
    staged = world.stage(world.base, world.folder / "waived")
    held = {count: _held(world, count) for count in (FEW, MANY)}
    samples = alternate({str(n): partial(_decide, world, staged, some) for n, some in held.items()})
    document = world.put("waived.json", json.dumps(world.document(staged)).encode())
    published = {
        str(n): world.bundles(
            f"w{n}", world.policies.bundle, waiver_bundle(some, world.base.now, overrides=())
        )
        for n, some in held.items()
    }
    for bundles in published.values():
        expect(answers(world.bare(bundles, ONE, document))["allowed"], "bare opa allows")
    whole = alternate(
        {n: partial(world.bare, some, ONE, document) for n, some in published.items()}, rounds=3
    )
    return [
        Row(
            "waivers-decision", f"decision among {MANY:,} / among {FEW} waivers", 1.5, CPU,
            ratio(samples, str(MANY), str(FEW), CPU),
            f"bundle built, waivers read; OPA gets those of the model ({_OURS})", samples,
        ),
        Row(
            "waivers-published", "the same by bare opa eval, published bundle", None, CPU,
            ratio(whole, str(MANY), str(FEW), CPU), "told, not judged: OPA parses all of it", whole,
        ),
    ]  # fmt: skip


def measure_check(world: World) -> list[Row]:
    """Reading waiver files as `hallgate check` does, against parsing and validating them."""
    say(f"check: {FILES:,} waiver files")
    folder = world.folder / "exceptions"
    paths = _write(world, folder)
    validator = jsonschema_rs.Draft7Validator(
        dict(world.schemas.schema("waiver")), validate_formats=True, formats={"date-time": is_time}
    )
    history = History(None, "not asked here")
    live = frozenset(world.families)

    def plain() -> None:
        good = 0
        for path in paths:
            good += validator.is_valid(yaml.load(path.read_bytes(), yaml.CSafeLoader))
        expect(good == FILES, "CSafeLoader and the schema accept every file")

    def ours() -> None:
        found = read_waivers(
            folder, world.cast.trust, world.schemas, history=history, live=live, at=world.base.now
        )
        expect(len(found) == FILES, "every waiver is read")

    samples = alternate({"plain": plain, "ours": ours})
    return [
        Row(
            "check-waivers", f"check of {FILES:,} waivers / CSafeLoader + schema", 2.0, CPU,
            ratio(samples, "ours", "plain", CPU),
            "all rules of waivers; without approvals and Git", samples,
        )
    ]  # fmt: skip


def _held(world: World, count: int) -> tuple[Waiver, ...]:
    """Waivers as read: two about the model of the base, the others each about their own.

    Of the others every second one names a range of versions instead of a digest.
    """
    own = str(world.base.base["request"]["model"]["digest"])
    now = world.base.now
    rule = world.policies.rule_digests[world.base.base["waiver"]["policy"]]
    word = Approval("compliance", "compliance", "approve", now - 60, now + 86_400, "made", rule)
    found = []
    for number in range(count):
        about = own if number < _OURS else f"sha256:{digest(number)}"
        document: dict[str, Any] = copy.deepcopy(world.base.base["waiver"])
        document["id"] = identifier(number)
        document["subject"]["digests"] = [about]
        if number >= _OURS and number % 2:
            versions = {"from": "1.2.0", "to": "1.2.9"}
            subject = {"name": f"model-{number}", "versions": versions, "to_stage": "production"}
            document["subject"] = subject
        document["remediation"]["due"] = now + 86_400
        document.update(opened=now - 86_400, expires=now + 2 * 86_400)
        found.append(Waiver(document["id"], document, "made", about, (word,), ("model-owner",)))
    return tuple(found)


def _decide(world: World, staged: Staged, waivers: tuple[Waiver, ...]) -> None:
    materials = replace(world.materials(staged), waivers=waivers)
    decided = decide_promotion(world.engine, materials, world.base.now, what_if=True)
    expect(decided.decision.allowed, "the base is allowed")


def _write(world: World, folder: Path) -> Sequence[Path]:
    """Valid waiver files as people write them, spread over the families of all policies."""
    policies = sorted(world.families)
    paths = []
    for number in range(FILES):
        policy = policies[number % len(policies)]
        document: dict[str, Any] = copy.deepcopy(world.base.base["waiver"])
        document.update(id=identifier(number), policy=policy)
        document["subject"]["digests"] = [f"sha256:{digest(number)}"]
        path = folder / world.families[policy] / f"{identifier(number)}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
        paths.append(path)
    return paths


def identifier(number: int) -> str:
    """A waiver's id; 9,999 to a year."""
    return f"EXC-{2026 + number // 9999}-{number % 9999 + 1:04d}"
