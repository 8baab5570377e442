"""The law register: frameworks/<framework>.yaml."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from hallgate.intake.document import Document
from hallgate.intake.files import read_file
from hallgate.intake.narrow import a_list, a_text, an_object, text_or_none, texts
from hallgate.intake.rfc3339 import seconds
from hallgate.intake.schema import Schemas
from hallgate.intake.yaml_strict import parse_yaml
from hallgate.model.errors import Fault, InvalidDocument
from hallgate.model.law import Control, Extent
from hallgate.model.values import JsonObject

_LIMIT = 1024 * 1024
# No controls: words for people (bands and thresholds are in lib/waivers), periods of retention,
# and what the numbers of coverage are of.
COVERAGE = "coverage.yaml"
_OTHERS = frozenset({COVERAGE, "risk-scale.yaml", "retention.yaml"})


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
            document = _document(read_file(path, _LIMIT), str(path))
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


def _document(data: bytes, file: str) -> Document:
    """The parsed file; equal bytes are parsed once, as a review reads the register twice."""
    try:
        return replace(_parsed(data), file=file)
    except InvalidDocument:
        return parse_yaml(data, file)  # raises the same, and names the file


@lru_cache(maxsize=64)
def _parsed(data: bytes) -> Document:
    return parse_yaml(data, "")


def read_extents(
    folder: Path, schemas: Schemas, controls: tuple[Control, ...]
) -> tuple[Extent, ...]:
    """What coverage.yaml says of each framework, in order of id; nothing where there is no file.

    Raises InvalidDocument with every fault: shape, a framework or control that is not in the
    register, a framework twice, a control both automated and manual.
    """
    path = folder / COVERAGE
    if not path.is_file():
        return ()
    document = parse_yaml(read_file(path, _LIMIT), str(path))
    found = schemas.faults(document, "coverage")
    if found:
        raise InvalidDocument(tuple(found))
    faults: list[Fault] = []
    extents: dict[str, Extent] = {}
    for index, one in enumerate(a_list(an_object(document.value)["frameworks"])):
        extent = _extent(an_object(one))
        for what, remedy in _doubts(extent, {one.name for one in controls}, extents):
            where = document.locate(("frameworks", index, "id"))
            faults.append(Fault(f"{extent.framework}: {what}", where, remedy))
        extents[extent.framework] = extent
    if faults:
        raise InvalidDocument(tuple(faults))
    return tuple(extents[name] for name in sorted(extents))


def _extent(one: JsonObject) -> Extent:
    manual = [an_object(entry) for entry in a_list(one["manual"])]
    return Extent(
        framework=a_text(one["id"]),
        whole=bool(one["whole"]),
        denominator=a_text(one["denominator"]),
        automated=texts(one["automated"]),
        manual=tuple((a_text(entry["id"]), a_text(entry["how"])) for entry in manual),
    )


def _doubts(
    extent: Extent, known: set[str], before: dict[str, Extent]
) -> Iterator[tuple[str, str]]:
    name = extent.framework
    if name in before:
        yield "stands here twice", "keep one entry"
    if not any(one.startswith(f"{name}:") for one in known):
        yield "is not in the register", "register it, or take the entry out"
    by_people = [one for one, _ in extent.manual]
    for control in (*extent.automated, *by_people):
        if f"{name}:{control}" not in known:
            yield f"{control} is not in the register", "register it, or take it out here"
    for control in sorted(set(extent.automated) & set(by_people)):
        yield f"{control} is both automated and manual", "decide for one"


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
