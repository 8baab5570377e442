"""policies/equivalent-mutants.yaml: mutants that change nothing, each with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hallgate.intake.document import Document
from hallgate.intake.files import read_file
from hallgate.intake.yaml_strict import parse_yaml
from hallgate.model.errors import Fault, InvalidDocument, Location
from hallgate.model.values import JsonValue

FILE = "policies/equivalent-mutants.yaml"
_KEYS = ("change", "file", "mutant", "reason")
_LIMIT = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Equivalent:
    """mutant is its name, file and change are for the reader, who must be told why."""

    mutant: str
    file: str
    reason: str
    where: Location


def read_equivalents(root: Path) -> tuple[Equivalent, ...]:
    """The entries of a repository; none where it has no list. Raises InvalidDocument."""
    path = root / FILE
    if not path.is_file():
        return ()
    document = parse_yaml(read_file(path, _LIMIT), FILE)
    value = document.value
    entries = value.get("equivalents") if isinstance(value, dict) and len(value) == 1 else None
    if not isinstance(entries, list):
        raise InvalidDocument.one(
            "is no list of equivalent mutants",
            where=document.locate(()),
            remedy=f"write `equivalents:` and a list of {{{', '.join(_KEYS)}}}",
        )
    found = [_entry(one, document, number) for number, one in enumerate(entries)]
    faults = [
        Fault(f"{one.mutant} is listed twice", one.where, "keep one entry")
        for number, one in enumerate(found)
        if one.mutant in {before.mutant for before in found[:number]}
    ]
    if faults:
        raise InvalidDocument(tuple(faults))
    return tuple(found)


def _entry(value: JsonValue, document: Document, number: int) -> Equivalent:
    where = document.locate(("equivalents", number))
    if (
        not isinstance(value, Mapping)
        or tuple(sorted(value)) != _KEYS
        or not all(isinstance(one, str) and one.strip() for one in value.values())
    ):
        raise InvalidDocument.one(
            "is no entry",
            where=where,
            remedy=f"give {', '.join(_KEYS)}, each a text; `hallgate mutate` prints one to copy",
        )
    return Equivalent(str(value["mutant"]), str(value["file"]), str(value["reason"]), where)


def stale(
    entries: Iterable[Equivalent], judged: frozenset[str], survived: frozenset[str]
) -> tuple[Fault, ...]:
    """Faults of entries about judged files that no surviving mutant bears out any more."""
    return tuple(
        Fault(
            f"{one.mutant} of {one.file} did not survive, or is no mutant any more",
            one.where,
            "take the entry out: it excuses nothing",
        )
        for one in entries
        if one.file in judged and one.mutant not in survived
    )
