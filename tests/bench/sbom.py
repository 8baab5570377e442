"""A bill of materials of 10,000 components: wrapping it, and deciding with it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from timing import CPU, Row, alternate, ratio, say
from world import World, expect

from hallgate.decide.promotion import decide_promotion
from hallgate.intake.evidence import read_evidence
from hallgate.intake.json_strict import parse_json
from hallgate.intake.rfc3339 import text as time_text
from hallgate.measure.context import Context, Predicate
from hallgate.measure.wrap import Report, wrap
from hallgate.testing.stage import Staged

LARGE, SMALL = 10_000, 100
_LIMIT, _DEPTH = 256 << 20, 64  # as `hallgate evidence wrap` reads


def measure(world: World) -> list[Row]:
    """Rows for the decision and for wrapping."""
    say(f"sbom: {LARGE:,} components")
    data = cyclonedx(LARGE)
    works = {
        "json.loads": lambda: json.loads(data),
        "wrap": lambda: _wrapped(world, data),
    }
    wrapped = alternate(works)
    staged = {count: _staged(world, cyclonedx(count)) for count in (SMALL, LARGE)}
    decided = alternate(
        {str(count): partial(_decide, world, one, count) for count, one in staged.items()}
    )
    return [
        Row(
            "sbom-decision", f"decision, SBOM of {LARGE:,} / of {SMALL} components", 1.5, CPU,
            ratio(decided, str(LARGE), str(SMALL), CPU),
            "evidence read, verified and judged", decided,
        ),
        Row(
            "sbom-wrap", f"evidence wrap of {LARGE:,} components / json.loads", 6.0, CPU,
            ratio(wrapped, "wrap", "json.loads", CPU),
            f"CycloneDX 1.6, {len(data) / 1e6:.1f} MB, read strictly and normalised", wrapped,
        ),
    ]  # fmt: skip


def _wrapped(world: World, data: bytes) -> Predicate:
    """What `hallgate evidence wrap ml_bom` does with the bytes of a report."""
    document = parse_json(data, "bom.json", limit=_LIMIT, depth=_DEPTH, floats=True)
    now = world.base.now
    context = Context(time_text(now - 3600), time_text(now + 86_400 * 90), "0.1.0")
    subject = str(world.base.base["request"]["model"]["digest"])
    predicate = wrap(
        "ml_bom", Report(document.value, "bom.json", document.digest, subject, context)
    )
    expect(predicate["status"] == "measured", "the bill of materials is measured")
    return predicate


def _staged(world: World, data: bytes) -> tuple[Path, Staged]:
    predicate = dict(_wrapped(world, data))
    base = {**world.base.base, "evidence": {**world.base.base["evidence"], "ml_bom": predicate}}
    folder = world.folder / f"sbom-{len(data)}"
    return folder, world.stage(replace(world.base, base=base), folder)


def _decide(world: World, staged: tuple[Path, Staged], count: int) -> None:
    folder, documents = staged
    evidence = read_evidence(
        folder / "evidence", world.cast.trust, world.schemas, at=world.base.now
    )
    result: Any = next(one for one in evidence.statements if one.type == "ml_bom").document[
        "result"
    ]
    expect(result["components"] == count + 1, "all components and the model are counted")
    materials = replace(world.materials(documents), evidence=evidence)
    decided = decide_promotion(world.engine, materials, world.base.now, what_if=True)
    verdicts = decided.decision.verdicts
    expect(all(one.outcome.value != "error" for one in verdicts), "no verdict is an error")


def cyclonedx(count: int) -> bytes:
    """A bill as cyclonedx-bom writes them, some components without licence or digest."""
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
        "version": 1,
        "metadata": {
            "timestamp": "2026-11-20T06:00:00Z",
            "tools": {"components": [{"type": "application", "name": "made", "version": "1"}]},
        },
        "components": [_model(), *(_component(number) for number in range(count))],
        "dependencies": [_depends(number, count) for number in range(count)],
    }
    return json.dumps(document).encode()


def _model() -> dict[str, object]:
    return {
        "type": "machine-learning-model",
        "bom-ref": "model",
        "name": "credit-risk",
        "version": "2.1.0",
        "licenses": [{"license": {"name": "proprietary"}}],
        "hashes": [{"alg": "SHA-256", "content": "a" * 64}],
    }


def _component(number: int) -> dict[str, object]:
    name, version = f"made-package-{number:05d}", f"{number % 7}.{number % 13}.{number % 5}"
    content = hashlib.sha256(name.encode()).hexdigest()
    found: dict[str, object] = {
        "type": "library",
        "bom-ref": f"{name}=={version}",
        "name": name,
        "version": version,
        "description": "A made package that does what its name says, and nothing else at all.",
        "purl": f"pkg:pypi/{name}@{version}",
        "externalReferences": [
            {"type": "website", "url": f"https://packages.example.org/{name}/"},
            {"type": "vcs", "url": f"https://source.example.org/{name}.git", "comment": "sources"},
        ],
        "properties": [{"name": "cdx:python:package:required-extra", "value": "none"}],
    }
    if number % 10:
        found["licenses"] = [{"license": {"id": "Apache-2.0", "acknowledgement": "declared"}}]
    if number % 5:
        found["hashes"] = [{"alg": "SHA-256", "content": content}]
    return found


def _depends(number: int, count: int) -> dict[str, object]:
    onward = [_reference(other) for other in (number * 2 + 1, number * 2 + 2) if other < count]
    return {"ref": _reference(number), "dependsOn": onward}


def _reference(number: int) -> str:
    return f"made-package-{number:05d}=={number % 7}.{number % 13}.{number % 5}"
