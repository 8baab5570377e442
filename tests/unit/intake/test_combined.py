from __future__ import annotations

import json
from typing import Any

import pytest

from hallgate.intake.combined import flats_of, frame
from hallgate.intake.schema import Schemas
from hallgate.intake.shapes import uncounted


def constants(schemas: Schemas) -> dict[str, Any]:
    return {"evidence": schemas.evidence_constants(), "frame": schemas.frame_constant()}


def test_each_type_is_in_the_combined_form_what_its_flat_schemas_are(schemas: Schemas) -> None:
    found = constants(schemas)
    assert sorted(found["evidence"]) == sorted(schemas.evidence_types)
    for kind in schemas.evidence_types:
        flats = tuple(uncounted(schemas.schema(f"flat:{kind}{one}")) for one in ("", ":unmeasured"))
        assert flats_of(found, kind) == flats, kind


def test_nothing_else_is_asked_and_nothing_less(schemas: Schemas) -> None:
    found = constants(schemas)
    texts = [found["evidence"][kind]["statements"] for kind in schemas.evidence_types]
    whole = json.loads(found["frame"]["opening"] + ",".join(texts) + found["frame"]["closing"])
    assert set(whole) == {"type", "additionalProperties", "properties", "shared", "unmeasured"}
    assert (whole["type"], whole["additionalProperties"]) == ("object", False)
    assert sorted(whole["properties"]) == sorted(schemas.evidence_types)
    for kind, lists in whole["properties"].items():
        shared, own = lists["items"]["allOf"]
        assert (set(lists), lists["type"]) == ({"type", "items"}, "array")
        assert (set(lists["items"]), shared) == ({"allOf"}, {"$ref": "#/shared"})
        assert set(own) == {"properties", "anyOf"}
        assert own["properties"] == {"type": {"type": "string", "enum": [kind]}}
        assert [set(one) for one in own["anyOf"]] == [{"properties"}, {"$ref"}]
        assert set(own["anyOf"][0]["properties"]) == {"status", "result"}
        assert own["anyOf"][1] == {"$ref": "#/unmeasured"}
    assert set(whole["unmeasured"]) == {"properties"}
    assert set(whole["unmeasured"]["properties"]) == {"status", "result"}


def test_what_all_types_share_stands_there_once(schemas: Schemas) -> None:
    found = constants(schemas)
    assert "raw_digest" in found["frame"]["opening"]
    for kind in schemas.evidence_types:
        assert "raw_digest" not in found["evidence"][kind]["statements"]


def test_a_repository_without_types_takes_no_statement() -> None:
    texts: Any = frame(None)
    whole = json.loads(texts["opening"] + texts["closing"])
    assert whole == {"type": "object", "additionalProperties": False, "properties": {}}


def test_a_bundle_of_before_is_still_read() -> None:
    first, second = {"type": "object"}, {"type": "null"}
    one = {"measured": json.dumps(first), "unmeasured": json.dumps(second), "max_age_days": 1}
    assert flats_of({"request": {}, "evidence": {"scan": one}}, "scan") == (first, second)


@pytest.mark.parametrize("gone", ["frame", "evidence"])
def test_half_a_bundle_is_an_error(gone: str, schemas: Schemas) -> None:
    found = constants(schemas)
    del found[gone]
    with pytest.raises(KeyError):
        flats_of(found, schemas.evidence_types[0])
