"""What waivers and overrides have in common: a document, the words about it, who touched it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from hallgate.intake.approvals import Word, prove
from hallgate.intake.document import Document
from hallgate.intake.files import read_file
from hallgate.intake.history import History
from hallgate.intake.narrow import an_object
from hallgate.intake.schema import Schemas
from hallgate.intake.yaml_strict import parse_yaml
from hallgate.model.documents import Approval
from hallgate.model.errors import Fault, InvalidDocument, Location
from hallgate.model.trust import Trust
from hallgate.model.values import JsonObject, JsonValue

LIMIT = 256 * 1024


@dataclass(frozen=True, slots=True)
class Read:
    """A file that has the right shape; timed has its times in seconds, name is its path below
    the folder of exceptions."""

    source: Document
    timed: JsonObject
    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class Proven:
    """Approvals by what they are about, malformed words, and words that do not count."""

    counted: Mapping[str, tuple[Approval, ...]]
    faults: tuple[Fault, ...]
    not_counted: tuple[Fault, ...]


def read_exception(path: Path, name: str, kind: str, schemas: Schemas) -> Read:
    """A file of this kind of schema; raises InvalidDocument with every fault of its shape."""
    document = parse_yaml(read_file(path, LIMIT), str(path), limit=LIMIT)
    schemas.validate(document, kind)
    timed = schemas.plan(kind).apply_object(an_object(document.value))
    return Read(document, timed, name, canonical_digest(document.value))


def canonical_digest(document: JsonValue) -> str:
    """SHA-256 of the JCS (RFC 8785) form of a waiver document, sha256:<hex>.

    A waiver holds only whole numbers below 2^53 and ASCII keys; for these the
    standard library writes exactly the JCS form, fifty times faster.
    """
    jcs = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return "sha256:" + sha256(jcs.encode("utf-8")).hexdigest()


def prove_words(words: Sequence[tuple[str, str, Word]], trust: Trust, history: History) -> Proven:
    """What each word is worth, given what it is about and its path below the folder.

    Raises EngineError or StorageError as approvals.prove().
    """
    published: dict[str, int] | None = None
    if history.tells_times:
        published = {}
        for _, name, word in words:
            when = history.published(name, word.file_digest)
            if when is not None:
                published[word.file] = when
    verdicts = prove(
        [word for _, _, word in words],
        trust,
        published=published,
        by_log=history.logged is not None,
    )
    counted: dict[str, tuple[Approval, ...]] = {}
    faults: list[Fault] = []
    not_counted: list[Fault] = []
    for (key, _, word), verdict in zip(words, verdicts, strict=True):
        if isinstance(verdict, Approval):
            counted[key] = (*counted.get(key, ()), verdict)
            continue
        told = faults if isinstance(verdict, InvalidDocument) else not_counted
        told += [
            one if one.where else Fault(one.what, Location(word.file), one.remedy)
            for one in verdict.faults
        ]
    return Proven(counted, tuple(faults), tuple(not_counted))


def addresses(trust: Trust) -> Mapping[str, str]:
    """Whose each address of trust/ is, in small letters."""
    return {address.casefold(): one.id for one in trust.identities for address in one.emails}


def touched_by(history: History, name: str, owners: Mapping[str, str]) -> tuple[str, ...] | None:
    """Who touched a file: by identity where the address is one's, None where Git cannot tell."""
    touchers = history.touchers(name)
    if touchers is None:
        return None
    return tuple(sorted({owners.get(one.casefold(), one) for one in touchers}))
