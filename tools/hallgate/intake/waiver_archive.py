"""Waivers that have ended, in exceptions/archive/<year>/: kept to be read, never to count."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hallgate.intake.exceptions import LIMIT
from hallgate.intake.files import read_file
from hallgate.intake.narrow import a_text, an_object
from hallgate.intake.schema import Schemas
from hallgate.intake.waivers import ARCHIVE
from hallgate.intake.yaml_strict import parse_yaml
from hallgate.model.errors import Fault, InvalidDocument, Location
from hallgate.model.values import JsonObject


@dataclass(frozen=True, slots=True)
class Ended:
    """A waiver of the archive; times of the document are in seconds."""

    id: str
    document: JsonObject
    file: str


def read_ended(exceptions: Path, schemas: Schemas) -> tuple[Ended, ...]:
    """Every archived waiver, in order of id; raises InvalidDocument with every fault."""
    found: dict[str, Ended] = {}
    faults: list[Fault] = []
    for path in sorted((exceptions / ARCHIVE).glob("*/*.yaml")):
        try:
            if path.is_symlink():
                raise InvalidDocument.one(
                    "is a symbolic link",
                    where=Location(str(path)),
                    remedy="put the file itself here",
                )
            document = parse_yaml(read_file(path, LIMIT), str(path), limit=LIMIT)
            schemas.validate(document, "waiver")
        except InvalidDocument as error:
            faults.extend(error.faults)
            continue
        timed = schemas.plan("waiver").apply_object(an_object(document.value))
        one = Ended(a_text(timed["id"]), timed, str(path))
        if one.id in found:
            what = f"the id {one.id} stands in {found[one.id].file} already"
            faults.append(Fault(what, document.locate(("id",)), "keep one of them"))
        found[one.id] = one
    if faults:
        raise InvalidDocument(tuple(faults))
    return tuple(found[name] for name in sorted(found))
