"""jsonschema, jsonschema-rs and OPA give one answer on examples made from each schema.

Every part of every schema is tried with a sound value and with each way to
break it. OPA answers all cases in one run.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hallgate.intake.faults import slow_validator
from hallgate.intake.schema import Schemas, _fast_validator
from hallgate.intake.shapes import uncounted

ROOT = Path(__file__).parents[2]
OPA = ROOT / ".tools" / "bin" / "opa"
QUERY = (
    "[answer | some case in input.cases; "
    "answer := json.match_schema(case.value, input.schemas[case.schema])[0]]"
)
OTHERS: tuple[Any, ...] = (None, True, False, 0, 1, -1, "", "x", "5", [], [None], {}, {"a": 1}, 1.5)
TEXTS = {
    "^sha256:[0-9a-f]{64}$": "sha256:" + "a" * 64,
    "^[0-9a-f]{64}$": "0" * 64,
    "^EXC-[0-9]{4}-[0-9]{4}$": "EXC-2026-0001",
    "^[A-Z]{3,4}-[0-9]{3}$": "FAIR-001",
    "^[0-9a-f]{40}([0-9a-f]{24})?$": "a" * 40,
}


def sound(schema: Any) -> Any:
    """A value that satisfies a schema of the house subset."""
    kind = schema["type"]
    kind = kind if isinstance(kind, str) else next(one for one in kind if one != "null")
    if "enum" in schema:
        return next(one for one in schema["enum"] if one is not None)
    if kind == "object":
        return {name: sound(inner) for name, inner in schema["properties"].items()}
    if kind == "array":
        return [sound(schema["items"]) for _ in range(max(1, schema["minItems"]))]
    if kind == "string" and "format" in schema:
        return "2026-01-31T09:30:00Z"
    if kind == "string":
        return TEXTS.get(schema.get("pattern"), "abc")
    return {"integer": schema.get("minimum", 0), "boolean": True, "null": None}[kind]


def broken(schema: Any) -> Iterator[Any]:
    """Values near the sound one; most break the schema, some only nearly."""
    good = sound(schema)
    yield from OTHERS
    if isinstance(good, dict):
        for name in good:
            yield {key: value for key, value in good.items() if key != name}
            yield {**good, name: None}
            yield {**{key: value for key, value in good.items() if key != name}, name + "x": 1}
        yield {**good, "extra": 1}
    elif isinstance(good, list):
        yield [*good, None]
        yield good * (schema["maxItems"] + 1) if schema["maxItems"] <= 300 else good
        yield good * (schema["maxItems"]) if schema["maxItems"] <= 300 else good
    elif isinstance(good, str):
        yield from (good + "\n", "\n" + good, good + " ", good.upper(), good[:-1], good + "é")
        yield from (good + good[-1], good[:-1] + "é", "é" + good[1:], "a" * 63, "a" * 64, "é" * 63)
        longest = schema.get("maxLength", 300)
        yield from ("a" * longest, "a" * (longest + 1), "é" * longest, "\U0001f600" * (longest + 1))
        yield from (
            "2026-01-31",
            "2026-01-31T09:30:00",
            "2026-12-31T23:59:60Z",
            "2026-02-30T00:00:00Z",
        )
    elif isinstance(good, int) and "minimum" in schema:
        low, high = schema["minimum"], schema["maximum"]
        yield from (low, low - 1, high, high + 1, low + 0.5, str(low), [low])


def parts(schema: Any) -> Iterator[Any]:
    """A schema and everything below it."""
    yield schema
    for inner in schema.get("properties", {}).values():
        yield from parts(inner)
    if "items" in schema:
        yield from parts(schema["items"])


@pytest.fixture(scope="module")
def schemas() -> Schemas:
    return Schemas.load(ROOT / "evidence-schemas")


def cases(wholes: list[Any]) -> tuple[dict[str, Any], list[tuple[str, Any]]]:
    """Each distinct part, wrapped as the one member of an object, and its values."""
    found: dict[str, Any] = {}
    values: list[tuple[str, Any]] = []
    for whole in wholes:
        for part in parts(whole):
            key = json.dumps(part, sort_keys=True)
            if key in found or "type" not in part:
                continue
            name = found[key] = f"s{len(found)}"
            values += [(name, {"v": value}) for value in (sound(part), *broken(part))]
    wrap = {"type": "object", "additionalProperties": False, "required": ["v"]}
    return {
        name: {**wrap, "properties": {"v": json.loads(key)}} for key, name in found.items()
    }, values


def in_python(wrapped: dict[str, Any], values: list[tuple[str, Any]]) -> list[bool]:
    """jsonschema's answers, after checking that jsonschema-rs gives the same."""
    slow = {name: slow_validator(schema) for name, schema in wrapped.items()}
    fast = {name: _fast_validator(schema) for name, schema in wrapped.items()}
    answers = []
    for name, value in values:
        answers.append(slow[name].is_valid(value))
        assert fast[name].is_valid(value) == answers[-1], (wrapped[name], value)
    return answers


def test_both_python_validators_agree_on_documents(schemas: Schemas) -> None:
    names = ["request", "waiver", "identity", "roles", "sources", "approval-file"]
    names += [f"statement:{kind}" for kind in schemas.evidence_types]
    wrapped, values = cases([schemas.schema(name) for name in names])
    answers = in_python(wrapped, values)
    assert answers.count(True) > len(wrapped)
    assert answers.count(False) > len(answers) // 2


def test_python_and_opa_agree_on_the_flat_form(schemas: Schemas, tmp_path: Path) -> None:
    names = ["flat:request", *(f"flat:{kind}" for kind in schemas.evidence_types)]
    names += [f"flat:{kind}:unmeasured" for kind in schemas.evidence_types]
    wrapped, values = cases([schemas.schema(name) for name in names])
    document = {
        # As the bundle carries them, without counted repetitions.
        "schemas": {name: uncounted(schema) for name, schema in wrapped.items()},
        "cases": [{"schema": name, "value": one} for name, one in values],
    }
    asked = tmp_path / "input.json"
    asked.write_text(json.dumps(document))
    command = [str(OPA), "eval", "--strict-builtin-errors", "-f", "raw", "-i", str(asked), QUERY]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    from_opa = json.loads(done.stdout)
    answers = in_python(wrapped, values)
    assert len(from_opa) == len(answers) > 2000
    assert answers.count(True) > len(wrapped)
    wrong = [(values[index], ours) for index, ours in enumerate(answers) if ours != from_opa[index]]
    assert not wrong, wrong[:5]


def test_sound_examples_of_whole_documents_are_accepted(schemas: Schemas) -> None:
    for kind in schemas.evidence_types:
        for name in (f"flat:{kind}", f"flat:{kind}:unmeasured", f"statement:{kind}"):
            assert schemas.accepts(sound(schemas.schema(name)), name), name
