"""The part common to all evidence, built around a result.

Shape: `evidence-schemas/common.v1.schema.json` plus the member `result`. Times are given
by the caller as RFC 3339 text with a zone; nothing here reads a clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from hallgate.model.errors import UsageError
from hallgate.model.values import JsonObject, JsonValue

Predicate = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Context:
    """When the measurement counts, and by which Hallgate it was made.

    collected_at, valid_until: RFC 3339 with a zone. Raises UsageError where a time has no
    zone or the evidence would expire before it was collected.
    """

    collected_at: str
    valid_until: str
    tool_version: str

    def __post_init__(self) -> None:
        if not _moment(self.collected_at) < _moment(self.valid_until):
            raise UsageError(
                f"valid_until {self.valid_until} is not after collected_at {self.collected_at}",
                remedy="give a later end of validity",
            )


@dataclass(frozen=True, slots=True)
class Collector:
    """A tool that measured: name, version, digest of the tool or None."""

    tool: str
    version: str
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Population:
    """What was measured: definition in words, count of units, digest of the file or None."""

    definition: str
    count: int
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the numbers come from: file or system, query or command, parameters by name.

    collector: the foreign tool that measured; None means Hallgate itself did.
    raw_digest: digest of the foreign report, None where measured directly.
    """

    system: str
    query: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    collector: Collector | None = None
    raw_digest: str | None = None


def measured(
    context: Context,
    origin: Origin,
    population: Population,
    result: JsonObject,
    *,
    expected: int | None = None,
    observed: int | None = None,
) -> Predicate:
    """A predicate with a result; expected and observed units default to the population's."""
    return _predicate(context, origin, population, "measured", result, expected, observed)


def unmeasured(
    context: Context,
    origin: Origin,
    population: Population,
    status: str,
    reason: str,
    *,
    expected: int | None = None,
) -> Predicate:
    """A predicate without result: status is `error` or `not_run`, the reason is a parameter."""
    if status not in {"error", "not_run"}:
        raise ValueError(f"{status} is not a status without result")
    told = Origin(
        origin.system,
        origin.query,
        {**origin.parameters, "reason": reason},
        origin.collector,
        origin.raw_digest,
    )
    return _predicate(context, told, population, status, None, expected, 0)


def clip(text: str, length: int) -> str:
    """Text of 1 to `length` characters: empty becomes "(empty)", the rest ends in an ellipsis."""
    if not text:
        return "(empty)"
    return text if len(text) <= length else text[: length - 1] + "…"


def _predicate(
    context: Context,
    origin: Origin,
    population: Population,
    status: str,
    result: JsonObject | None,
    expected: int | None,
    observed: int | None,
) -> Predicate:
    collector = origin.collector or Collector("hallgate", context.tool_version)
    return {
        "collected_at": context.collected_at,
        "valid_until": context.valid_until,
        "status": status,
        "collector": {
            "tool": clip(collector.tool, 100),
            "version": clip(collector.version, 100),
            "digest": collector.digest,
        },
        "source": {
            "system": clip(origin.system, 300),
            "query": clip(origin.query, 2000),
            "parameters": [
                {"name": clip(name, 100), "value": value if not value else clip(value, 1000)}
                for name, value in sorted(origin.parameters.items())
            ][:100],
        },
        "population": {
            "definition": clip(population.definition, 1000),
            "count": population.count,
            "digest": population.digest,
        },
        "completeness": {
            "expected": population.count if expected is None else expected,
            "observed": population.count if observed is None else observed,
        },
        "raw_digest": origin.raw_digest,
        "result": result,
    }


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or len(text) < len("2026-01-01T00:00:00Z"):
        raise UsageError(
            f"{text!r} is not a time with a zone", remedy="write it as 2026-01-31T12:00:00Z"
        )
    return moment
