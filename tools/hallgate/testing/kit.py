"""The conformance kit: scenarios as an engine reads them, and what must be decided about each.

One archive in the published form, made from a bundle and the repository's scenarios: the same
tree gives the same bytes. Each case is the verified input document with its time, the waivers
as constants, the expected verdicts, and the digest of the whole expected decision. Reading one
gives back what the scenario runner runs; there is no second runner.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from hallgate.decide.compose import override_constant, waiver_constant
from hallgate.intake.narrow import a_list, a_text, an_integer, an_object, integer_or_none
from hallgate.model.decision import Decision
from hallgate.model.documents import Approval, Override, Waiver
from hallgate.model.errors import InvalidDocument, Location
from hallgate.model.values import JsonObject, JsonValue
from hallgate.publish.bundle.archive import pack, unpack_any
from hallgate.record.canonical import canonical_bytes, parse_json, sha256_digest
from hallgate.testing.runner import Answer, Prepared, differences, observed
from hallgate.testing.scenario import Expected, Scenario

FORMAT = "urn:hallgate:conformance-kit:v1"
_ABOUT = "kit.json"
_CASE = re.compile(r"cases/[A-Za-z0-9_-]{1,100}/[A-Za-z0-9_.-]{1,200}\.json")
_REMEDY = "take the kit from where the bundle was published, or make it again"


@dataclass(frozen=True, slots=True)
class Kit:
    """A kit: the track and revision of the bundle it was made with, and its cases in order.

    bodies: digest of the canonical expected decision, by a case's file.
    """

    track: str
    revision: str
    cases: tuple[Prepared, ...]
    bodies: Mapping[Path, str]


def write_kit(
    track: str, revision: str, prepared: Sequence[Prepared], decided: Mapping[Path, Answer]
) -> bytes:
    """The kit's bytes from scenarios and what the engine decided about each with the bundle.

    Raises InvalidDocument where there is none, or one has no decision. For a track that takes
    everything as it is, the caller holds the decisions to what the scenarios expect first.
    """
    if not prepared:
        raise InvalidDocument.one(
            "there are no scenarios", remedy="add some below tests/scenarios; see its README"
        )
    entries: dict[str, bytes] = {}
    for one in prepared:
        decision = decided[one.scenario.file]
        if not isinstance(decision, Decision):
            raise InvalidDocument.one(
                f"there is no decision about it: {decision}",
                where=Location(str(one.scenario.file)),
                remedy="mend the scenario or the policy",
            )
        name = f"cases/{one.scenario.sector}/{one.scenario.name}.json"
        entries[name] = canonical_bytes(_case(one, decision))
    about: JsonObject = {
        "format": FORMAT, "track": track, "revision": revision, "cases": len(entries),
    }  # fmt: skip
    return pack({**entries, _ABOUT: canonical_bytes(about)})


def unexpected(
    prepared: Sequence[Prepared], decided: Mapping[Path, Answer], same: frozenset[str] | None
) -> tuple[str, ...]:
    """Lines about decisions that are not what their scenarios expect.

    same: policies that a track takes as the house has them; only their verdicts are compared.
    None compares everything.
    """
    lines = []
    for one in prepared:
        decision = decided[one.scenario.file]
        if not isinstance(decision, Decision):
            said: tuple[str, ...] = (str(decision),)
        elif same is None:
            said = differences(one.scenario, decision)
        else:
            said = _otherwise(one.scenario.expected, observed(decision), same)
        lines += [f"{one.scenario.sector}/{one.scenario.name}: {line}" for line in said]
    return tuple(lines)


def _otherwise(expected: Expected, seen: Expected, same: frozenset[str]) -> tuple[str, ...]:
    wanted, found = ({row for row in side.verdicts if row[0] in same} for side in (expected, seen))
    return tuple(
        f"{name}: {outcome} {' '.join(keys)} is {word}"
        for word, rows in (("missing", wanted - found), ("not expected", found - wanted))
        for name, outcome, keys in sorted(rows)
    )


def read_kit(data: bytes) -> Kit:
    """A kit from its bytes; raises InvalidDocument for anything else."""
    entries = unpack_any(data)
    try:
        about = an_object(parse_json(entries.pop(_ABOUT)))
        if about["format"] != FORMAT or about["cases"] != len(entries) or not entries:
            raise ValueError("its description does not fit its cases")
        bodies: dict[Path, str] = {}
        cases: list[Prepared] = []
        for path in sorted(entries):
            if not _CASE.fullmatch(path):
                raise ValueError(f"{path!r} is no case")
            said = an_object(parse_json(entries[path]))
            cases.append(_prepared(path, said))
            bodies[Path(path)] = a_text(said["body"])
        return Kit(a_text(about["track"]), a_text(about["revision"]), tuple(cases), bodies)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidDocument.one(
            f"is no conformance kit: {type(error).__name__}: {error}", remedy=_REMEDY
        ) from error


def case_lines(kit: Kit, case: Prepared, decision: Decision) -> tuple[str, ...]:
    """How a whole decision differs from the expected one, in words; empty where it does not."""
    lines = differences(case.scenario, decision)
    said = sha256_digest(canonical_bytes(decision.body))
    if not lines and said != kit.bodies[case.scenario.file]:
        return ("the verdicts are the same, and something else is not: messages, order, waivers",)
    return lines


def _case(one: Prepared, decision: Decision) -> dict[str, JsonValue]:
    seen = observed(decision)
    return {
        "name": one.scenario.name,
        "sector": one.scenario.sector,
        "title": one.scenario.title,
        "now": one.scenario.now,
        "document": _steady(one.document),
        "waivers": [waiver_constant(waiver) for waiver in one.waivers],
        "overrides": [override_constant(override) for override in one.overrides],
        "expect": {
            "allowed": seen.allowed,
            "tier": seen.tier,
            "verdicts": [[name, outcome, list(keys)] for name, outcome, keys in seen.verdicts],
            "faults": [list(fault) for fault in seen.faults],
        },
        "body": sha256_digest(canonical_bytes(decision.body)),
    }


def steady(prepared: Prepared) -> Prepared:
    """The same case whoever signed it: files of approvals hold signatures of made-up keys."""
    return replace(prepared, document=_steady(prepared.document))


def _steady(document: JsonObject) -> JsonObject:
    evidence = an_object(document["evidence"])
    words = [
        {**an_object(one), "raw_digest": an_object(one)["digest"]}
        for one in a_list(evidence.get("approval") or [])
    ]
    return {**document, "evidence": {**evidence, **({"approval": words} if words else {})}}


def _prepared(path: str, said: JsonObject) -> Prepared:
    expect = an_object(said["expect"])
    rows = [
        (str(name), str(outcome), tuple(str(key) for key in cast("list[str]", keys)))
        for name, outcome, keys in cast("list[list[Any]]", expect["verdicts"])
    ]
    faults = [(str(kind), str(fault)) for kind, fault in cast("list[list[str]]", expect["faults"])]
    if not isinstance(expect["allowed"], bool):
        raise TypeError("allowed is true or false")
    scenario = Scenario(
        file=Path(path),
        name=a_text(said["name"]),
        sector=a_text(said["sector"]),
        title=a_text(said["title"]),
        now=an_integer(said["now"]),
        proves=(),
        base={},
        change={},
        expected=Expected(expect["allowed"], a_text(expect["tier"]), tuple(rows), tuple(faults)),
        own=(),
    )
    waivers = tuple(_waiver(an_object(one)) for one in a_list(said["waivers"]))
    overrides = tuple(_override(an_object(one)) for one in a_list(said["overrides"]))
    return Prepared(scenario, an_object(said["document"]), waivers, overrides)


def _override(constant: JsonObject) -> Override:
    document, words, touched = _parts(constant)
    claimed = integer_or_none(document.pop("claimed_at"))
    return Override(a_text(constant["id"]), document, "", "", words, touched, claimed)


def _waiver(constant: JsonObject) -> Waiver:
    document, words, touched = _parts(constant)
    return Waiver(a_text(constant["id"]), document, "", "", words, touched)


def _parts(
    constant: JsonObject,
) -> tuple[dict[str, JsonValue], tuple[Approval, ...], tuple[str, ...] | None]:
    document = dict(constant)
    words = tuple(
        Approval(**{**cast("dict[str, Any]", one), "file": ""})
        for one in a_list(document.pop("approvals"))
    )
    touched = document.pop("touched_by")
    return document, words, None if touched is None else tuple(map(str, a_list(touched)))
