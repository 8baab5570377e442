"""Every error this package raises, in one tree.

Catching :class:`ConftestError` catches all of them. None of them may be read as a pass.
"""

from __future__ import annotations

from pathlib import Path


class ConftestError(Exception):
    """Root of the tree: there is no usable answer."""


class UsageError(ConftestError):
    """The caller's arguments are unsafe or contradict each other."""


class BinaryError(ConftestError):
    """A binary is missing, not executable, or of a version that does not fit."""


class WorkspaceError(ConftestError):
    """The private folder of a run cannot be made or holds what it must not."""


class RunError(ConftestError):
    """The process did not end in a way that carries an answer."""


class RunTimeoutError(RunError):
    """The time limit passed; the whole process group was killed."""


class RunKilledError(RunError):
    """A signal ended the process."""


class EngineError(RunError):
    """conftest reported an error instead of results: compile, builtin, unreadable file."""


class OutputError(ConftestError):
    """Standard output is not what conftest 0.71.1 is known to print."""


class IncompleteResultError(OutputError):
    """Something that was asked for has no result: a file, a namespace, a rule or a test."""


class LostFindingError(OutputError):
    """A rule held members which conftest does not report, such as ``5`` or an empty message."""


class NativeExceptionError(OutputError):
    """A rule was waived by conftest's own ``exception`` mechanism."""


class DocumentError(ConftestError):
    """An input cannot be read without guessing: duplicate keys, wide numbers, not an object."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")
        self.where = where
        self.problem = problem


class DataError(ConftestError):
    """A data path loads nothing, is not data, or reaches into a namespace under test."""


class PolicyError(ConftestError):
    """Policies are missing or cannot be parsed."""


class LintError(PolicyError):
    """Policies hold rules which conftest would ignore, drop or waive; see ``faults``."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("policies refused:\n" + "\n".join(f"  {fault}" for fault in faults))
        self.faults = faults


class TransferError(ConftestError):
    """A push or a pull did not do what was asked."""


class PullError(TransferError):
    """A pull failed, brought nothing, or its destination exists."""


class PushError(TransferError):
    """A push failed or printed no digest."""


def missing(path: Path) -> str:
    """Say that a path does not exist, in the words used everywhere."""
    return f"{path} does not exist"
