from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from hallgate.intake.flat import to_seconds
from hallgate.intake.schema import Schemas
from hallgate.intake.shapes import DIGEST, IDENTITY

ROOT = Path(__file__).parents[3]
OPA = ROOT / ".tools" / "bin" / "opa"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "at": {"type": "string", "format": "date-time"},
        "name": {"type": "string", "maxLength": 5},
        "events": {
            "type": "array",
            "items": {
                "type": ["object", "null"],
                "properties": {"until": {"type": ["string", "null"], "format": "date-time"}},
            },
        },
    },
}


def test_times_become_seconds_and_nothing_else_changes() -> None:
    value = {
        "at": "1970-01-01T00:01:00Z",
        "name": "x",
        "events": [{"until": None}, {"until": "1970-01-01T00:00:05Z"}, None],
    }
    before = json.dumps(value)
    assert to_seconds(value, SCHEMA) == {
        "at": 60,
        "name": "x",
        "events": [{"until": None}, {"until": 5}, None],
    }
    assert json.dumps(value) == before


def test_generated_schemas_carry_no_prose_and_no_date_time(schemas: Schemas) -> None:
    frame: Any = schemas.frame_constant()
    kinds: Any = schemas.evidence_constants()
    own = ",".join(one["statements"] for one in kinds.values())
    whole = frame["opening"] + own + frame["closing"]
    text = json.dumps([schemas.request_constant(), json.loads(whole)])
    for word in ('"description"', '"title": "', '"$id"', '"$schema"', "x-hallgate", "date-time"):
        assert word not in text
    assert not any(pattern in whole for pattern in (DIGEST, IDENTITY))


def test_a_member_called_title_is_kept(schemas: Schemas) -> None:
    identity: Any = schemas.schema("identity")
    from hallgate.intake.shapes import bare

    assert "title" in bare(identity)["properties"]  # type: ignore[call-overload,index,operator]


def check(schemas: Schemas, folder: Path, *paths: str) -> str:
    schema = folder / "input.schema.json"
    schema.write_text(json.dumps(schemas.input_schema()))
    command = [str(OPA), "check", "--strict", "-s", str(schema), *paths]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return done.stdout + done.stderr


def test_the_repository_s_policies_pass_the_type_checker(schemas: Schemas, tmp_path: Path) -> None:
    assert check(schemas, tmp_path, "policies/promotion") == ""


@pytest.mark.parametrize(
    "body",
    [
        'input.request.modle.digest == "x"',
        "some e in input.evidence.fairnes_report",
        "some e in input.evidence.fairness_report; e.result.rowz > 5",
        "some e in input.evidence.fairness_report; some a in e.result.attributes; a.nam",
        "some e in input.evidence.fairness_report; some a in e.result.attributes; "
        "some c in a.comparisons; c.selection_ratio.estmate_bp > 5",
        'some e in input.evidence.fairness_report; e.signer.identty == "x"',
        'some r in input.rejected; r.typ == "x"',
        'some b in input.trust.builders; b.name == "x"',
        'input.nwo == "x"',
    ],
)
def test_a_misspelt_key_is_caught(body: str, schemas: Schemas, tmp_path: Path) -> None:
    rule = tmp_path / "rule.rego"
    rule.write_text(f"package p\n\ndeny if {{ {body} }}\n")
    assert "undefined ref" in check(schemas, tmp_path, str(rule))


def test_what_rules_may_ask_of_null_passes(schemas: Schemas, tmp_path: Path) -> None:
    rule = tmp_path / "rule.rego"
    rule.write_text(
        "package p\n\ndeny if {\n\tsome e in input.evidence.fairness_report\n"
        "\tis_null(e.signer)\n\te.raw_digest == null\n\tis_null(e.result.consistency_bp)\n"
        '\tsome r in input.rejected\n\tr.type in {"x", null}\n}\n'
    )
    assert check(schemas, tmp_path, str(rule)) == ""
