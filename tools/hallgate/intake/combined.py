"""One schema for all statements of an input, as texts that OPA puts together.

OPA compiles a schema at every call of json.match_schema, and most of the schema of a
statement is what all types share. So that stands once in a frame, and each type adds what
is its own: frame and types together are a schema of lists by type. Both are made from the
flat schemas, which stay the one home of every shape.
"""

from __future__ import annotations

import json

from hallgate.intake.narrow import a_list, a_text, an_object
from hallgate.model.values import JsonObject, JsonValue

_STATE = ("status", "result")
_OWN = ("type", *_STATE)


def frame(flats: tuple[JsonObject, JsonObject] | None) -> JsonObject:
    """Texts before and after the types; flats are those of any type, None where there is none.

    Each pair of flats is the schema of a measured statement and of an unmeasured one.
    """
    whole: dict[str, JsonValue] = {"type": "object", "additionalProperties": False}
    if flats is not None:
        measured, unmeasured = flats
        # Not below `definitions`: what stands there OPA compiles once more than it is named.
        shared: dict[str, JsonValue] = {**_properties(measured), **{name: {} for name in _OWN}}
        whole["shared"] = {**measured, "properties": shared}
        whole["unmeasured"] = {"properties": _some(unmeasured, _STATE)}
    return {"opening": f'{_text(whole)[:-1]},"properties":{{', "closing": "}}"}


def statements(kind: str, flats: tuple[JsonObject, JsonObject]) -> str:
    """What stands of one type between the texts of the frame: its name and its list."""
    measured, _ = flats
    states: JsonValue = [{"properties": _some(measured, _STATE)}, {"$ref": "#/unmeasured"}]
    own: JsonValue = {"properties": _some(measured, ("type",)), "anyOf": states}
    items: JsonValue = {"allOf": [{"$ref": "#/shared"}, own]}
    return _text({kind: {"type": "array", "items": items}})[1:-1]


def flats_of(constants: JsonObject, kind: str) -> tuple[JsonObject, JsonObject]:
    """The flat schemas of a type again, from what a bundle carries (promotion.generated.schemas).

    Bundles made before 2026-11-26 carry both whole.
    """
    one = an_object(an_object(constants["evidence"])[kind])
    if "measured" in one:
        measured, unmeasured = (a_text(one[part]) for part in ("measured", "unmeasured"))
        return an_object(json.loads(measured)), an_object(json.loads(unmeasured))
    texts = an_object(constants["frame"])
    parts = (a_text(texts["opening"]), a_text(one["statements"]), a_text(texts["closing"]))
    whole = an_object(json.loads("".join(parts)))
    shared = an_object(whole["shared"])
    items = an_object(an_object(_properties(whole)[kind])["items"])
    own = an_object(a_list(items["allOf"])[1])
    measured_state = an_object(a_list(own["anyOf"])[0])
    first, second = (
        {**shared, "properties": {**_properties(shared), **_properties(own), **_properties(state)}}
        for state in (measured_state, an_object(whole["unmeasured"]))
    )
    return first, second


def _properties(schema: JsonObject) -> JsonObject:
    return an_object(schema["properties"])


def _some(schema: JsonObject, names: tuple[str, ...]) -> JsonObject:
    properties = _properties(schema)
    return {name: properties[name] for name in names}


def _text(schema: JsonValue) -> str:
    return json.dumps(schema, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
