"""What the commands return: frozen, slotted, hashable, in a sorted order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["failure", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """The versions ``conftest --version`` states."""

    conftest: str
    opa: str


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One member of a ``deny``, ``violation`` or ``warn`` rule.

    ``metadata`` holds every other key of the rule's object, its value as JSON text.
    """

    namespace: str
    rule: str
    severity: Severity
    message: str
    metadata: tuple[tuple[str, str], ...] = ()
    file: str = ""
    line: str = ""


@dataclass(frozen=True, slots=True, order=True)
class RuleCount:
    """A rule that was evaluated, and how many findings it holds, as counted inside Rego."""

    rule: str
    findings: int


@dataclass(frozen=True, slots=True, order=True)
class CheckResult:
    """One input evaluated against one namespace."""

    input: str
    namespace: str
    rules: tuple[RuleCount, ...]
    failures: tuple[Finding, ...]
    warnings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Whether no rule failed; warnings do not count."""
        return not self.failures


@dataclass(frozen=True, slots=True)
class TestReport:
    """A complete run of ``conftest test``: one result per input and namespace, sorted."""

    __test__ = False  # not a pytest class

    results: tuple[CheckResult, ...]

    @property
    def passed(self) -> bool:
        """Whether there are results and none of them has a failure."""
        return bool(self.results) and all(result.passed for result in self.results)

    @property
    def failures(self) -> tuple[Finding, ...]:
        """All failures, in the order of the results."""
        return tuple(finding for result in self.results for finding in result.failures)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """All warnings, in the order of the results."""
        return tuple(finding for result in self.results for finding in result.warnings)


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """A complete run of ``conftest verify``; names are ``data.<package>.<test>``."""

    successes: int
    failed: tuple[str, ...]
    skipped: tuple[str, ...]

    @property
    def total(self) -> int:
        """How many tests were seen."""
        return self.successes + len(self.failed) + len(self.skipped)

    @property
    def passed(self) -> bool:
        """Whether tests ran and every one of them passed; a skipped test did not."""
        return self.successes > 0 and not self.failed and not self.skipped


@dataclass(frozen=True, slots=True, order=True)
class TransferredFile:
    """One file that was pushed or pulled."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class PushReport:
    """What was pushed. ``left_out`` names files of the folder that are not in the artifact."""

    reference: str
    digest: str
    files: tuple[TransferredFile, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PullReport:
    """What a pull brought; conftest verifies no signature, so compare the digests yourself."""

    source: str
    folder: str
    files: tuple[TransferredFile, ...]
