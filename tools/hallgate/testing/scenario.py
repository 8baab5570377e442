"""Scenario files: a complete allowed base per sector, and only what differs.

A scenario says `now`, what it `proves`, which `base` it changes, the `change`
and what it `expect`s: every verdict that is not a pass. Verdicts the base
itself expects (not applicable, pending) need not be repeated.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from hallgate.intake.rfc3339 import seconds
from hallgate.intake.yaml_strict import parse_yaml
from hallgate.model.errors import InvalidDocument, Location

_KEYS = {"title", "now", "proves", "base", "change", "expect"}
_CHANGES = {"request", "evidence", "approvals", "waivers", "revoke"}
_BASE_KEYS = {"title", "now", "population", "common", "request", "evidence"} | {
    "approvals", "waiver", "expect"
}


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come out: verdicts that are not a pass, as (outcome, finding keys)."""

    allowed: bool
    tier: str
    verdicts: tuple[tuple[str, str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario with its base already in it; documents are plain JSON values."""

    file: Path
    name: str
    sector: str
    title: str
    now: int
    proves: tuple[str, ...]
    base: dict[str, Any]
    change: dict[str, Any]
    expected: Expected

    @property
    def is_base(self) -> bool:
        """Whether this is the allowed base of its sector itself."""
        return self.file.name == "base.yaml"


def read_scenario(path: Path) -> Scenario:
    """Read tests/scenarios/<sector>/<name>.yaml; raises InvalidDocument."""
    if path.name == "base.yaml":
        base = _base(path)
        return Scenario(
            path, path.stem, path.parent.name, base["title"], seconds(base["now"]), (), base, {},
            _expected(base["expect"], {}),
        )
    document = cast("dict[str, Any]", parse_yaml(path.read_bytes(), str(path)).value)
    _only(document, _KEYS, path)
    _only(document.get("change") or {}, _CHANGES, path)
    base = _base(path.parent.parent / document["base"] / "base.yaml")
    return Scenario(
        file=path,
        name=path.stem,
        sector=path.parent.name,
        title=document["title"],
        now=seconds(document.get("now") or base["now"]),
        proves=tuple(document["proves"]),
        base=base,
        change=document.get("change") or {},
        expected=_expected(document["expect"], base["expect"]["verdicts"]),
    )


def read_scenarios(folder: Path) -> tuple[Scenario, ...]:
    """Every scenario below a folder, in order of path."""
    return tuple(read_scenario(path) for path in sorted(folder.rglob("*.yaml")))


@lru_cache(maxsize=16)
def _base_document(path: Path) -> dict[str, Any]:
    document = cast("dict[str, Any]", parse_yaml(path.read_bytes(), str(path)).value)
    _only(document, _BASE_KEYS, path)
    return document


def _base(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise InvalidDocument.one(
            "there is no base scenario", where=Location(str(path)), remedy="name a sector's folder"
        )
    return copy.deepcopy(_base_document(path))


def _expected(said: dict[str, Any], inherited: dict[str, Any]) -> Expected:
    verdicts = {**inherited, **(said.get("verdicts") or {})}
    rows = []
    for name in sorted(verdicts):
        verdict = verdicts[name]
        if verdict is None or verdict["outcome"] == "pass":
            continue
        rows.append((name, verdict["outcome"], tuple(sorted(verdict.get("findings") or ()))))
    return Expected(said["allowed"], said["tier"], tuple(rows))


def _only(document: dict[str, Any], allowed: set[str], path: Path) -> None:
    strange = sorted(set(document) - allowed)
    if strange:
        raise InvalidDocument.one(
            f"unknown key {strange[0]!r} in a scenario",
            where=Location(str(path)),
            remedy=f"use one of {', '.join(sorted(allowed))}",
        )
