"""Reading a promotion request."""

from __future__ import annotations

from pathlib import Path

from hallgate.intake.document import Document
from hallgate.intake.files import read_file
from hallgate.intake.json_strict import parse_json
from hallgate.intake.narrow import a_text, an_object, texts
from hallgate.intake.schema import Schemas
from hallgate.intake.yaml_strict import parse_yaml
from hallgate.model.documents import Request
from hallgate.model.errors import Fault, Location, UsageError
from hallgate.model.trust import Trust

LIMIT = 1024 * 1024


def read_document(path: Path, limit: int = LIMIT) -> Document:
    """A .yaml, .yml or .json file, by its ending.

    Raises UsageError for another ending or no file, InvalidDocument for
    malformed text, StorageError where the file cannot be read.
    """
    if not path.exists():
        raise UsageError(
            "there is no such file", where=Location(str(path)), remedy="check the path"
        )
    if path.suffix not in {".yaml", ".yml", ".json"}:
        raise UsageError(
            "the ending says neither YAML nor JSON",
            where=Location(str(path)),
            remedy="name it .yaml or .json",
        )
    data = read_file(path, limit)
    parse = parse_json if path.suffix == ".json" else parse_yaml
    return parse(data, str(path), limit=limit)


def read_request(path: Path, schemas: Schemas) -> Request:
    """A promotion request from YAML or JSON.

    Raises InvalidDocument with every fault of the request; else as read_document.
    """
    document = read_document(path)
    schemas.validate(document, "request")
    value = schemas.plan("request").apply(document.value)
    return Request(an_object(value), str(path), document.digest)


def people_faults(request: Request, trust: Trust) -> tuple[Fault, ...]:
    """A fault for each person of a request who is no identity of trust, in document order.

    Nobody knows whether a stranger is the approver under another name, so duties that
    are to be separate could not be told apart.
    """
    people = an_object(request.document["people"])
    named = [("requester", a_text(people["requester"]))]
    named += [("author", author) for author in texts(people["authors"])]
    named.append(("promoter", a_text(people["promoter"])))
    return tuple(
        Fault(
            f"the {duty} {person!r} is not an identity of trust/",
            Location(request.file),
            "name somebody of trust/identities, or add the identity there first",
        )
        for duty, person in named
        if trust.identity(person) is None
    )
