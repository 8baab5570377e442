"""The house subset of JSON Schema, checked on the schema files themselves.

Draft-07, closed, every property required, null instead of optional, everything
bounded, no $ref: within it Python's validators, OPA's json.match_schema and
OPA's type checker give one answer (reference: rego-core.md, section 3). A document
that is no input of OPA may ask for exactly one of several members: `oneOf` with
`{"required": [name]}` for each. The common part of evidence lists in `x-hallgate.optional` what
may be left out; policies read none of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from hallgate.intake.document import Document
from hallgate.intake.positions import Pointer
from hallgate.model.errors import Fault, Location
from hallgate.model.values import JsonObject, JsonValue

DRAFT = "http://json-schema.org/draft-07/schema#"
LARGEST = 2**53 - 1
COMMON = "urn:hallgate:evidence:common:v1"
AGELESS = frozenset({COMMON, "urn:hallgate:evidence:approval:v1"})
"""No result of a measurement: the age of approvals is judged by APR-003."""

_INPUTS = ("urn:hallgate:evidence:", "urn:hallgate:request:", "urn:hallgate:approval:")
_TOP = frozenset({"$schema", "$id", "title", "x-hallgate"})
_BOUNDS = {
    "object": frozenset({"properties", "required", "additionalProperties"}),
    "array": frozenset({"items", "minItems", "maxItems"}),
    "string": frozenset({"minLength", "maxLength", "pattern", "enum", "format"}),
    "integer": frozenset({"minimum", "maximum", "enum"}),
    "boolean": frozenset[str](),
}
_QUANTIFIER = r"(?:[*+?]|\{[0-9]{1,3}(?:,[0-9]{1,3})?\})?"
_CLASS = r"\[\^?(?:[A-Za-z0-9_./:@+~ ]-[A-Za-z0-9_./:@+~ ]|[A-Za-z0-9_./:@+~ ]|\\[.\-+*?])+-?\]"
_LITERAL = r"[A-Za-z0-9_/:@~ ,=\-]|\\[.+*?()\[\]{}|]"
# Groups one level deep; no \d, \w, \s, dot, look-around or back references:
# Python and RE2 read those differently, or RE2 not at all.
_ATOM = rf"(?:{_CLASS}|{_LITERAL})"
_BRANCH = rf"(?:{_ATOM}{_QUANTIFIER})*"
_GROUP = rf"\((?:\?:)?{_BRANCH}(?:\|{_BRANCH})*\)"
_PATTERN = re.compile(rf"\^(?:(?:{_ATOM}|{_GROUP}){_QUANTIFIER})+\$")

_Problem = tuple[Pointer, str, str]


def house_faults(schema: Document) -> tuple[Fault, ...]:
    """Every breach of the house subset in a schema file, in order of place."""
    problems = [*_top(schema.value), *_node(schema.value, (), _choices_allowed(schema.value))]
    if not problems:
        return ()
    places = schema.places()
    found = []
    for pointer, what, remedy in problems:
        place = places.value(pointer) or (0, 0)
        path = "/".join(str(part) for part in pointer)
        where = Location(schema.file, *place) if place[0] else Location(schema.file)
        found.append((place, Fault(f"{path}: {what}" if path else what, where, remedy)))
    return tuple(fault for _, fault in sorted(found, key=lambda one: one[0]))


def _top(schema: JsonValue) -> Iterator[_Problem]:
    if not isinstance(schema, Mapping):
        return
    if schema.get("$schema") != DRAFT:
        yield ("$schema",), "the draft is not draft-07", f'set "$schema" to "{DRAFT}"'
    if not isinstance(schema.get("$id"), str) or not str(schema["$id"]).startswith("urn:hallgate:"):
        yield ("$id",), "there is no urn:hallgate: id", "give it one; no address is ever fetched"
    if not schema.get("title"):
        yield (), "there is no title", "name the document in a few words"
    if "object" not in _types(schema.get("type")):
        yield (), "the whole is no object", 'set "type" to "object"'
    name = str(schema.get("$id", ""))
    extra = schema.get("x-hallgate")
    if name.startswith("urn:hallgate:evidence:") and name not in AGELESS:
        age = extra.get("max_age_days") if isinstance(extra, Mapping) else None
        if type(age) is not int or not 1 <= age <= 36500:
            yield (), "x-hallgate.max_age_days is missing", "say after how many days it is stale"


def optional_of(schema: JsonObject) -> frozenset[str]:
    """Members that may be left out: of the common part of evidence alone, which names them."""
    extra = schema.get("x-hallgate") if schema.get("$id") == COMMON else None
    named = extra.get("optional") if isinstance(extra, Mapping) else None
    listed = named if isinstance(named, Sequence) and not isinstance(named, str) else ()
    return frozenset(map(str, listed))


def _choices_allowed(schema: JsonValue) -> bool:
    """Not in what OPA gets as input: its type checker does not see through oneOf."""
    name = str(schema.get("$id")) if isinstance(schema, Mapping) else ""
    return not name.startswith(_INPUTS)


def _node(schema: JsonValue, at: Pointer, choices: bool) -> Iterator[_Problem]:
    if not isinstance(schema, Mapping):
        yield at, "is no schema", "write an object with a type"
        return
    kinds = _types(schema.get("type"))
    base = next((kind for kind in kinds if kind != "null"), None)
    if base not in _BOUNDS or len(kinds) > 2 or (len(kinds) == 2 and "null" not in kinds):
        words = 'use object, array, string, integer or boolean, or [one of them, "null"]'
        yield (*at, "type"), f"the type {schema.get('type')!r} is not allowed", words
        return
    if not schema.get("description"):
        yield at, "there is no description", "say what it is, in one sentence"
    allowed = _BOUNDS[base] | {"type", "description"} | (_TOP if not at else frozenset())
    if choices and base == "object":
        allowed |= {"oneOf"}
    for keyword in schema:
        if keyword not in allowed:
            remedy = f"for {base} the house subset has {', '.join(sorted(_BOUNDS[base])) or 'none'}"
            yield (*at, keyword), f"the keyword {keyword} is not allowed", remedy
    if base == "object":
        yield from _object(schema, at, choices)
    elif base == "array":
        yield from _array(schema, at, choices)
    elif base == "string":
        yield from _string(schema, at)
    elif base == "integer":
        yield from _integer(schema, at)
    yield from _enum(schema, base, "null" in kinds, at)


def _types(value: JsonValue) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(str(one) for one in value) if isinstance(value, Sequence) else ()


def _choice(schema: JsonObject) -> tuple[str, ...] | None:
    """Names of which exactly one must stand there; none without oneOf, None where it is odd."""
    if "oneOf" not in schema:
        return ()
    arms = schema["oneOf"]
    named = []
    for arm in arms if isinstance(arms, Sequence) and not isinstance(arms, str) else ():
        only = arm.get("required") if isinstance(arm, Mapping) and len(arm) == 1 else None
        if not isinstance(only, Sequence) or len(only) != 1 or not isinstance(only[0], str):
            return None
        named.append(only[0])
    return tuple(named) if len(set(named)) == len(named) > 1 else None


def _object(schema: JsonObject, at: Pointer, choices: bool) -> Iterator[_Problem]:
    if schema.get("additionalProperties") is not False:
        yield at, "the object is open", 'set "additionalProperties" to false'
    properties = schema.get("properties")
    if not isinstance(properties, Mapping) or not properties:
        yield at, "the object has no properties", "name its properties"
        return
    required = schema.get("required")
    named = {*map(str, required if isinstance(required, Sequence) else ()), *optional_of(schema)}
    choice = _choice(schema)
    if choice is None or not set(choice) <= set(properties) - named:
        words = 'list two or more {"required": ["<name>"]}, each of a property not required itself'
        yield (*at, "oneOf"), "this is no choice between members", words
    for name in properties:
        if name not in named and name not in (choice or ()):
            yield (
                (*at, "properties", name),
                f"{name} is not required",
                'require it, and allow "null" where it may be absent',
            )
        yield from _node(properties[name], (*at, "properties", name), choices)
    for one in sorted(named - set(properties)):
        yield (*at, "required"), f"{one} is required but no property", "leave it out"


def _array(schema: JsonObject, at: Pointer, choices: bool) -> Iterator[_Problem]:
    yield from _bounds(schema, "minItems", "maxItems", 0, 100_000, at)
    yield from _node(schema.get("items"), (*at, "items"), choices)


def _string(schema: JsonObject, at: Pointer) -> Iterator[_Problem]:
    if "enum" in schema:
        return
    if "format" in schema:
        if schema["format"] != "date-time":
            yield (*at, "format"), "this format is not allowed", "use date-time, or a pattern"
        return
    pattern = schema.get("pattern")
    if pattern is None:
        # An empty text is a value: only the upper bound must be there.
        bound = schema.get("maxLength")
        if type(bound) is not int or not 1 <= bound <= 1_000_000:
            yield at, "the text has no maxLength", "bound it, or give an enum, pattern or format"
    elif not isinstance(pattern, str) or not _sound_pattern(pattern):
        yield (
            (*at, "pattern"),
            "RE2 and Python may read this pattern differently",
            "use ^…$ with plain characters, [classes], groups and {m,n}",
        )
    elif re.search(r"[*+]|,\}", pattern) and "maxLength" not in schema:
        yield at, "the pattern has no upper bound", "use {m,n} or maxLength"


def _sound_pattern(pattern: str) -> bool:
    if _PATTERN.fullmatch(pattern) is None:
        return False
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def _integer(schema: JsonObject, at: Pointer) -> Iterator[_Problem]:
    if "enum" not in schema:
        yield from _bounds(schema, "minimum", "maximum", -LARGEST, LARGEST, at)


def _bounds(
    schema: JsonObject, low: str, high: str, least: int, most: int, at: Pointer
) -> Iterator[_Problem]:
    lower, upper = schema.get(low), schema.get(high)
    if type(lower) is not int or type(upper) is not int or not least <= lower <= upper <= most:
        words = f"give {low} and {high} between {least} and {most}"
        yield at, f"{low} and {high} do not bound it", words


def _enum(schema: JsonObject, base: str, nullable: bool, at: Pointer) -> Iterator[_Problem]:
    if "enum" not in schema:
        return
    values = schema["enum"]
    if isinstance(values, str) or not isinstance(values, Sequence) or not values:
        yield (*at, "enum"), "the enum is empty", "list its values"
        return
    wanted = str if base == "string" else int
    rest = [value for value in values if value is not None]
    if len({repr(value) for value in values}) != len(values):
        yield (*at, "enum"), "the enum repeats a value", "list each once"
    if not rest or any(type(value) is not wanted for value in rest):
        yield (*at, "enum"), f"the enum holds what is no {base}", f"list {base} values"
    if (None in values) != nullable:
        yield (*at, "enum"), "enum and type disagree about null", "name null in both or in neither"
