"""Reading inventory/<model>.yaml and lists of what is deployed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hallgate.intake.document import Document
from hallgate.intake.files import read_file
from hallgate.intake.narrow import (
    a_list,
    a_text,
    an_integer,
    an_object,
    integer_or_none,
    text_or_none,
)
from hallgate.intake.positions import Pointer
from hallgate.intake.requests import read_document
from hallgate.intake.schema import Schemas
from hallgate.intake.yaml_strict import parse_yaml
from hallgate.model.errors import Fault, InvalidDocument, Location
from hallgate.model.inventory import Deployed, Deployment, Model
from hallgate.model.trust import Trust
from hallgate.model.values import JsonObject

_LIMIT = 64 * 1024
_LARGEST = 64 * 1024 * 1024


def read_inventory(folder: Path, trust: Trust, schemas: Schemas) -> tuple[Model, ...]:
    """Every model in order of name; none where there is no folder.

    Raises InvalidDocument with every fault of every file.
    """
    faults: list[Fault] = []
    models: list[Model] = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.suffix in {".yml", ".json"}:
            words = "end its name in .yaml, or it would be overlooked"
            faults.append(Fault("is no model by its name", Location(str(path)), words))
        if path.suffix != ".yaml":
            continue
        try:
            document = parse_yaml(read_file(path, _LIMIT), str(path))
            schemas.validate(document, "model")
        except InvalidDocument as error:
            faults.extend(error.faults)
            continue
        said = an_object(schemas.plan("model").apply(document.value))
        faults += [
            Fault(what, document.locate(pointer), remedy)
            for pointer, what, remedy in _problems(said, path, trust)
        ]
        models.append(_model(said, path))
    if faults:
        raise InvalidDocument(tuple(faults))
    return tuple(models)


def active_models(folder: Path, trust: Trust, schemas: Schemas) -> frozenset[str]:
    """Names of the models that are not retired; raises as read_inventory does."""
    models = read_inventory(folder, trust, schemas)
    return frozenset(one.name for one in models if one.retired_at is None)


def read_deployed(path: Path, schemas: Schemas) -> Deployed:
    """What a platform says is live, from YAML or JSON.

    Raises UsageError where there is no such file, InvalidDocument with every fault.
    """
    document = read_document(path, _LARGEST)
    schemas.validate(document, "deployed")
    said = an_object(schemas.plan("deployed").apply(document.value))
    source, complete = an_object(said["source"]), an_object(said["completeness"])
    deployments = tuple(_deployment(an_object(one)) for one in a_list(said["deployments"]))
    if an_integer(complete["observed"]) != len(deployments):
        raise _uncounted(document, len(deployments))
    return Deployed(
        observed_at=an_integer(said["observed_at"]),
        system=a_text(source["system"]),
        query=a_text(source["query"]),
        expected=integer_or_none(complete["expected"]),
        deployments=deployments,
        file=str(path),
        digest=document.digest,
    )


def _problems(said: JsonObject, path: Path, trust: Trust) -> Iterator[tuple[Pointer, str, str]]:
    name, owner = a_text(said["name"]), a_text(said["owner"])
    if path.stem != name:
        yield ("name",), f"the name {name} is not the file's name", f"name the file {name}.yaml"
    if trust.identity(owner) is None:
        yield ("owner",), f"{owner} is no identity", "name an identity of trust/"
    if (said["vendor"] is None) != (said["origin"] == "in_house"):
        yield ("vendor",), "vendor does not go with origin", "name who made it, or null"
    if bool(said["gated"]) != (said["why_ungated"] is None):
        yield ("why_ungated",), "why_ungated does not go with gated", "give a reason, or null"
    if (said["status"] == "retired") != (said["retired_at"] is not None):
        yield ("retired_at",), "retired_at does not go with status", "give the time, or null"


def _model(said: JsonObject, path: Path) -> Model:
    return Model(
        name=a_text(said["name"]),
        title=a_text(said["title"]),
        owner=a_text(said["owner"]),
        origin=a_text(said["origin"]),
        vendor=text_or_none(said["vendor"]),
        sector=a_text(said["sector"]),
        use=a_text(said["use"]),
        gated=bool(said["gated"]),
        why_ungated=text_or_none(said["why_ungated"]),
        retired_at=integer_or_none(said["retired_at"]),
        file=str(path),
    )


def _deployment(said: JsonObject) -> Deployment:
    return Deployment(
        a_text(said["name"]), text_or_none(said["digest"]), a_text(said["stage"]),
        a_text(said["where"]),
    )  # fmt: skip


def _uncounted(document: Document, count: int) -> InvalidDocument:
    return InvalidDocument.one(
        f"lists {count} deployments and says another number",
        where=document.locate(("completeness", "observed")),
        remedy="was it cut short? ask the platform again",
    )
