"""Which wrapper reads which report."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from hallgate.measure.context import Predicate
from hallgate.measure.wrap import authored
from hallgate.measure.wrap.report import Report
from hallgate.model.errors import UsageError


def _by(module: str) -> Callable[[Report], Predicate]:
    """wrap() of a module of this package, imported when it is called: a command needs one."""

    def wrap(report: Report) -> Predicate:
        predicate: Predicate = import_module(f"hallgate.measure.wrap.{module}").wrap(report)
        return predicate

    return wrap


WRAPPERS: tuple[tuple[str, str, Callable[[Report], Predicate]], ...] = (
    ("artifact_scan", "picklescan", _by("picklescan")),
    ("build_provenance", "slsa", _by("slsa")),
    ("ml_bom", "cyclonedx", _by("cyclonedx")),
    ("model_signature", "model-signing", _by("model_signing")),
    ("runtime_alerts", "falco", _by("falco")),
    ("secret_scan", "detect-secrets", _by("detect_secrets")),
    ("vulnerability_report", "grype", _by("grype")),
    ("vulnerability_report", "trivy", _by("trivy")),
    *((kind, "author", authored.wrapper(kind)) for kind in authored.KINDS),
)
"""(evidence type, tool, function), sorted by type."""


def wrap(kind: str, report: Report, *, tool: str | None = None) -> Predicate:
    """The predicate of evidence type `kind` from a report.

    Without `tool` the one wrapper of that type is taken, and of several the one that the
    report's members point to. Raises UsageError for a type or tool without wrapper,
    InvalidDocument for a report that is not what it should be.
    """
    fitting = {name: function for of, name, function in WRAPPERS if of == kind}
    if not fitting:
        known = ", ".join(sorted({of for of, _, _ in WRAPPERS}))
        raise UsageError(f"nothing wraps a report as {kind}", remedy=f"use one of: {known}")
    chosen = tool or (_guess(report) if len(fitting) > 1 else next(iter(fitting)))
    if chosen not in fitting:
        raise UsageError(
            f"{report.name}: cannot tell which tool wrote this {kind}"
            if tool is None
            else f"{tool} writes no {kind}",
            remedy=f"name one of: {', '.join(sorted(fitting))}",
        )
    return fitting[chosen](report)


def _guess(report: Report) -> str | None:
    document = report.document
    if isinstance(document, str | list):
        return "falco"
    if isinstance(document, dict) and "watched_from" in document:
        return "author"
    if not isinstance(document, dict):
        return None
    if "matches" in document or "descriptor" in document:
        return "grype"
    if {"SchemaVersion", "ArtifactName", "Results", "ArtifactType"} & document.keys():
        return "trivy"
    return None
