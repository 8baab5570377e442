from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hallgate.intake.document import Document
from hallgate.intake.house import house_faults
from hallgate.intake.json_strict import parse_json
from hallgate.intake.schema import DOCUMENTS, Schemas
from hallgate.intake.yaml_strict import parse_yaml
from hallgate.model.errors import InvalidDocument

from .conftest import STATEMENT

ROOT = Path(__file__).parents[3]
EVIDENCE = ROOT / "evidence-schemas"
DATA = Path(__file__).parent / "data"


def read(path: Path) -> Document:
    return parse_json(path.read_bytes(), path.name, depth=64)


def test_every_fault_of_a_document_is_named_at_its_place(schemas: Schemas) -> None:
    path = DATA / "request-with-many-faults.yaml"
    with pytest.raises(InvalidDocument) as caught:
        schemas.validate(parse_yaml(path.read_bytes(), "r.yaml"), "request")
    lines = str(caught.value).splitlines()
    assert len(lines) == 8
    assert lines[0].startswith("r.yaml:2:3: model: digest is missing; add digest: text (Digest")
    assert lines[1:3] == [
        "r.yaml:3:12: model.version: 2 is a whole number, not text; quote it",
        "r.yaml:4:3: model: 'digset' is no known field; did you mean digest?",
    ]
    assert "use one of: development, staging, production; did you mean staging?" in lines[3]
    assert lines[4].startswith("r.yaml:7:18: first_promotion: 'true' is text")
    assert lines[5] == "r.yaml:14:9: use.data: the list is too short; at least 1 entries"
    assert lines[6].startswith("r.yaml:16:12: use.summary: the text is too short")
    assert lines[7].startswith("r.yaml:20:14: people.requester: 'Author!' does not have")


@pytest.mark.parametrize("time", ["not a date", "2026-11-20", "2026-11-20T10:00:00", 5])
def test_wrong_timestamps_fail(
    time: object, waiver: dict[str, Any], schemas: Schemas, change: Callable[..., Any]
) -> None:
    data = json.dumps(change(waiver, "expires", time)).encode()
    faults = schemas.faults(parse_json(data, "w.json"), "waiver")
    assert [fault.what.partition(":")[0] for fault in faults] == ["expires"]


TYPES = sorted(
    path.name.partition(".")[0]
    for path in EVIDENCE.glob("*.v1.schema.json")
    if path.name.partition(".")[0] not in ("common", "approval")
)
IPE = (
    ("source",), ("source", "query"), ("source", "system"), ("population",),
    ("population", "definition"), ("population", "count"), ("completeness",),
    ("completeness", "expected"), ("completeness", "observed"), ("collector",), ("collected_at",),
    ("valid_until",),
)  # fmt: skip


@pytest.mark.parametrize("kind", TYPES)
def test_without_query_population_and_completeness_it_is_no_evidence(
    kind: str, schemas: Schemas
) -> None:
    """AT-C 205: of no type is a result believed that does not say how it came to be."""
    example = sorted((ROOT / "tests/schemas" / kind / "valid").glob("*.json"))[0]
    said = copy.deepcopy(STATEMENT)
    said["predicateType"] = f"urn:hallgate:evidence:{kind}:v1"
    said["predicate"]["result"] = json.loads(example.read_text())

    def faults(value: Any) -> list[str]:
        document = parse_json(json.dumps(value).encode(), "e.json", depth=64)
        return [one.what for one in schemas.faults(document, f"statement:{kind}")]

    assert faults(said) == []
    for path in IPE:
        spoiled = copy.deepcopy(said)
        *above, last = path
        holder = spoiled["predicate"]
        for step in above:
            holder = holder[step]
        del holder[last]
        assert any(f"{last} is missing" in one for one in faults(spoiled)), path
        holder[last] = "" if last in ("query", "system", "definition") else None
        assert faults(spoiled), path


def test_a_trailing_newline_does_not_slip_through_a_pattern(
    waiver: dict[str, Any], schemas: Schemas, change: Callable[..., Any]
) -> None:
    data = json.dumps(change(waiver, "owner", "author\n")).encode()
    (fault,) = schemas.faults(parse_json(data, "w.json"), "waiver")
    assert "does not have the right form" in fault.what


def test_types_and_ages(schemas: Schemas) -> None:
    assert "fairness_report" in schemas.evidence_types
    assert "common" not in schemas.evidence_types
    assert schemas.type_of("urn:hallgate:evidence:fairness_report:v1") == "fairness_report"
    assert schemas.type_of("urn:hallgate:evidence:fairness_report:v2") is None
    assert schemas.type_of("https://slsa.dev/provenance/v1") is None
    assert schemas.max_age_days("fairness_report") == 180
    assert schemas.max_age_days("approval") == 36500


def test_an_unknown_schema_name_is_our_own_mistake(schemas: Schemas) -> None:
    with pytest.raises(KeyError):
        schemas.schema("nonsense")


def test_a_reference_is_refused_and_never_fetched(tmp_path: Path) -> None:
    shutil.copytree(EVIDENCE, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "pii_scan.v1.schema.json"
    schema = json.loads(path.read_text())
    schema["properties"]["rows"] = {"$ref": "http://127.0.0.1:9/x.json"}
    path.write_text(json.dumps(schema))
    with pytest.raises(InvalidDocument, match=r"the type None is not allowed"):
        Schemas.load(tmp_path)


def test_load_lists_faults_of_all_files(tmp_path: Path) -> None:
    shutil.copytree(EVIDENCE, tmp_path, dirs_exist_ok=True)
    (tmp_path / "common.v1.schema.json").unlink()
    (tmp_path / "pii_scan.v1.schema.json").write_text('{"$id": ')
    (tmp_path / "notes.json").write_text("{}")
    shutil.copy(EVIDENCE / "model_card.v1.schema.json", tmp_path / "renamed.v1.schema.json")
    with pytest.raises(InvalidDocument) as caught:
        Schemas.load(tmp_path)
    said = str(caught.value)
    assert len(caught.value.faults) == 4
    for part in ("is no JSON", "no schema file by its name", "the $id is", "no common"):
        assert part in said


def test_a_later_major_is_a_type_of_its_own(tmp_path: Path) -> None:
    shutil.copytree(EVIDENCE, tmp_path, dirs_exist_ok=True)
    schema = json.loads((tmp_path / "pii_scan.v1.schema.json").read_text())
    schema["$id"] = "urn:hallgate:evidence:pii_scan:v2"
    (tmp_path / "pii_scan.v2.schema.json").write_text(json.dumps(schema))
    found = Schemas.load(tmp_path)
    assert "pii_scan_v2" in found.evidence_types
    assert found.type_of("urn:hallgate:evidence:pii_scan:v2") == "pii_scan_v2"


@pytest.mark.parametrize(
    "path",
    [*sorted(EVIDENCE.glob("*.json")), *sorted(DOCUMENTS.glob("[!m]*.json"))],
    ids=lambda path: path.name,
)
def test_the_shipped_schemas_are_of_the_house_subset(path: Path) -> None:
    assert house_faults(read(path)) == ()


@pytest.mark.parametrize(
    ("path", "new", "what"),
    [
        ("$schema", "https://json-schema.org/draft/2020-12/schema", "draft-07"),
        ("$id", "https://example.org/x", "urn:hallgate:"),
        ("title", ..., "no title"),
        ("x-hallgate", {}, "max_age_days"),
        ("type", "array", "no object"),
        ("additionalProperties", True, "open"),
        ("additionalProperties", ..., "open"),
        ("required", ["rows"], "is not required"),
        ("$defs", {}, "$defs is not allowed"),
        ("properties.rows", {"$ref": "#/x"}, "type None"),
        ("properties.rows.type", ["integer", "string"], "is not allowed"),
        ("properties.rows.type", "number", "is not allowed"),
        ("properties.rows.maximum", ..., "do not bound"),
        ("properties.files.maxItems", 10**9, "do not bound"),
        ("properties.rows.minimum", 1.5, "do not bound"),
        ("properties.rows.description", ..., "no description"),
        ("properties.rows.multipleOf", 2, "multipleOf is not allowed"),
        ("properties.rows.anyOf", [], "anyOf is not allowed"),
        ("properties.files.maxItems", ..., "do not bound"),
        ("properties.files.items", ..., "is no schema"),
        ("properties.files.items", [{"type": "string"}], "is no schema"),
        ("properties.files.uniqueItems", True, "uniqueItems is not allowed"),
        ("properties.files.items.properties.path.maxLength", ..., "no maxLength"),
        ("properties.files.items.properties.digest.pattern", "^sha256:\\w+$", "differently"),
        ("properties.files.items.properties.digest.pattern", "sha256", "differently"),
        ("properties.files.items.properties.digest.pattern", "^(?=a)a$", "differently"),
        ("properties.files.items.properties.digest.pattern", "^.$", "differently"),
        ("properties.files.items.properties.digest.pattern", "^[a-z]+$", "upper bound"),
        ("properties.files.items.properties.digest.pattern", "^[z-a]$", "differently"),
        ("properties.files.items.properties.digest.format", "uri", "format"),
        ("properties.hits.items.properties.kind.enum", [], "empty"),
        ("properties.hits.items.properties.kind.enum", ["a", "a"], "repeats"),
        ("properties.hits.items.properties.kind.enum", ["a", 1], "no string"),
        ("properties.hits.items.properties.kind.enum", ["a", None], "about null"),
        ("properties.hits.items.properties.kind.type", ["string", "null"], "about null"),
    ],
)
def test_breaches_of_the_house_subset(
    path: str, new: object, what: str, change: Callable[..., Any]
) -> None:
    schema = json.loads((EVIDENCE / "pii_scan.v1.schema.json").read_text())
    text = json.dumps(change(schema, path, new), indent=1)
    document = parse_json(text.encode(), "s.json", depth=64, floats=True)
    faults = house_faults(document)
    assert any(what in fault.what for fault in faults), faults
    assert all(fault.where and fault.where.line for fault in faults)


def test_only_the_common_part_of_evidence_may_leave_members_out() -> None:
    def faults(name: str, **more: Any) -> list[str]:
        schema = json.loads((EVIDENCE / f"{name}.v1.schema.json").read_text())
        schema["x-hallgate"] = {**schema["x-hallgate"], **more}
        document = parse_json(json.dumps(schema).encode(), "s.json", depth=64)
        return [one.what for one in house_faults(document)]

    assert faults("common") == []
    assert any("method is not required" in one for one in faults("common", optional=["sequence"]))
    odd = faults("common", optional=["derived_from", "method", "redactions", "sequence",
                                     "supersedes", "nothing"])  # fmt: skip
    assert any("nothing is required but no property" in one for one in odd)
    assert any("method is not required" in one for one in faults("common", optional="method"))
    schema = json.loads((EVIDENCE / "pii_scan.v1.schema.json").read_text())
    schema["required"].remove("rows")
    schema["x-hallgate"]["optional"] = ["rows"]
    document = parse_json(json.dumps(schema).encode(), "s.json", depth=64)
    assert any("rows is not required" in one.what for one in house_faults(document))


def test_what_may_be_left_out_is_optional_in_every_composed_form(schemas: Schemas) -> None:
    named = {"derived_from", "method", "redactions", "sequence", "supersedes"}
    for kind in schemas.evidence_types:
        for state in ("", ":unmeasured"):
            flat: Any = schemas.schema(f"flat:{kind}{state}")
            said: Any = schemas.schema(f"statement:{kind}{state}")
            for one in (flat, said["properties"]["predicate"]):
                assert set(one["properties"]) - set(one["required"]) == named


_ARMS = [{"required": ["digests"]}, {"required": ["versions"]}]


@pytest.mark.parametrize(
    ("path", "new", "what"),
    [
        ("properties.subject.oneOf", ..., "digests is not required"),
        ("properties.subject.oneOf", [], "no choice"),
        ("properties.subject.oneOf", "digests", "no choice"),
        ("properties.subject.oneOf", _ARMS[:1], "no choice"),
        ("properties.subject.oneOf", [_ARMS[0], _ARMS[0]], "no choice"),
        ("properties.subject.oneOf", [*_ARMS, {"required": ["name"]}], "no choice"),
        ("properties.subject.oneOf", [*_ARMS, {"required": ["other"]}], "no choice"),
        ("properties.subject.oneOf", [*_ARMS, {"type": "object"}], "no choice"),
        ("properties.subject.oneOf", [_ARMS[0], {"required": ["versions", "x"]}], "no choice"),
        ("properties.subject.properties.name.oneOf", _ARMS, "oneOf is not allowed"),
        ("$id", "urn:hallgate:evidence:x:v1", "oneOf is not allowed"),
        ("$id", "urn:hallgate:request:v1", "oneOf is not allowed"),
        ("$id", "urn:hallgate:approval:v1", "oneOf is not allowed"),
    ],
)
def test_a_choice_between_members(
    path: str, new: object, what: str, change: Callable[..., Any]
) -> None:
    schema = json.loads((DOCUMENTS / "waiver.v1.schema.json").read_text())
    text = json.dumps(change(schema, path, new), indent=1)
    document = parse_json(text.encode(), "s.json", depth=64, floats=True)
    faults = house_faults(document)
    assert any(what in fault.what for fault in faults), faults
