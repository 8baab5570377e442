"""The law register: frameworks/<framework>.yaml."""

from __future__ import annotations

from pathlib import Path

from hallgate.intake.document import Document
from hallgate.intake.files import read_file
from hallgate.intake.narrow import a_list, a_text, an_object, text_or_none
from hallgate.intake.rfc3339 import seconds
from hallgate.intake.schema import Schemas
from hallgate.intake.yaml_strict import parse_yaml
from hallgate.model.errors import Fault, InvalidDocument
from hallgate.model.law import Control
from hallgate.model.values import JsonObject

_LIMIT = 1024 * 1024
# No controls: words for people (bands and thresholds are in lib/waivers), and periods of retention.
_OTHERS = frozenset({"risk-scale.yaml", "retention.yaml"})


def read_frameworks(folder: Path, schemas: Schemas) -> tuple[Control, ...]:
    """Every control of the register in order of name.

    Raises InvalidDocument with every fault of every file: shape, a file named
    otherwise than its id, an id given twice, a successor that is not registered.
    """
    faults: list[Fault] = []
    controls: dict[str, Control] = {}
    for path in sorted(folder.glob("*.yaml")):
        if path.name in _OTHERS:
            continue
        try:
            document = parse_yaml(read_file(path, _LIMIT), str(path))
        except InvalidDocument as error:
            faults.extend(error.faults)
            continue
        found = schemas.faults(document, "framework")
        if found:
            faults.extend(found)
            continue
        _add(document, path, controls, faults)
    faults.extend(_lost_successors(controls))
    if faults:
        raise InvalidDocument(tuple(faults))
    return tuple(controls[name] for name in sorted(controls))


def _add(document: Document, path: Path, controls: dict[str, Control], faults: list[Fault]) -> None:
    whole = an_object(document.value)
    framework = a_text(whole["id"])
    if framework != path.stem:
        where = document.locate(("id",))
        faults.append(Fault(f"{framework!r} is not the file's name", where, "rename one of them"))
    for index, one in enumerate(a_list(whole["controls"])):
        control = _control(framework, an_object(one))
        if control.name in controls:
            where = document.locate(("controls", index, "id"))
            faults.append(Fault(f"{control.name} is there twice", where, "keep one of them"))
        controls[control.name] = control


def _control(framework: str, one: JsonObject) -> Control:
    return Control(
        framework=framework,
        id=a_text(one["id"]),
        title=a_text(one["title"]),
        force=a_text(one["force"]),
        status=a_text(one["status"]),
        since=_time(one, "from"),
        until=_time(one, "until"),
        superseded_by=text_or_none(one["superseded_by"]),
        source=a_text(one["source"]),
        verified=a_text(one["verified"]),
    )


def _time(one: JsonObject, name: str) -> int | None:
    text = text_or_none(one[name])
    return None if text is None else seconds(text)


def _lost_successors(controls: dict[str, Control]) -> list[Fault]:
    return [
        Fault(
            f"{one.name} is superseded by {one.superseded_by}, which is not registered",
            None,
            "register the successor, or say null",
        )
        for one in controls.values()
        if one.superseded_by is not None and one.superseded_by not in controls
    ]
