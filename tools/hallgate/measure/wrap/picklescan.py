"""picklescan's output: text, for it has no JSON.

It names files with findings only and calls a file it cannot parse clean, so it counts as a
second opinion: the list of files is walked by ourselves, every file is looked at by our own
check of formats besides, and what picklescan could not read becomes a finding.
"""

from __future__ import annotations

import re

from hallgate.measure.artifact import Found, artifact_predicate
from hallgate.measure.context import Population, Predicate, unmeasured
from hallgate.measure.wrap.report import Report

_FOUND = re.compile(r"^(?P<path>.+?): (?P<safety>\w+) import '(?P<what>[^']*)' FOUND", re.M)
_UNREAD = re.compile(
    r"^(?:WARNING: could not parse (?P<parse>.+?) as pickle|Invalid file (?P<member>.+?) in zip"
    r"|ERROR: parsing (?:pickle|zip|PyTorch) (?:in )?(?P<error>.+?): )",
    re.M,
)
_SCANNED = re.compile(r"^Scanned files: (\d+)$", re.M)


def wrap(report: Report) -> Predicate:
    """An artifact_scan. Without a list of files, or where picklescan scanned none, not_run."""
    output = report.document
    if not isinstance(output, str) or "SCAN SUMMARY" not in output:
        raise report.wrong(
            "this is no whole output of picklescan", "keep its standard output as text"
        )
    summary = _SCANNED.search(output)
    scanned = int(summary[1]) if summary else 0
    origin = report.origin("picklescan", None, files_it_scanned=str(scanned))
    if not report.files or not scanned:
        reason = "picklescan scanned no file" if report.files else "no list of files was given"
        population = Population("files of the model", len(report.files))
        return unmeasured(report.context, origin, population, "not_run", reason)
    return artifact_predicate(
        report.files,
        _findings(report, output),
        origin,
        model_digest=report.target_digest or report.subject,
        context=report.context,
    )


def _findings(report: Report, output: str) -> list[Found]:
    found: list[Found] = []
    for match in _FOUND.finditer(output):
        detail = f"{match['safety']} import {match['what']}"
        found.append((_listed(report, match["path"]), "unlisted_global", detail))
    for match in _UNREAD.finditer(output):
        path = match["parse"] or match["member"] or match["error"]
        found.append((_listed(report, path), "unreadable_member", "picklescan could not parse it"))
    return found


def _listed(report: Report, path: str) -> str:
    """The path as the list has it, where picklescan writes the same file absolutely."""
    for one in report.files:
        if path == str(one.location) or path.startswith(f"{one.location}:"):
            return one.path
    longest = max(
        (one.path for one in report.files if f"/{one.path}" in f"/{path}"), key=len, default=None
    )
    return longest or path
