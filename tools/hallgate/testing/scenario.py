"""Scenario files: a complete allowed base per sector, and only what differs.

`tests/scenarios/<sector>/<outcome>-<what>.yaml` says `now`, what it `proves`,
which `base` it changes, the `change` and what it `expect`s: every verdict that
is not a pass, and the faults of evidence. Verdicts the base itself expects (not
applicable, pending) need not be repeated; null takes one back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from hallgate.intake.rfc3339 import seconds
from hallgate.intake.yaml_strict import parse_yaml
from hallgate.model.errors import InvalidDocument, Location
from hallgate.model.values import Outcome, Tier
from hallgate.testing.pointer import copied

TRUST = "trust"
"""The folder below tests/scenarios that holds no scenarios but roles and sources."""

STORIES = "stories"
"""The folder below tests/scenarios whose files are stories of many steps."""

BASE = "base.yaml"
_KEYS = frozenset({"title", "now", "proves", "base", "change", "expect"})
_BASE_KEYS = _KEYS - {"proves", "base", "change"} | frozenset(
    {"population", "common", "request", "evidence", "approvals", "waiver"}
)
_POINTERS = frozenset({"set", "remove"})
_EVIDENCE = _POINTERS | {"missing", "raw", "subject", "signer", "tampered", "also"}
_APPROVAL = _POINTERS | {"missing", "identity", "signer", "subject", "tampered"}
_WAIVER = _POINTERS | {"approvals", "touched_by", "edited"}
_CHANGES = frozenset(
    {
        "request", "evidence", "approvals", "waivers", "overrides", "revoke", "compromise",
        "files", "quarantined",
    }
)  # fmt: skip
_OVERRIDE = _POINTERS | {"approvals", "touched_by"}
_TIERS = frozenset({*Tier, "none"})
_EXPECT = frozenset({"allowed", "tier", "verdicts", "faults"})


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come out.

    verdicts: those that are not a pass, as (policy, outcome, finding keys);
    faults of evidence as (type, fault). All sorted.
    """

    allowed: bool
    tier: str
    verdicts: tuple[tuple[str, str, tuple[str, ...]], ...]
    faults: tuple[tuple[str, str], ...]

    @property
    def outcome(self) -> str:
        """The word a scenario's file name starts with."""
        seen = {outcome for _, outcome, _ in self.verdicts}
        for word, outcome in (("error", "error"), ("denied", "fail"), ("insufficient",) * 2):
            if outcome in seen:
                return word
        if not self.allowed:
            return "pending" if "pending" in seen else "error"
        found = (word for word in ("overridden", "waived", "pending") if word in seen)
        return next(found, "allowed")


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario with its base already in it; documents are plain JSON values.

    own holds the ids of policies of which the file itself, not its base, expects something.
    """

    file: Path
    name: str
    sector: str
    title: str
    now: int
    proves: tuple[str, ...]
    base: dict[str, Any]
    change: dict[str, Any]
    expected: Expected
    own: tuple[str, ...]

    @property
    def is_base(self) -> bool:
        """Whether this is the allowed base of its sector itself."""
        return self.file.name == BASE


def is_scenario(path: Path, folder: Path) -> bool:
    """Whether a path below the folder of scenarios is one, or is meant to be one."""
    documents = path.suffix in {".yaml", ".yml", ".json"}
    return documents and path.relative_to(folder).parts[0] not in {TRUST, STORIES}


def scenario_files(folder: Path) -> tuple[Path, ...]:
    """Every scenario file below tests/scenarios, in order of path."""
    return tuple(sorted(path for path in folder.rglob("*") if is_scenario(path, folder)))


def read_scenario(path: Path) -> Scenario:
    """Read tests/scenarios/<sector>/<name>.yaml; raises InvalidDocument."""
    try:
        scenario = _read(path)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise _wrong(path, f"cannot be read: {type(error).__name__}: {error}", _FORM) from error
    wanted = scenario.expected.outcome
    if scenario.is_base and not scenario.expected.allowed:
        raise _wrong(path, "a base is allowed", "make it a scenario of its own")
    if not scenario.is_base and path.name.partition("-")[0] != wanted:
        raise _wrong(path, f"what it expects is called {wanted}", f"name it {wanted}-….yaml")
    return scenario


_FORM = "tests/scenarios/README.md says how; compare it with its neighbours"


def _read(path: Path) -> Scenario:
    if path.suffix != ".yaml":
        raise _wrong(path, "is no scenario by its name", "end its name in .yaml")
    if path.name == BASE:
        base = _base(path, path)
        _titled(base["title"], path)
        return Scenario(
            file=path,
            name=path.stem,
            sector=path.parent.name,
            title=base["title"],
            now=seconds(base["now"]),
            proves=(),
            base=base,
            change={},
            expected=_expected(base["expect"], {}, path),
            own=(),
        )
    document = _document(path, _KEYS)
    return scenario_of(document, path.parent.parent / document["base"] / BASE, path)


def scenario_of(document: dict[str, Any], where: Path, path: Path) -> Scenario:
    """A scenario said by a document whose base lies where; path is the file that says it.

    Raises InvalidDocument, and for a wrong shape what _read() does.
    """
    _titled(document["title"], path)
    base = _base(where, path)
    change = _change(document.get("change") or {}, path)
    return Scenario(
        file=path,
        name=path.stem,
        sector=path.parent.name,
        title=document["title"],
        now=seconds(document.get("now") or base["now"]),
        proves=_proves(document["proves"]),
        base=base,
        change=change,
        expected=_expected(document["expect"], base["expect"]["verdicts"], path),
        own=tuple(sorted(document["expect"].get("verdicts") or {})),
    )


@lru_cache(maxsize=16)
def _base_document(path: Path, changed_at: int) -> dict[str, Any]:
    return _document(path, _BASE_KEYS)


def _base(path: Path, asking: Path) -> dict[str, Any]:
    if not path.is_file():
        where = f"there is no base scenario {path.parent.name}/{BASE}"
        raise _wrong(asking, where, "name a folder that has one")
    base = _base_document(path, path.stat().st_mtime_ns)
    return cast("dict[str, Any]", copied(base))


def _document(path: Path, keys: frozenset[str]) -> dict[str, Any]:
    value = parse_yaml(path.read_bytes(), str(path)).value
    if not isinstance(value, Mapping):
        raise _wrong(path, "is no mapping", _FORM)
    document = cast("dict[str, Any]", value)
    _only(document, keys, path, "a scenario")
    return document


def _titled(title: Any, path: Path) -> None:
    if not isinstance(title, str) or not title[:1].isupper() or " " not in title:
        raise _wrong(path, "the title is no sentence", "say in words what the case is")


def _proves(controls: Any) -> tuple[str, ...]:
    if not isinstance(controls, list) or not controls:
        raise ValueError("proves is a list of controls, as [soc2:CC8.1]")
    return tuple(str(control) for control in controls)


def _change(change: dict[str, Any], path: Path) -> dict[str, Any]:
    _only(change, _CHANGES, path, "a change")
    _only(change.get("request") or {}, _POINTERS, path, "a change of the request")
    for kind, one in (change.get("evidence") or {}).items():
        _only(one, _EVIDENCE, path, f"a change of {kind}")
        for more in one.get("also") or ():
            _only(more, _EVIDENCE - {"also", "missing"}, path, f"another {kind}")
    for role, one in (change.get("approvals") or {}).items():
        _only(one or {}, _APPROVAL, path, f"a change of the approval by {role}")
    for one in change.get("waivers") or ():
        _only(one, _WAIVER, path, "a waiver")
        for word in one.get("approvals") or ():
            if not isinstance(word, str):
                _only(word, _APPROVAL | {"role", "merged"}, path, "an approval of a waiver")
    for one in change.get("overrides") or ():
        _only(one, _OVERRIDE, path, "an override")
        for word in one.get("approvals") or ():
            if not isinstance(word, str):
                _only(word, _APPROVAL | {"role", "merged"}, path, "a word about an override")
    return change


def _expected(said: dict[str, Any], inherited: dict[str, Any], path: Path) -> Expected:
    _only(said, _EXPECT, path, "an expectation")
    verdicts = {**inherited, **(said.get("verdicts") or {})}
    rows = []
    for name in sorted(verdicts):
        verdict = verdicts[name]
        if verdict is None:
            continue
        _only(verdict, frozenset({"outcome", "findings"}), path, f"the verdict of {name}")
        outcome = Outcome(verdict["outcome"])
        if outcome is not Outcome.PASS:
            rows.append((name, outcome.value, tuple(sorted(verdict.get("findings") or ()))))
    if not isinstance(said["allowed"], bool) or said["tier"] not in _TIERS:
        raise ValueError(f"allowed is true or false, tier one of {', '.join(sorted(_TIERS))}")
    faults = [
        (kind, fault) for kind, found in (said.get("faults") or {}).items() for fault in found
    ]
    return Expected(said["allowed"], said["tier"], tuple(rows), tuple(sorted(faults)))


def _only(document: Mapping[str, Any], allowed: frozenset[str], path: Path, what: str) -> None:
    strange = sorted(set(document) - allowed)
    if strange:
        known = f"use one of {', '.join(sorted(allowed))}"
        raise _wrong(path, f"unknown key {strange[0]!r} in {what}", known)


def _wrong(path: Path, what: str, remedy: str) -> InvalidDocument:
    return InvalidDocument.one(what, where=Location(str(path)), remedy=remedy)
