"""Staged papers: files of staged/, filled in for one model. See staged/README.md."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import papers
import yaml

FOLDER = Path(__file__).with_name("staged")
_PLACE = re.compile(r"\$\{(?P<name>[a-z_]+)(?P<days>[+-]\d+d)?\}")


@dataclass(frozen=True, slots=True)
class Paper:
    """One staged document: evidence type, what it stands in for, role that signs, result."""

    kind: str
    stands_in_for: str
    role: str
    result: dict[str, Any]


def staged_papers() -> tuple[Paper, ...]:
    """Every file of staged/, by type, with its placeholders."""
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
        found.append(Paper(path.stem, said["stands_in_for"], said["role"], said["result"]))
    return tuple(found)


def write_papers(folder: Path, facts: Mapping[str, str | int]) -> dict[str, Path]:
    """Write the papers filled in, a folder per role; returns the folders by role."""
    folders = {}
    for paper in staged_papers():
        folders[paper.role] = folder / paper.role
        papers.write_yaml(folder / paper.role / f"{paper.kind}.yaml", _filled(paper.result, facts))
    return folders


def _filled(value: Any, facts: Mapping[str, str | int]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(member, facts) for name, member in value.items()}
    if isinstance(value, list):
        return [_filled(member, facts) for member in value]
    if not isinstance(value, str):
        return value
    alone = _PLACE.fullmatch(value)
    if alone:
        return _fact(alone, facts)
    return _PLACE.sub(lambda place: str(_fact(place, facts)), value)


def _fact(place: re.Match[str], facts: Mapping[str, str | int]) -> str | int:
    if place["name"] == "now":
        return papers.moment(int((place["days"] or "+0d")[:-1]) * papers.DAY)
    return facts[place["name"]]
