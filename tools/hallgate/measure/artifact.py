"""Scan of model files: what each is by content, and whether loading it can run code."""

from __future__ import annotations

from collections.abc import Sequence

from hallgate.measure.artifact_formats import inspect
from hallgate.measure.context import (
    Context,
    Origin,
    Population,
    Predicate,
    clip,
    measured,
    unmeasured,
)
from hallgate.measure.files import LookedAt, cannot_read, joint_digest
from hallgate.model.errors import UsageError
from hallgate.model.values import JsonValue

_MAX = 1000
Found = tuple[str, str, str]
"""A finding: path, kind, detail."""


def scan_artifact(files: Sequence[LookedAt], *, model_digest: str, context: Context) -> Predicate:
    """An artifact_scan of the files of a model (`files.walk_files`, `files.look_at`).

    model_digest must be that of one of the files or their joint digest: a scan of something
    else is no evidence about the model. No files give status not_run. Raises UsageError.
    """
    query = "format by content; safetensors header and offsets; pickles never loaded"
    return artifact_predicate(
        files, (), Origin("model files", query), model_digest=model_digest, context=context
    )


def artifact_predicate(
    files: Sequence[LookedAt],
    more: Sequence[Found],
    origin: Origin,
    *,
    model_digest: str,
    context: Context,
) -> Predicate:
    """An artifact_scan with our own look at every file and findings of another scanner besides."""
    if len(files) > _MAX:
        raise UsageError(f"{len(files)} files are more than {_MAX}", remedy="scan by parts")
    digests = [one.digest for one in files]
    joint = joint_digest(digests) if digests else None
    population = Population("files of the model", len(files), joint)
    if not files:
        return unmeasured(context, origin, population, "not_run", "no file was looked at")
    if model_digest not in {*digests, joint}:
        raise UsageError(
            f"none of the scanned files has the model's digest {model_digest}",
            remedy="scan the file that is to be promoted",
        )
    listed: list[JsonValue] = []
    findings: list[Found] = []
    for one in files:
        try:
            look = inspect(one.location)
        except OSError as error:
            raise cannot_read(one.location, error) from error
        listed.append(
            {
                "path": clip(one.path, 1000),
                "digest": one.digest,
                "format": look.format,
                "readable": look.readable,
            }
        )
        findings += [(one.path, kind, detail) for kind, detail in look.findings]
    findings += more
    if len(findings) > _MAX:
        origin = Origin(
            origin.system,
            origin.query,
            {**origin.parameters, "findings_total": str(len(findings))},
            origin.collector,
            origin.raw_digest,
        )
    result: dict[str, JsonValue] = {
        "model_digest": model_digest,
        "files": listed,
        "findings": [
            {"path": clip(path, 1000), "kind": kind, "detail": clip(detail, 500)}
            for path, kind, detail in findings[:_MAX]
        ],
    }
    return measured(context, origin, population, result)
