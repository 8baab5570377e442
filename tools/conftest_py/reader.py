"""Reading what ``conftest test`` and ``verify`` print, before any look at the exit code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from conftest_py import strict_json
from conftest_py.errors import DocumentError, EngineError, IncompleteResultError, OutputError
from conftest_py.process import Completed
from conftest_py.strict_json import Json

_FIELDS = frozenset(
    {"filename", "namespace", "successes", "skipped", "warnings", "failures", "exceptions"}
)
_RESULT_FIELDS = frozenset({"msg", "loc", "metadata"})


@dataclass(frozen=True, slots=True)
class RawResult:
    """One entry of ``failures``, ``warnings``, ``exceptions`` or ``skipped``."""

    message: str
    query: str
    metadata: tuple[tuple[str, str], ...]
    file: str
    line: str

    def field(self, name: str) -> Json:
        """One value of the metadata, parsed again; None when it is absent."""
        for key, text in self.metadata:
            if key == name:
                return strict_json.loads(text.encode("utf-8"), name, "any")
        return None


@dataclass(frozen=True, slots=True)
class RawCheck:
    """One element of conftest's array."""

    filename: str
    namespace: str
    successes: int
    failures: tuple[RawResult, ...]
    warnings: tuple[RawResult, ...]
    exceptions: tuple[RawResult, ...]
    skipped: tuple[RawResult, ...]


def read_checks(done: Completed, command: str) -> tuple[RawCheck, ...]:
    """Read the array, then hold the exit code against it: 1 with failures, 0 without."""
    if not done.stdout.strip():
        raise EngineError(f"conftest {command} printed nothing: {done.stderr or 'no reason given'}")
    try:
        value: Any = strict_json.loads(done.stdout, f"conftest {command}", "any")
    except DocumentError as error:
        raise OutputError(f"conftest {command} printed no JSON: {error}") from error
    if value is None or value == []:
        raise IncompleteResultError(f"conftest {command} ran nothing")
    if not isinstance(value, list):
        raise OutputError(f"conftest {command} printed something else than an array")
    checks = tuple(_check(item) for item in value)
    failed = any(check.failures for check in checks)
    if done.code != int(failed):
        raise OutputError(f"conftest {command} ended with {done.code}, which its results deny")
    return checks


def _check(item: Any) -> RawCheck:
    if not isinstance(item, dict) or not item.keys() <= _FIELDS:
        raise OutputError(f"an unknown element in conftest's array: {item!r}")
    filename, namespace, successes = (
        item.get("filename"),
        item.get("namespace"),
        item.get("successes"),
    )
    if not (isinstance(filename, str) and isinstance(namespace, str)):
        raise OutputError("an element of conftest's array names no file or namespace")
    if not isinstance(successes, int) or isinstance(successes, bool):
        raise OutputError("an element of conftest's array has no number of successes")
    return RawCheck(
        filename,
        namespace,
        successes,
        _results(item, "failures"),
        _results(item, "warnings"),
        _results(item, "exceptions"),
        _results(item, "skipped"),
    )


def _results(item: dict[str, Any], field: str) -> tuple[RawResult, ...]:
    value = item.get(field, [])
    if not isinstance(value, list):
        raise OutputError(f"{field} is not an array")
    return tuple(_result(inner) for inner in value)


def _result(item: Any) -> RawResult:
    if not isinstance(item, dict) or not item.keys() <= _RESULT_FIELDS:
        raise OutputError(f"an unknown result: {item!r}")
    message, metadata, location = item.get("msg"), item.get("metadata", {}), item.get("loc", {})
    if not (isinstance(message, str) and isinstance(metadata, dict) and isinstance(location, dict)):
        raise OutputError(f"an unknown result: {item!r}")
    return RawResult(
        message=message,
        query=str(metadata.get("query", "")),
        metadata=tuple(
            (key, strict_json.dumps(value, key))
            for key, value in sorted(metadata.items())
            if key != "query"
        ),
        file=str(location.get("file", "")),
        line=str(location.get("line", "")),
    )
