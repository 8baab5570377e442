"""A parsed document that still knows its file and, when asked, its lines."""

from __future__ import annotations

from dataclasses import dataclass, field

from hallgate.intake.positions import Places, Pointer, json_places, yaml_places
from hallgate.model.errors import Location
from hallgate.model.values import JsonValue


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON value with its file and the digest, sha256:<hex>, of the file's bytes.

    raw and form (json or yaml) serve to find positions again; places() reads
    the text a second time, so it is for faults alone.
    """

    value: JsonValue
    file: str
    digest: str
    raw: bytes = field(repr=False, compare=False)
    form: str = field(repr=False, compare=False)

    def places(self) -> Places:
        """Line and column of every part."""
        if self.form == "yaml":
            return yaml_places(self.raw)
        return json_places(self.raw.decode("utf-8"))

    def locate(self, pointer: Pointer) -> Location:
        """The place of the value at this pointer, or of the nearest part around it."""
        return Location(self.file, *(self.places().value(pointer) or (None, None)))
