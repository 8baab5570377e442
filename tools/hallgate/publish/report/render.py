"""The formats of a decision."""

from __future__ import annotations

from collections.abc import Callable

from hallgate.model.errors import UsageError
from hallgate.publish.report.as_json import json_report
from hallgate.publish.report.github import github_report
from hallgate.publish.report.junit import junit_report
from hallgate.publish.report.markdown import markdown_report
from hallgate.publish.report.sarif import sarif_report
from hallgate.publish.report.table import table_report
from hallgate.publish.report.view import DecisionView

RENDERERS: tuple[tuple[str, Callable[[DecisionView], str]], ...] = (
    ("table", table_report),
    ("json", json_report),
    ("junit", junit_report),
    ("sarif", sarif_report),
    ("github", github_report),
    ("markdown", markdown_report),
)
FORMATS: tuple[str, ...] = tuple(name for name, _ in RENDERERS)


def render(view: DecisionView, format: str, *, colour: bool = False) -> str:
    """The decision in one of FORMATS, ending in a newline; colour is for the table alone.

    Raises UsageError for any other format.
    """
    if colour and format == "table":
        return table_report(view, colour=True)
    for name, renderer in RENDERERS:
        if name == format:
            return renderer(view)
    raise UsageError(f"there is no format {format!r}", remedy=f"use one of {', '.join(FORMATS)}")
