"""A foreign report and what the caller knows about it; reading its members without surprises."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hallgate.measure.context import Collector, Context, Origin
from hallgate.measure.files import LookedAt
from hallgate.model.errors import InvalidDocument, Location
from hallgate.model.values import JsonValue

if TYPE_CHECKING:
    from hallgate.measure.wrap.vex import Statement

_DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Watch:
    """What a sensor's log does not say: workload, times (RFC 3339), rules loaded.

    closed: rules whose alerts somebody explained, as (rule, who and why).
    """

    target: str
    since: str
    until: str
    rules: int
    closed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What a wrapper works on.

    document: the report, already parsed strictly (text for picklescan). name: its file, for
    messages. raw_digest: sha256:<hex> of its bytes. subject: digest of the model the statement
    is about. files: what was looked at, walked by ourselves, for reports that do not say.

    Only some wrappers read the rest. target_digest: what was scanned, by default the subject.
    database_at: RFC 3339 date of the scanner's database, for reports without it. scanned:
    packages looked at, as the caller knows from an SBOM. vex: statements that stand behind
    suppressed findings. verified_signer: identity whose
    signature over this very document the caller verified (for provenance the builder id that
    identity stands for). level: SLSA build level claimed for that builder. watch: what a
    runtime sensor watched.
    """

    document: JsonValue
    name: str
    raw_digest: str
    subject: str
    context: Context
    files: tuple[LookedAt, ...] = ()
    target_digest: str | None = None
    database_at: str | None = None
    scanned: int | None = None
    vex: tuple[Statement, ...] = ()
    verified_signer: str | None = None
    level: int | None = None
    watch: Watch | None = None

    def origin(self, tool: str, version: str | None, **parameters: str) -> Origin:
        """Where the numbers come from: the foreign tool, read by Hallgate."""
        told = {**parameters, "wrapped_by": f"hallgate {self.context.tool_version}"}
        query = f"report of {tool}, normalised"
        return Origin(
            self.name, query, told, Collector(tool, version or "unknown"), self.raw_digest
        )

    def wrong(self, what: str, remedy: str = "make the report again") -> InvalidDocument:
        """The error for a report that is not what it should be."""
        return InvalidDocument.one(what, remedy=remedy, where=Location(self.name))

    def object(self, value: JsonValue, what: str) -> Mapping[str, JsonValue]:
        """The value if it is an object. Raises InvalidDocument."""
        if not isinstance(value, Mapping):
            raise self.wrong(f"{what} is no JSON object")
        return value

    def objects(self, value: JsonValue, what: str) -> list[Mapping[str, JsonValue]]:
        """A list of objects; null and absence are the empty list. Raises InvalidDocument."""
        if value is None:
            return []
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise self.wrong(f"{what} is no list")
        return [self.object(one, f"an entry of {what}") for one in value]


def text(value: JsonValue) -> str | None:
    """The value if it is non-empty text, else None."""
    return value if isinstance(value, str) and value.strip() else None


def inner(value: JsonValue, *path: str) -> JsonValue:
    """A nested member, None where any step is missing."""
    for name in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def sha256_of(value: JsonValue) -> str | None:
    """sha256:<hex> from a digest set's `sha256` (any case, prefixed or not), else None."""
    found = text(inner(value, "sha256"))
    return as_digest(found) if found else None


def as_digest(value: str) -> str | None:
    """sha256:<64 lower-case hex digits>, None for anything else."""
    found = _DIGEST.fullmatch(value.lower())
    return f"sha256:{found[1]}" if found else None
