"""The rules of policies/checks: those about policies, and those that govern exceptions."""

from __future__ import annotations

from typing import Literal

from hallgate.intake.repository import Repository

Governed = Literal["overrides", "waivers"]

_OF_EXCEPTIONS = ("checks/overrides/", "checks/waivers/")
_TEST = "_test.rego"


def check_sources(repository: Repository) -> dict[str, bytes]:
    """The checks of policies by path below policies/; those of exceptions are asked apart."""
    return {path: data for path, data in _sources(repository).items() if not governs(path)}


def governance_sources(repository: Repository, about: Governed) -> dict[str, bytes]:
    """The checks of these exceptions by path below policies/; empty where there are none.

    The file of their name says what all of them find. One that it counts on and that is not
    there is an error of the engine.
    """
    found = _sources(repository, about)
    return found if f"checks/{about}/{about}.rego" in found else {}


def governs(path: str) -> bool:
    """Is the file at this path below policies/ about exceptions, not about policies?"""
    return path.startswith(_OF_EXCEPTIONS)


def _sources(repository: Repository, below: str = "") -> dict[str, bytes]:
    folder = repository.root / "policies"
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted((folder / "checks" / below).rglob("*.rego"))
        if not path.name.endswith(_TEST)
    }
