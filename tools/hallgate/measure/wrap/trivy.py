"""Trivy's JSON report (SchemaVersion 2).

A target without `Vulnerabilities` was scanned and has none; a report without `Results`, with
null, an empty list, or with results of other classes only (secrets, licences, configuration)
looked for no vulnerability at all: not_run.
"""

from __future__ import annotations

from collections.abc import Mapping

from hallgate.measure.context import Predicate
from hallgate.measure.wrap.report import Report, inner, text
from hallgate.measure.wrap.vulnerabilities import (
    Suppression,
    Vulnerability,
    predicate,
    severity,
)
from hallgate.model.values import JsonValue

_CLASSES = frozenset({"os-pkgs", "lang-pkgs", "unknown"})


def wrap(report: Report) -> Predicate:
    """A vulnerability_report. Raises InvalidDocument for a document that is not Trivy's."""
    document = report.object(report.document, "the report")
    if not {"SchemaVersion", "ArtifactName", "ArtifactType", "Results"} & document.keys():
        raise report.wrong("this is no report of trivy", "run trivy with --format json")
    results = report.objects(document.get("Results"), "Results")
    targets = [one for one in results if one.get("Class", "unknown") in _CLASSES]
    found: list[Vulnerability] = []
    suppressed: list[Suppression] = []
    packages = 0
    for target in targets:
        entries = report.objects(target.get("Vulnerabilities"), "Vulnerabilities")
        found += [_vulnerability(report, entry) for entry in entries]
        modified = report.objects(target.get("ExperimentalModifiedFindings"), "findings")
        suppressed += [_suppression(report, one) for one in modified]
        packages += len(report.objects(target.get("Packages"), "Packages"))
    version = text(inner(document, "Trivy", "Version"))
    told = {"artifact": text(document.get("ArtifactName")) or "unnamed"}
    if not packages and targets:
        told["scanned"] = "at least; the report lists no packages (trivy --list-all-pkgs)"
    origin = report.origin("trivy", version, **told)
    least = max(len({one.component for one in found}), len(targets))
    scanned = packages or (report.scanned or least if targets else 0)
    return predicate(
        report,
        origin,
        found,
        scanned=scanned,
        suppressed=suppressed,
        built=None,
        made=text(document.get("CreatedAt")),
    )


def _suppression(report: Report, entry: Mapping[str, JsonValue]) -> Suppression:
    one = _vulnerability(report, report.object(entry.get("Finding"), "a modified finding"))
    status = text(entry.get("Status")) or "ignored"
    return Suppression(one.id, one.component, status, text(entry.get("Statement")))


def _vulnerability(report: Report, entry: Mapping[str, JsonValue]) -> Vulnerability:
    name = text(entry.get("PkgName"))
    identity = text(entry.get("VulnerabilityID"))
    if name is None or identity is None:
        raise report.wrong("a vulnerability lacks VulnerabilityID or PkgName")
    return Vulnerability(
        id=identity,
        component=f"{name}@{text(entry.get('InstalledVersion')) or 'unknown'}",
        severity=severity(entry.get("Severity")),
        exploited=False,
        published_at=text(entry.get("PublishedDate")),
        fixed_version=(text(entry.get("FixedVersion")) or "").split(",")[0].strip() or None,
    )
