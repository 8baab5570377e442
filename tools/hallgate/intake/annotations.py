"""METADATA below promotion.rules, from what `opa inspect --annotations -f json` prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hallgate.intake.narrow import a_list, a_text, an_object, texts
from hallgate.intake.schema import Schemas
from hallgate.model.errors import InvalidDocument, Location
from hallgate.model.values import JsonObject, JsonValue

_RULES = ("data", "promotion", "rules")


@dataclass(frozen=True, slots=True)
class Annotation:
    """METADATA with the package it describes, without `data`, and its place."""

    package: tuple[str, ...]
    scope: str
    notes: JsonObject
    where: Location

    @property
    def of_family(self) -> bool:
        """Whether it describes a family: all packages below promotion.rules.<family>."""
        return len(self.package) == 3 and self.scope == "subpackages"


def rule_annotations(annotations: JsonValue) -> Iterator[Annotation]:
    """METADATA of packages below promotion.rules; that of single rules is left out.

    Raises InvalidDocument for what is no answer of `opa inspect`.
    """
    for entry in a_list(_inspected(annotations).get("annotations") or []):
        found = an_object(entry)
        path = tuple(str(an_object(part)["value"]) for part in a_list(found["path"]))
        notes = an_object(found["annotations"])
        scope = str(notes.get("scope"))
        if path[:3] == _RULES and scope in {"package", "subpackages"}:
            yield Annotation(path[1:], scope, notes, _where(found))


def rule_packages(annotations: JsonValue) -> Iterator[tuple[tuple[str, ...], Location | None]]:
    """Packages below promotion.rules that are no tests, without `data`, with their first file."""
    spaces = an_object(_inspected(annotations).get("namespaces") or {})
    for name in sorted(spaces):
        path = tuple(name.split("."))
        if path[:3] == _RULES and not name.endswith("_test"):
            files = texts(spaces[name])
            yield path[1:], Location(files[0]) if files else None


def shape_faults(notes: JsonObject, schemas: Schemas, name: str) -> Iterator[tuple[str, str]]:
    """What of METADATA is not as the schema of this name has it, each with a remedy."""
    if schemas.accepts(notes, name):
        return
    from hallgate.intake.faults import said_faults  # jsonschema is slow to import

    for pointer, at_key, what, remedy in said_faults(notes, schemas.schema(name)):
        place = ".".join(str(part) for part in (pointer[:-1] if at_key else pointer))
        yield f"METADATA {place}: {what}" if place else f"METADATA: {what}", remedy


def _inspected(annotations: JsonValue) -> JsonObject:
    if isinstance(annotations, Mapping):
        return annotations
    raise InvalidDocument.one(
        "is not what `opa inspect --annotations -f json` prints",
        remedy="hand over its whole output",
    )


def _where(entry: JsonObject) -> Location:
    place = an_object(entry["location"])
    row: Any = place.get("row")
    column: Any = place.get("col")
    return Location(a_text(place["file"]), row, column)
