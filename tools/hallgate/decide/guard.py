"""The policies of configuration documents, run on files: a look, not a decision.

Nothing here is signed, no request says what is promoted, and what a policy needs beside the files
is not there. So this says what a decision would find in these documents, and allows nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hallgate.decide.policies import PolicySet
from hallgate.engine.opa import Opa
from hallgate.intake.configuration import Configuration, Pointer
from hallgate.intake.narrow import a_list, a_text, an_object
from hallgate.measure.configuration import TYPES, Source, carried, types_of
from hallgate.model.errors import Location
from hallgate.model.policy import Policy
from hallgate.model.values import JsonObject, JsonValue

_QUERY = (
    "[[one.id, kind, finding] | seen := input.seen; some one in input.wanted; "
    "some kind in input.kinds; "
    "found := data.promotion.rules[one.family][one.name][kind] with input as seen; "
    "some finding in found]"
)
_KINDS = ("deny", "insufficient")
_USES = {
    "low": {"domain": "research", "effect": "none", "autonomy": "advisory", "data": ["public"]},
    "medium": {
        "domain": "research",
        "effect": "limited",
        "autonomy": "advisory",
        "data": ["public"],
    },
    "high": {"domain": "credit", "effect": "legal", "autonomy": "automated", "data": ["personal"]},
}


@dataclass(frozen=True, slots=True)
class Seen:
    """One finding about a file; kind is deny or insufficient, where has a line if one is known."""

    policy: Policy
    kind: str
    key: str
    message: str
    where: Location


@dataclass(frozen=True, slots=True)
class Look:
    """What was looked at, by which policies, and what they found, in order of place."""

    files: tuple[str, ...]
    documents: int
    policies: tuple[Policy, ...]
    findings: tuple[Seen, ...]


def look(
    engine: Opa,
    policies: PolicySet,
    files: Sequence[Configuration],
    *,
    tier: str,
    steps: Mapping[str, str],
) -> Look:
    """Run every policy whose evidence is configuration documents alone and is among the files.

    Raises InvalidDocument for a document of no known kind, EngineError without an answer.
    """
    evidence = _evidence(files, steps)
    wanted = tuple(
        one
        for one in policies.catalog
        if one.evidence and set(one.evidence) <= set(TYPES) and set(one.evidence) & evidence.keys()
    )
    seen: JsonObject = {
        "request": {"declared_tier": tier, "use": _USES[tier]},
        "evidence": {
            kind: [{"result": evidence[kind]}] if kind in evidence else [] for kind in TYPES
        },
    }
    asked: JsonObject = {
        "wanted": [{"id": one.id, "family": one.family, "name": one.name} for one in wanted],
        "kinds": list(_KINDS),
        "seen": seen,
    }
    answer = a_list(engine.evaluate([policies.bundle], _QUERY, asked))
    by_id = {one.id: one for one in wanted}
    found = [_seen(a_list(one), by_id, files) for one in answer]
    return Look(
        files=tuple(one.path for one in files),
        documents=sum(len(a_list(result["documents"])) for result in evidence.values()),
        policies=wanted,
        findings=tuple(sorted(found, key=_order)),
    )


def _evidence(files: Sequence[Configuration], steps: Mapping[str, str]) -> dict[str, JsonObject]:
    """Results by type, of the files that hold something of it."""
    sources = [_source(one) for one in files]
    held = frozenset[str]().union(*map(types_of, sources))
    return {kind: carried(kind, sources, steps) for kind in sorted(held)}


def _seen(
    answer: Sequence[JsonValue], by_id: Mapping[str, Policy], files: Sequence[Configuration]
) -> Seen:
    policy, kind, finding = by_id[a_text(answer[0])], a_text(answer[1]), an_object(answer[2])
    key = a_text(finding["key"])
    return Seen(policy, kind, key, a_text(finding["message"]), _place(key, files, policy))


def _place(key: str, files: Sequence[Configuration], policy: Policy) -> Location:
    """Where a finding's key points: path#place/pointer=what; else a file the policy reads."""
    for one in files:
        if key.startswith(f"{one.path}#"):
            words = key[len(one.path) + 1 :].rpartition("=")[0].split("/")
            return Location(one.path, one.line(_pointer(words, one.documents)))
    read = set(policy.evidence)
    held = (one for one in files if read & types_of(_source(one)))
    return Location(next(held, files[0]).path)


def _source(one: Configuration) -> Source:
    return Source(one.path, one.digest, one.documents)


def _pointer(words: Sequence[str], documents: Sequence[JsonValue]) -> Pointer:
    """Words of a key as a pointer, as far as the documents go; then by the name of a part."""
    value: JsonValue = documents
    found: list[str | int] = []
    for raw in words:
        word = raw.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list | tuple) and word.isdecimal() and int(word) < len(value):
            found.append(int(word))
            value = value[int(word)]
        elif isinstance(value, Mapping) and word in value:
            found.append(word)
            value = value[word]
        else:
            return (*found, *_named(value, words[-1], ()))
    return tuple(found)


def _named(value: JsonValue, name: str, at: Pointer) -> Pointer:
    """Where a part calls itself by this name, as a task of a pipeline; empty for nowhere."""
    inner: list[tuple[str | int, JsonValue]] = []
    if isinstance(value, Mapping):
        if name in (value.get("name"), value.get("task_id")):
            return at
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    found = (_named(one, name, (*at, step)) for step, one in inner)
    return next((one for one in found if one), ())


def _order(seen: Seen) -> tuple[str, int, str, str]:
    return seen.where.file, seen.where.line or 0, seen.policy.id, seen.key
