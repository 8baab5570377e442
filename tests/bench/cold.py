"""New processes of the installed command: `hallgate decide`, `hallgate --help`."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import yaml
from timing import WALL, Row, alternate, in_turn, ratio, say
from world import ONE, World, answers, environment, expect

from hallgate.intake.rfc3339 import text as time_text
from hallgate.model.trust import Identity

COMMAND = str(Path(sys.executable).with_name("hallgate"))
_ROUNDS = 9


def measure_decide(world: World) -> list[Row]:
    """One decision from its documents, by the installed command."""
    say("decide: a new process, in turn with bare opa")
    staged = world.stage(world.base, world.folder / "cold")
    trust = write_trust(world, world.folder / "cold-trust")
    waivers = world.folder / "cold-waivers"
    waivers.mkdir()
    command = [COMMAND, "decide", str(world.folder / "cold" / "request.json")]
    command += ["--evidence", str(world.folder / "cold" / "evidence"), "--trust", str(trust)]
    command += ["--waivers", str(waivers), "--repository", str(world.root), "--format", "json"]
    command += ["--at", time_text(world.base.now)]
    bundles = world.bundles("cold", world.policies.bundle, world.no_waivers)
    document = world.put("cold.json", json.dumps(world.document(staged)).encode())
    expect(answers(world.bare(bundles, ONE, document))["allowed"], "bare opa allows")
    warm = own_caches(world, "warm")
    cold = own_caches(world, "cold-caches")

    def decide_without_caches() -> None:
        for folder in (cold["XDG_CACHE_HOME"], cold["PYTHONPYCACHEPREFIX"]):
            shutil.rmtree(folder, ignore_errors=True)
        run_quietly(command, cold)

    works = {
        "bare": lambda: world.bare(bundles, ONE, document),
        "decide": lambda: run_quietly(command, warm),
    }
    samples = alternate(works, _ROUNDS)
    afresh = in_turn({"bare": works["bare"], "nothing cached": decide_without_caches})
    return [
        Row(
            "decide-cold", "hallgate decide, new process / bare opa eval", 6.0, WALL,
            ratio(samples, "decide", "bare", WALL),
            f"{world.papers}; annotations and byte code cached", samples,
        ),
        Row(
            "decide-nothing-cached", "the same, annotations and byte code afresh", None, WALL,
            ratio(afresh, "nothing cached", "bare", WALL), "told, not judged", afresh,
        ),
    ]  # fmt: skip


def measure_help(world: World) -> list[Row]:
    """The help text against the interpreter alone."""
    say("help: in turn with bare Python")
    caches = own_caches(world, "help")
    works = {
        "python": lambda: run_quietly([sys.executable, "-c", "pass"], caches),
        "help": lambda: run_quietly([COMMAND, "--help"], caches),
    }
    samples = alternate(works, 15)
    value = ratio(samples, "help", "python", WALL)
    return [Row("help", "hallgate --help / python -c pass", 5.0, WALL, value, "", samples)]


def write_trust(world: World, folder: Path) -> Path:
    """The made signers as a trust folder."""
    shutil.copytree(world.root / "tests" / "scenarios" / "trust", folder)
    (folder / "identities").mkdir(exist_ok=True)
    for one in world.cast.trust.identities:
        path = folder / "identities" / f"{one.id}.yaml"
        path.write_text(yaml.safe_dump(_identity(one), sort_keys=False), encoding="utf-8")
    return folder


def _identity(one: Identity) -> dict[str, object]:
    return {
        "id": one.id,
        "kind": one.kind,
        "title": one.title,
        "emails": list(one.emails),
        "roles": [
            {"role": held.role, "since": time_text(held.since), "until": None} for held in one.roles
        ],
        "keys": [
            {
                "public": key.public,
                "valid_from": time_text(key.valid_from),
                "valid_until": None,
                "revoked_at": None,
                "compromised": False,
            }
            for key in one.keys
        ],
    }


def own_caches(world: World, name: str) -> dict[str, str]:
    """Caches that nobody else fills or empties."""
    place = world.folder / name
    return {
        "XDG_CACHE_HOME": str(place / "cache"),
        "PYTHONPYCACHEPREFIX": str(place / "bytecode"),
    }


def run_quietly(command: list[str], more: Mapping[str, str]) -> None:
    done = subprocess.run(
        command, capture_output=True, check=False, env=environment(more), stdin=subprocess.DEVNULL
    )
    expect(done.returncode == 0, f"{' '.join(command[:2])}: {done.stderr.decode()[:2000]}")
