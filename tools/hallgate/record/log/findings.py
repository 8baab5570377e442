"""What an audit of the log can find, each with a name."""

from __future__ import annotations

from dataclasses import dataclass

from hallgate.model.errors import Fault, HallgateError, Location

ALTERED_ENTRY = "altered_entry"
ALTERED_RECORD = "altered_record"
ALTERED_TILE = "altered_tile"
BACK_DATED = "back_dated"
BAD_SIGNATURE = "bad_signature"
CLOCK_JUMP = "clock_jump"
FORKED = "forked"
FROM_THE_FUTURE = "from_the_future"
MALFORMED = "malformed"
MISSING_RECORD = "missing_record"
REORDERED = "reordered"
REPLAYED = "replayed"
REVOKED = "revoked"
REWRITTEN_CHECKPOINT = "rewritten_checkpoint"
TRUNCATED = "truncated"
UNAPPROVED = "unapproved"
UNKNOWN_SIGNER = "unknown_signer"
WRONG_ROLE = "wrong_role"
WRONG_TSA = "wrong_tsa"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not hold; index is the entry it is about, None for the log itself."""

    code: str
    index: int | None
    fault: Fault

    @classmethod
    def of(cls, code: str, index: int | None, error: HallgateError) -> Finding:
        """A finding from an error."""
        return cls(code, index, error.faults[0])

    def __str__(self) -> str:
        about = "" if self.index is None else f"entry {self.index}: "
        return f"{self.code}: {about}{self.fault}"


def finding(
    code: str, index: int | None, what: str, where: Location | None, remedy: str
) -> Finding:
    """A finding in words."""
    return Finding(code, index, Fault(what, where, remedy))
