"""Python's flat schemas and lib/evidence give one answer on whole statements, alone and together.

The library matches all statements of an input against one combined schema, and each by itself
where that fails. The parts of the schemas are tried in test_schemas_agree.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hallgate.engine.bundle import rego_constants
from hallgate.intake.schema import Schemas

from .test_schemas_agree import OPA, OTHERS, ROOT, sound

QUERY = """[malformed | some given in input.cases
	found := data.promotion.lib.evidence.gaps(object.keys(given)) with input as {
		"evidence": given, "rejected": [], "request": {"model": {"name": "x", "digest": "x"}},
	}
	malformed := [gap.message | some gap in found; gap.fault == "malformed"]
]"""
WORDS = "does not have the shape of its schema"
Given = dict[str, list[Any]]


@pytest.fixture(scope="module")
def schemas() -> Schemas:
    return Schemas.load(ROOT / "evidence-schemas")


def pair(schemas: Schemas, kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A sound measured statement of a type, and a sound unmeasured one."""
    one, other = (sound(schemas.schema(f"flat:{kind}{part}")) for part in ("", ":unmeasured"))
    return one, other


def statements(schemas: Schemas, kind: str, other: str) -> Iterator[Any]:
    """Statements of a type, sound ones and such as the combined form could take for sound."""
    measured, unmeasured = pair(schemas, kind)
    stranger, _ = pair(schemas, other)
    yield from (measured, unmeasured, stranger, json.dumps(measured), [measured])
    for one in (measured, unmeasured):
        yield {**one, "type": other}
        yield {**one, "extra": 1}
        for status in ("measured", "error", "not_run", "done", None):
            yield {**one, "status": status}
        for result in (measured["result"], stranger["result"], None, {}):
            yield {**one, "result": result}
    yield {**measured, "result": {**measured["result"], "extra": 1}}


def members(schemas: Schemas, kind: str) -> Iterator[Any]:
    """A statement with each member gone or of another type, and what is no statement."""
    for one in pair(schemas, kind):
        for name in one:
            yield {key: value for key, value in one.items() if key != name}
            yield from ({**one, name: odd} for odd in (None, 5, "x", {}))
    yield from OTHERS


def well_formed(schemas: Schemas, kind: str, value: Any) -> bool:
    return any(schemas.accepts(value, f"flat:{kind}{part}") for part in ("", ":unmeasured"))


def malformed_in_opa(schemas: Schemas, cases: list[Given], folder: Path) -> list[list[str]]:
    constants = {"evidence": schemas.evidence_constants(), "frame": schemas.frame_constant()}
    module = folder / "schemas.rego"
    module.write_bytes(rego_constants("promotion.generated.schemas", constants))
    asked = folder / "input.json"
    asked.write_text(json.dumps({"cases": cases}))
    library = ROOT / "policies" / "promotion" / "lib" / "evidence" / "evidence.rego"
    command = [str(OPA), "eval", "--strict-builtin-errors", "-f", "raw", "-i", str(asked)]
    command += ["-d", str(module), "-d", str(library), QUERY]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: list[list[str]] = json.loads(done.stdout)
    return found


def test_each_statement_alone(schemas: Schemas, tmp_path: Path) -> None:
    kinds = schemas.evidence_types
    cases = [
        (kind, value)
        for kind, other in zip(kinds, (*kinds[1:], kinds[0]), strict=True)
        for value in statements(schemas, kind, other)
    ]
    cases += [(kinds[0], value) for value in members(schemas, kinds[0])]
    found = malformed_in_opa(schemas, [{kind: [value]} for kind, value in cases], tmp_path)
    ours = [well_formed(schemas, kind, value) for kind, value in cases]
    wrong = [
        case for case, said, good in zip(cases, found, ours, strict=True) if good == bool(said)
    ]
    assert not wrong, wrong[:3]
    assert ours.count(True) >= 2 * len(kinds)
    assert ours.count(False) >= 10 * len(kinds)


def test_statements_together(schemas: Schemas, tmp_path: Path) -> None:
    kinds = schemas.evidence_types
    whole: Given = {kind: list(pair(schemas, kind)) for kind in kinds}
    bad = {kind: {**whole[kind][0], "file": "bad", "extra": 1} for kind in kinds}
    cases: list[Given] = [
        whole,
        {**whole, kinds[0]: [*whole[kinds[0]], bad[kinds[0]]]},
        {**whole, kinds[-1]: [bad[kinds[-1]], *whole[kinds[-1]]]},
        {**whole, kinds[3]: [bad[kinds[3]]], kinds[5]: [bad[kinds[5]]]},
        {**whole, "stranger": [bad[kinds[0]]]},
        {kind: [one] for kind, one in bad.items()},
    ]
    found = malformed_in_opa(schemas, cases, tmp_path)
    named = [(), (kinds[0],), (kinds[-1],), (kinds[3], kinds[5]), ("stranger",), kinds]
    assert found == [[f"{kind}: bad {WORDS}" for kind in sorted(some)] for some in named]
