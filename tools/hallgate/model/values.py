"""Words with a fixed set of meanings, and the JSON type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

JsonValue = None | bool | int | float | str | Sequence["JsonValue"] | Mapping[str, "JsonValue"]
JsonObject = Mapping[str, JsonValue]


class Tier(StrEnum):
    """Risk tier, computed from the use."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Outcome(StrEnum):
    """One policy's result for one request, in order of precedence."""

    PENDING = "pending"
    ERROR = "error"
    NOT_APPLICABLE = "not_applicable"
    FAIL = "fail"
    INSUFFICIENT = "insufficient"
    OVERRIDDEN = "overridden"
    WAIVED = "waived"
    PASS = "pass"

    @property
    def blocks(self) -> bool:
        """Whether a promotion with this outcome is denied."""
        return self in {Outcome.ERROR, Outcome.FAIL, Outcome.INSUFFICIENT}


class Severity(StrEnum):
    """How bad it is when the policy does not hold."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
