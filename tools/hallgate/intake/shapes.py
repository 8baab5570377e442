"""Schemas composed from the files: statements, approval files and flat evidence.

One home per fact: the shape of a result is its file in evidence-schemas/; what
stands around every result is written here once (formats.md, "Evidence").
"""

from __future__ import annotations

from collections.abc import Mapping

from hallgate.intake.house import optional_of
from hallgate.intake.narrow import a_list, an_integer, an_object
from hallgate.intake.rfc3339 import LARGEST_SECONDS
from hallgate.model.values import JsonObject, JsonValue

STATEMENT = "https://in-toto.io/Statement/v1"
APPROVAL_TYPE = "urn:hallgate:approval:v1"
IDENTITY = "^[a-z][a-z0-9-]{0,62}$"
DIGEST = "^sha256:[0-9a-f]{64}$"
# The same texts by pattern, least and greatest length. OPA compiles the patterns of a statement's
# schema for every statement, and a counted repetition costs it many times its length.
_UNCOUNTED = {DIGEST: ("^sha256:[0-9a-f]*$", 71, 71), IDENTITY: ("^[a-z][a-z0-9-]*$", 1, 63)}

_DROPPED = frozenset({"$schema", "$id", "title", "description", "x-hallgate"})


def closed(properties: JsonObject, optional: frozenset[str] = frozenset()) -> JsonObject:
    """A closed object that requires all its properties but these."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": sorted(set(properties) - optional),
        "properties": properties,
    }


def text(longest: int, shortest: int = 1) -> JsonObject:
    """Text of bounded length, in characters."""
    return {"type": "string", "minLength": shortest, "maxLength": longest}


def one_of(*values: str) -> JsonObject:
    """Text from a list."""
    return {"type": "string", "enum": list(values)}


def shaped(pattern: str) -> JsonObject:
    """Text with a pattern."""
    return {"type": "string", "pattern": pattern}


def uncounted(schema: JsonValue) -> JsonValue:
    """A schema that takes the same values, without the counted repetitions known here."""
    if isinstance(schema, list):
        return [uncounted(one) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    found = {name: uncounted(one) for name, one in schema.items()}
    known = _UNCOUNTED.get(str(schema.get("pattern")))
    if known is None:
        return found
    pattern, least, most = known
    least = max(least, an_integer(found.get("minLength", 0)))
    most = min(most, an_integer(found.get("maxLength", most)))
    return {**found, "pattern": pattern, "minLength": least, "maxLength": most}


def many(items: JsonValue, least: int, most: int) -> JsonObject:
    """A list of bounded length."""
    return {"type": "array", "minItems": least, "maxItems": most, "items": items}


def statement(predicate_type: str, predicate: JsonObject, name: JsonObject) -> JsonObject:
    """An in-toto Statement v1 about exactly one subject."""
    subject = closed({"name": name, "digest": closed({"sha256": shaped("^[0-9a-f]{64}$")})})
    return closed(
        {
            "_type": one_of(STATEMENT),
            "subject": many(subject, 1, 1),
            "predicateType": one_of(predicate_type),
            "predicate": predicate,
        }
    )


def evidence_predicate(common: JsonObject, result: JsonObject, measured: bool) -> JsonObject:
    """Common part and result; a result stands there exactly when something was measured."""
    return closed(_with_result(common, result, measured), optional_of(common))


def flat_evidence(
    kind: str, types: tuple[str, ...], common: JsonObject, result: JsonObject, measured: bool
) -> JsonObject:
    """The flat form of one evidence type, times already in seconds."""
    signer = closed(
        {
            "identity": shaped(IDENTITY),
            "kind": one_of("person", "machine"),
            "roles": many(shaped(IDENTITY), 0, 100),
            "evidence_types": many(one_of(*types), 0, len(types)),
        }
    )
    parts: dict[str, JsonValue] = {
        "type": one_of(kind),
        "file": text(1000),
        "digest": shaped(DIGEST),
        "subject": closed({"name": text(300), "digest": shaped(DIGEST)}),
        "signer": {**signer, "type": ["object", "null"]},
    }
    return closed({**parts, **_with_result(common, result, measured)}, optional_of(common))


def approval_file(predicate: JsonObject) -> JsonObject:
    """The file *.approval.json: statement and detached SSH signature."""
    spoken = statement(APPROVAL_TYPE, predicate, text(300))
    return closed({"statement": spoken, "signature": text(20_000)})


def _with_result(common: JsonObject, result: JsonObject, measured: bool) -> JsonObject:
    properties = an_object(common["properties"])
    states = a_list(an_object(properties["status"])["enum"])
    kept = [state for state in states if (state == "measured") == measured]
    status = {**an_object(properties["status"]), "enum": kept}
    return {**properties, "status": status, "result": result if measured else {"type": "null"}}


def bare(schema: JsonValue) -> JsonValue:
    """A schema without titles, descriptions, ids and x- members: what a validator reads."""
    if not isinstance(schema, Mapping):
        return schema
    kept: dict[str, JsonValue] = {}
    for key, value in schema.items():
        if key == "properties":
            kept[key] = {name: bare(inner) for name, inner in an_object(value).items()}
        elif key == "items":
            kept[key] = bare(value)
        elif key not in _DROPPED:
            kept[key] = value
    return kept


def seconds_schema(schema: JsonValue) -> JsonValue:
    """The schema of the flat form: each date-time text becomes a bounded whole number."""
    if not isinstance(schema, Mapping):
        return schema
    if schema.get("format") == "date-time":
        nullable = not isinstance(schema["type"], str)
        kept = {key: value for key, value in schema.items() if key in _DROPPED}
        kind: JsonValue = ["integer", "null"] if nullable else "integer"
        return {**kept, "type": kind, "minimum": 0, "maximum": LARGEST_SECONDS}
    kept = dict(schema)
    if "properties" in kept:
        inner = an_object(kept["properties"])
        kept["properties"] = {name: seconds_schema(one) for name, one in inner.items()}
    if "items" in kept:
        kept["items"] = seconds_schema(kept["items"])
    return kept


def checker_schema(schema: JsonValue) -> JsonValue:
    """The schema as OPA's type checker serves best: nullable values spelled out or dropped.

    Measured with OPA 1.22.0: of a list of types the checker believes the first
    alone, and calls a comparison with null a type error; of anyOf it believes
    both, but no longer sees misspelt keys below. So scalars become anyOf, and
    objects and lists lose their null (rules ask is_null, which is always allowed).
    """
    if not isinstance(schema, Mapping):
        return schema
    kept = dict(schema)
    if "properties" in kept:
        inner = an_object(kept["properties"])
        kept["properties"] = {name: checker_schema(one) for name, one in inner.items()}
    if "items" in kept:
        kept["items"] = checker_schema(kept["items"])
    if isinstance(kept.get("type"), str):
        return kept
    kept["type"] = next(kind for kind in a_list(kept["type"]) if kind != "null")
    if kept["type"] in {"object", "array"}:
        return kept
    return {"anyOf": [kept, {"type": "null"}]}
