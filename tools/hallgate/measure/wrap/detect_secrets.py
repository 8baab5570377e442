"""detect-secrets' JSON report. See `hallgate.measure.secrets` for what it does not say."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from hallgate.measure.context import Predicate
from hallgate.measure.secrets import Secret, secret_scan
from hallgate.measure.wrap.report import Report, text


def wrap(report: Report) -> Predicate:
    """A secret_scan. Findings marked as false alarms by `detect-secrets audit` stay findings:
    nobody signed that mark, a waiver is signed. A report made without any plugin, or without
    the files it looked at, is not_run. Raises InvalidDocument.
    """
    document = report.object(report.document, "the report")
    results = document.get("results")
    if not isinstance(results, Mapping) or "plugins_used" not in document:
        raise report.wrong("this is no report of detect-secrets", "run detect-secrets scan")
    plugins = report.objects(document["plugins_used"], "plugins_used")
    origin = report.origin(
        "detect-secrets", text(document.get("version")), plugins=str(len(plugins))
    )
    secrets: list[Secret] = []
    for path, entries in results.items():
        for entry in report.objects(entries, "results"):
            line = entry.get("line_number")
            secrets.append(
                (
                    PurePosixPath(path.replace("\\", "/")).as_posix(),
                    line if type(line) is int and line >= 0 else 0,
                    text(entry.get("type")) or "unknown",
                )
            )
    files = report.files if plugins else ()
    return secret_scan(files, sorted(secrets), origin, context=report.context)
