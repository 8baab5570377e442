"""Scan for secrets: built from detect-secrets' report and from the files the wrapper walked.

detect-secrets does not say what it looked at and reports a path that does not exist as clean,
so the list of files, with digests, is made by ourselves (`files.walk_files`).
"""

from __future__ import annotations

from collections.abc import Sequence

from hallgate.measure.context import (
    Context,
    Origin,
    Population,
    Predicate,
    clip,
    measured,
    unmeasured,
)
from hallgate.measure.files import LookedAt, joint_digest
from hallgate.model.values import JsonValue

_MAX = 1000
Secret = tuple[str, int, str]
"""A finding: path, line, kind; never the secret or its hash."""


def secret_scan(
    files: Sequence[LookedAt], secrets: Sequence[Secret], origin: Origin, *, context: Context
) -> Predicate:
    """A secret_scan. No files give not_run; a finding in a file that was not walked shows as
    completeness below expectation, since report and list then speak of different things.
    """
    joint = joint_digest(one.digest for one in files) if files else None
    population = Population("files scanned for secrets", len(files), joint)
    if not files:
        return unmeasured(context, origin, population, "not_run", "no file was looked at")
    known = {one.path for one in files}
    foreign = {path for path, _, _ in secrets} - known
    result: dict[str, JsonValue] = {
        "target_digest": joint,
        "files_total": len(files),
        "files": [{"path": clip(one.path, 1000), "digest": one.digest} for one in files[:_MAX]],
        "findings": [
            {"path": clip(path, 1000), "line": line, "kind": clip(kind, 100)}
            for path, line, kind in secrets[:_MAX]
        ],
        "findings_total": len(secrets),
    }
    expected = len(files) + len(foreign)
    return measured(context, origin, population, result, expected=expected)
