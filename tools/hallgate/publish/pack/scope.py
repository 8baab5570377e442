"""What a pack is about, and what of the log falls into it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from sys import intern
from typing import Any

from hallgate.model.values import JsonObject
from hallgate.publish.pack.verifier.checks import in_scope
from hallgate.publish.pack.verifier.erased import read_erasure
from hallgate.record.canonical import canonical_bytes, is_digest, sha256_digest
from hallgate.record.decision_proof import Record, read_record
from hallgate.record.files import read_blob
from hallgate.record.log.entry import Entry
from hallgate.record.log.folder import Log


@dataclass(frozen=True, slots=True)
class Scope:
    """A model (None: every one), a framework, and a period [start, until) in seconds since 1970."""

    model: str | None
    framework: str
    start: int
    until: int

    def facts(self) -> dict[str, str | int | None]:
        """As pack.json says it."""
        return {
            "model": self.model,
            "framework": self.framework,
            "from": self.start,
            "until": self.until,
        }

    def holds(self, entry: Entry) -> bool:
        """Whether an entry is a decision of this scope: the verifier's own rule."""
        return in_scope({"kind": entry.kind, "path": entry.path}, self.facts())


@dataclass(frozen=True, slots=True)
class Statement:
    """One piece of evidence or an approval that decisions rest on, from their input.

    tool, system and query say how it was measured; count is the population's, expected and
    observed its completeness. The rest is what it says of itself: method, the digest it
    supersedes (or ""), (name, digest) of what it was derived from, (pointer, reason, digest of the
    full document) of what was left out, and (series, number) where it is one of a series.
    """

    kind: str
    digest: str
    signer: str
    collected_at: int
    valid_until: int
    status: str
    tool: str
    system: str
    query: str
    population: str
    count: int
    expected: int
    observed: int
    reason: str
    method: str = "test"
    supersedes: str = ""
    derived_from: tuple[tuple[str, str], ...] = ()
    redactions: tuple[tuple[str, str, str], ...] = ()
    sequence: tuple[str, int] | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        """Digests of other statements or files that it names."""
        named = tuple(digest for _, digest in self.derived_from)
        return (*named, self.supersedes) if self.supersedes else named


@dataclass(frozen=True, slots=True)
class Waived:
    """A waiver or an emergency override that let a policy of a decision pass.

    kind is waiver or override; words are the approvals of it that the log has: (identity, path).
    """

    kind: str
    id: str
    owner: str
    expires: int
    policy: str
    path: str
    words: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision of the scope. verdicts is outcome by policy; tier and stage are text or None.

    observed: what its track did not enforce, as (rollout or baseline, policy, until).
    """

    path: str
    at: int
    published_at: int
    allowed: bool
    digest: str
    model: str
    tier: str | None
    stage: str
    verdicts: Mapping[str, str]
    statements: tuple[Statement, ...]
    waived: tuple[Waived, ...]
    blobs: tuple[str, ...]
    observed: tuple[tuple[str, str, int], ...] = ()

    def facts(self) -> dict[str, Any]:
        """As the verifier reads it from the record."""
        return {"path": self.path, "allowed": self.allowed, "verdicts": dict(self.verdicts)}


def decisions(log: Log, scope: Scope, missing: list[str]) -> Iterator[Decided]:
    """Decisions of the scope in order; digests of records that are not there go to missing."""
    words = words_of(log)
    for _, entry in log.entries():
        if not scope.holds(entry):
            continue
        path = log.folder / entry.path
        if not path.exists():
            missing.append(entry.record)
            continue
        log.record(entry)
        yield _decided(read_record(path), entry, words)


def _decided(record: Record, entry: Entry, words: Words) -> Decided:
    claims = record.claims
    document: JsonObject = json.loads(read_blob(record.folder, claims.input))
    body: Any = claims.body
    statements = tuple(_statements(document))
    request: Any = document["request"]
    blobs = [claims.input, claims.policies, *([claims.waivers] if claims.waivers else [])]
    return Decided(
        path=entry.path,
        at=claims.decided_at,
        published_at=entry.at,
        allowed=claims.allowed,
        digest=claims.digest,
        model=claims.model,
        tier=claims.tier.value if claims.tier else None,
        stage=str(request["to_stage"]),
        # The same few words in every decision: kept once.
        verdicts={intern(one["id"]): intern(one["outcome"]) for one in body["verdicts"]},
        statements=statements,
        waived=tuple(_waived(body, entry.path, words)),
        blobs=tuple(blobs),
        observed=tuple(
            (intern(mark["by"]), intern(one["id"]), mark["until"])
            for one in body["verdicts"]
            if (mark := one.get("observed")) is not None
        ),
    )


def _statements(document: JsonObject) -> Iterator[Statement]:
    evidence: Any = document["evidence"]
    for kind in sorted(evidence):
        for one in evidence[kind]:
            signer = one.get("signer") or {}
            population, source = one.get("population") or {}, one.get("source") or {}
            tool, complete = one.get("collector") or {}, one.get("completeness") or {}
            yield Statement(
                kind=intern(kind),
                digest=str(one.get("digest")),
                signer=intern(str(signer.get("identity", "nobody"))),
                collected_at=int(one.get("collected_at") or 0),
                valid_until=int(one.get("valid_until") or 0),
                status=intern(str(one.get("status"))),
                population=intern(str(population.get("definition", ""))),
                tool=intern(f"{tool.get('tool', '')} {tool.get('version', '')}".strip()),
                system=intern(str(source.get("system", ""))),
                query=intern(str(source.get("query", ""))),
                count=int(population.get("count") or 0),
                expected=int(complete.get("expected") or 0),
                observed=int(complete.get("observed") or 0),
                reason=str((one.get("result") or {}).get("reason") or ""),
                **_said_of_itself(one),
            )


def _said_of_itself(one: Any) -> dict[str, Any]:
    """Members of a Statement that evidence may leave out."""
    row = one.get("sequence")
    return {
        "method": intern(str(one.get("method", "test"))),
        "supersedes": str(one.get("supersedes", "")),
        "derived_from": tuple(
            (intern(source["name"]), source["digest"]) for source in one.get("derived_from", ())
        ),
        "redactions": tuple(
            (left["pointer"], intern(left["reason"]), left["digest"])
            for left in one.get("redactions", ())
        ),
        "sequence": None if row is None else (intern(row["series"]), row["number"]),
    }


Words = Mapping[tuple[str, str], tuple[tuple[str, str], ...]]
"""(identity, path) of each approval the log has, by what it is about: (action, name)."""


def _waived(body: Any, path: str, words: Words) -> Iterator[Waived]:
    seen = set()
    for verdict in body["verdicts"]:
        marks = [("waiver", found["waiver"]) for found in verdict["findings"]]
        for kind, mark in [*marks, ("override", verdict.get("override"))]:
            if mark is None or (mark["id"], verdict["id"]) in seen:
                continue
            seen.add((mark["id"], verdict["id"]))
            said = words.get((kind, mark["id"]), ())
            yield Waived(
                kind, mark["id"], mark["owner"], mark["expires"], verdict["id"], path, said
            )


def words_of(log: Log) -> Words:
    """Approvals of waivers and overrides in the log, as they say of themselves."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for _, entry in log.entries():
        if entry.kind != "approval" or not (log.folder / entry.path).is_file():
            continue
        statement = json.loads(log.record(entry))["statement"]
        said = statement["predicate"]
        if said["action"] in ("waiver", "override") and said["decision"] in ("approve", "review"):
            about = said["action"], statement["subject"][0]["name"]
            found.setdefault(about, []).append((said["identity"], entry.path))
    return {about: tuple(words) for about, words in found.items()}


def statements_of(log: Log) -> dict[str, str]:
    """Where the signed original of each statement lies, by the digest of what was signed."""
    found = {}
    for _, entry in log.entries():
        if entry.kind in ("evidence", "approval") and (log.folder / entry.path).is_file():
            signed = json.loads(log.record(entry))
            said = (
                base64.b64decode(signed["payload"])
                if "payload" in signed
                else canonical_bytes(signed["statement"])
            )
            found[sha256_digest(said)] = entry.path
    return found


def tombstones(log: Log) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Path of each tombstone and those of its approvals and of the list they are about."""
    for _, entry in log.entries():
        if entry.kind == "tombstone":
            stone = read_erasure(json.loads(log.record(entry)))
            digests = (*stone.approvals, stone.listed)
            yield entry.path, tuple(f"blobs/sha256/{one[7:]}" for one in digests if is_digest(one))
