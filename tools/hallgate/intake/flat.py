"""From documents to the flat form of the input document: times become seconds.

Where the times stand is read from the schema, once; values are walked only there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hallgate.intake.narrow import a_list, a_text, an_object
from hallgate.intake.rfc3339 import seconds
from hallgate.intake.shapes import seconds_schema
from hallgate.model.values import JsonObject, JsonValue

__all__ = ["TimePlan", "plan", "seconds_schema", "to_seconds"]


@dataclass(frozen=True, slots=True)
class TimePlan:
    """Where times stand below one schema: here, in the items, in members; all empty for nowhere."""

    here: bool = False
    items: TimePlan | None = None
    members: tuple[tuple[str, TimePlan], ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is no time here or below."""
        return not (self.here or self.items or self.members)

    def apply(self, value: JsonValue) -> JsonValue:
        """The value with each time as whole seconds; raises ValueError for what is no time."""
        if value is None or self.empty:
            return value
        if self.here:
            return seconds(a_text(value))
        if self.items is not None:
            return [self.items.apply(item) for item in a_list(value)]
        changed = dict(an_object(value))
        for name, below in self.members:
            changed[name] = below.apply(changed[name])
        return changed

    def apply_object(self, value: JsonObject) -> JsonObject:
        """The same for an object."""
        return an_object(self.apply(value))


def plan(schema: JsonValue) -> TimePlan:
    """Where times stand in documents of this schema."""
    if not isinstance(schema, Mapping):
        return TimePlan()
    if schema.get("format") == "date-time":
        return TimePlan(here=True)
    below = plan(schema.get("items"))
    members = []
    properties = schema.get("properties")
    if isinstance(properties, Mapping):
        plans = ((name, plan(inner)) for name, inner in properties.items())
        members = [(name, found) for name, found in plans if not found.empty]
    return TimePlan(items=None if below.empty else below, members=tuple(members))


def to_seconds(value: JsonValue, schema: JsonValue) -> JsonValue:
    """A valid value with each `format: date-time` text as whole seconds since 1970.

    Raises ValueError where a text is no time, which a value that passed its
    schema cannot bring about.
    """
    return plan(schema).apply(value)
