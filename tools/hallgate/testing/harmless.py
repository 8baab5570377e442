"""Scenarios may come from a stranger's branch: no name in one may lead out of its folder."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from hallgate.testing.scenario import Scenario

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
_NAMING = frozenset({"id", "role", "identity", "policy"})


def require_harmless(scenario: Scenario) -> None:
    """Raise ValueError where a name in a scenario could lead out of the folder it is staged in.

    Names of evidence, roles, waivers and files become names of files when it is staged.
    """
    change, base = scenario.change, scenario.base
    template = base.get("waiver") or {}
    names = [*base["evidence"], *(one["role"] for one in base["approvals"])]
    for part in ("evidence", "approvals", "files"):
        names += change.get(part) or ()
    names += _named((change, template))
    for name in names:
        if not isinstance(name, str) or _NAME.fullmatch(name) is None:
            raise ValueError(f"{name!r} names no file that may be written")


def _named(value: Any) -> Iterator[Any]:
    """Values at any depth whose key, or the end of whose pointer, is one that names files."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            if str(key).rpartition("/")[2] in _NAMING and not isinstance(one, Mapping | list):
                yield one
            yield from _named(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _named(one)
