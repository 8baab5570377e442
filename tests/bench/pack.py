"""Audit packs: how memory grows with the decisions, and what the page and its verifier take.

HALLGATE_BENCH_PACK says how many decisions (2,000). Run by itself, this file builds one pack
in a process of its own, whose peak is then that of the build alone.
"""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

MANY = int(os.environ.get("HALLGATE_BENCH_PACK", "2000"))
_ORIGIN = "example.org/bench"
_EVER = 4_000_000_000


def measure(world: Any) -> list[Any]:
    """Rows of memory, page and verification."""
    from timing import CPU, WALL, Row, say
    from world import expect

    say(f"pack: {MANY:,} decisions")
    with patch("os.fsync", lambda _: None):  # setting the stage need not survive a power cut
        source = _source(world)
    sizes = [MANY // 4, MANY // 2, MANY]
    built = [_built(world, source, size, "traced") for size in sizes]
    expect([one["decided"] for one in built] == sizes, "every decision is in its pack")
    small, middle, large = (one["peak"] for one in built)
    peaks = ", ".join(
        f"{size:,}: {one['peak'] / 2**20:.1f} MiB" for size, one in zip(sizes, built, strict=True)
    )
    last = _built(world, source, MANY, "plain")
    checked = _verified(world)
    return [
        Row(
            "pack-memory", f"memory a decision, {sizes[1]:,} to {MANY:,} / {sizes[0]:,} to "
            f"{sizes[1]:,}", 1.5, CPU,
            (large - middle) / (MANY - sizes[1]) / ((middle - small) / (sizes[1] - sizes[0])),
            f"peaks of what Python holds: {peaks}",
        ),
        Row(
            "pack-page", f"summary of {MANY:,} decisions / 1 MiB", 1.0, CPU,
            last["page"] / 2**20, f"index.html; {last['seconds'] / MANY * 1000:.1f} ms a decision "
            "to build",
        ),
        Row(
            "pack-verify", f"verify.py over {MANY:,} decisions / building them", None, WALL,
            checked / last["seconds"], f"{checked:.1f} s, signatures included",
        ),
    ]  # fmt: skip


def _source(world: Any) -> Path:
    """A log of so many decisions, each with an input of its own; the pieces of a pack, pickled."""
    from hallgate.intake.frameworks import read_extents, read_frameworks
    from hallgate.intake.logged import record_of
    from hallgate.model.log import LogTrust
    from hallgate.model.trust import Key
    from hallgate.record.keys import generate_key, public_pem
    from hallgate.record.log.append import append
    from hallgate.record.log.folder import create_log

    folder = world.folder / "pack-log"
    key = generate_key()
    trust = LogTrust(_ORIGIN, "", (Key(public_pem(key), 0, None, None, False),), ())
    create_log(folder, _ORIGIN, key)  # type: ignore[arg-type]
    batch: list[Any] = []
    put = partial(append, folder, _ORIGIN, trust.keys, key)
    for number, path in enumerate(_decisions(world, folder), start=1):
        if number == 1:  # what the decisions rest on, signed, is staged by now
            rests_on = sorted((world.folder / "pack-whole/evidence").glob("*.json"))
            put([record_of(one, one.read_bytes()) for one in rests_on], lambda: world.base.now)
        batch.append(record_of(path, path.read_bytes()))
        if number % 500 == 0 or number == MANY:
            put(batch, partial(int, world.base.now + number))
            batch = []
    controls = read_frameworks(world.root / "frameworks", world.schemas)
    pieces = {
        "log": folder,
        "log_trust": trust,
        "controls": controls,
        "extents": read_extents(world.root / "frameworks", world.schemas, controls),
        "catalog": world.policies.catalog,
        "trust": world.cast.trust,
        "now": world.base.now,
    }
    return Path(world.put("pack-source.pickle", pickle.dumps(pieces)))


def _decisions(world: Any, folder: Path) -> Iterator[Path]:
    """Decisions a second apart about models of their own; every fourth is denied."""
    from world import digest

    from hallgate.decide.promotion import decide_promotion
    from hallgate.record.decision_record import Material, write_record

    whole = world.base.base
    thin = {**whole, "evidence": {k: v for k, v in whole["evidence"].items() if k != "pii_scan"}}
    made = []
    for name, base in (("whole", whole), ("thin", thin)):
        staged = world.stage(replace(world.base, base=base), world.folder / f"pack-{name}")
        materials = world.materials(staged)
        made.append(decide_promotion(world.engine, materials, world.base.now, what_if=True))
    decider = next(one.role for one in world.cast.trust.roles if one.decides)
    for number in range(MANY):
        one = made[number % 4 == 3]
        at = world.base.now + number
        body = {**one.decision.body, "decided_at": at}
        request: Any = one.document["request"]
        model = {**request["model"], "digest": f"sha256:{digest(number)}"}
        document = {**one.document, "request": {**request, "model": model}}
        material = Material(
            replace(one.decision, decided_at=at, body=body), document,
            world.policies.bundle.data, one.waivers.data, ("opa", "1"),
        )  # fmt: skip
        yield write_record(folder, material, world.cast.machines[decider], decider)


def _built(world: Any, source: Path, size: int, how: str) -> dict[str, Any]:
    out = world.folder / f"pack-{how}-{size}"
    done = subprocess.run(
        [sys.executable, __file__, str(source), str(size), str(out), how],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _verified(world: Any) -> float:
    pack = world.folder / f"pack-plain-{MANY}"
    start = time.perf_counter()
    words = ["--trust", pack / "keys/trust.json", "--log-key", pack / "keys/log-0.pub.pem"]
    subprocess.run(
        [sys.executable, pack / "verify.py", *map(str, words)], check=True, capture_output=True
    )
    return time.perf_counter() - start


def build(source: Path, size: int, out: Path, how: str) -> dict[str, Any]:
    """Build one pack of the first so many decisions; peak is in bytes, 0 where it is plain."""
    from hallgate.publish.pack.build import Source, build_pack
    from hallgate.publish.pack.scope import Scope
    from hallgate.record.log.folder import open_log

    pieces = pickle.loads(source.read_bytes())
    now = pieces.pop("now")
    log = open_log(pieces["log"], _ORIGIN, pieces["log_trust"].keys)
    parts = Source(anchors=(), commit=None, **{**pieces, "log": log})
    if how == "traced":
        tracemalloc.start()
    start = time.perf_counter()
    made = build_pack(parts, Scope(None, "soc2", 0, now + size), out, seed="bench", sample=25)
    return {
        "decided": made.decided,
        "seconds": time.perf_counter() - start,
        "page": (out / "index.html").stat().st_size,
        "peak": tracemalloc.get_traced_memory()[1] if how == "traced" else 0,
    }


if __name__ == "__main__":
    print(json.dumps(build(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4])))
