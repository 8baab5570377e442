"""Every error Hallgate raises on purpose, as one tree.

    HallgateError                 what, where, remedy; has an exit code
    ├── UsageError          2     the command was called wrongly
    ├── InvalidDocument     3     a request, trust file, waiver, policy or schema is wrong
    ├── NotProven           1     a signature, record or decision does not hold
    ├── EngineError         4     OPA could not give a complete answer
    │   ├── EngineMissing         no engine, or another version than the pinned one
    │   ├── EngineTimeout         it took longer than allowed
    │   └── EngineAborted         it stopped; names the policy file where it says so
    ├── StorageError        4     a file could not be written or read back
    └── RegistryError       4     an OCI registry failed or lied (publish/registry)

Exit codes: 0 allowed or clean, 1 denied or findings, 2 usage, 3 invalid
documents, 4 engine or internal failure.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file; line and column count from 1, None where unknown."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        parts = [self.file, self.line, self.column]
        return ":".join(str(part) for part in parts if part is not None)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a document: what, where, and what to do about it."""

    what: str
    where: Location | None
    remedy: str

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.what}; {self.remedy}"


class HallgateError(Exception):
    """Base of all errors raised on purpose; carries place and remedy."""

    exit_code = 4

    def __init__(self, what: str, *, remedy: str, where: Location | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.remedy = remedy

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults behind this error; one unless a subclass knows more."""
        return (Fault(self.what, self.where, self.remedy),)

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults)


class UsageError(HallgateError):
    """The command was called wrongly."""

    exit_code = 2


class InvalidDocument(HallgateError):
    """One or more faults in documents that must be right before anything is decided."""

    exit_code = 3

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        if not faults:
            raise ValueError("an invalid document has at least one fault")
        first = faults[0]
        super().__init__(first.what, remedy=first.remedy, where=first.where)
        self._faults = faults

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Every fault found in one pass, in document order."""
        return self._faults

    @classmethod
    def one(cls, what: str, *, remedy: str, where: Location | None = None) -> InvalidDocument:
        """An error about a single fault."""
        return cls((Fault(what, where, remedy),))


class NotProven(HallgateError):
    """A signature, record or earlier decision does not hold."""

    exit_code = 1


class EngineError(HallgateError):
    """OPA could not give a complete answer; never read as an allow."""


class EngineMissing(EngineError):
    """There is no engine, or not the pinned version."""


class EngineTimeout(EngineError):
    """The engine took longer than allowed and was stopped."""


class EngineAborted(EngineError):
    """The engine stopped with an error; policy_file names the culprit where known."""

    def __init__(self, what: str, *, remedy: str, policy_file: str | None = None) -> None:
        super().__init__(what, remedy=remedy)
        self.policy_file = policy_file


class StorageError(HallgateError):
    """A file could not be written whole, or not read back."""
