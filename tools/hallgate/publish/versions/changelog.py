"""The changelog's entry about policies: one section of Unreleased, written again each time."""

from __future__ import annotations

import re

from hallgate.model.errors import InvalidDocument
from hallgate.publish.report.text import visible
from hallgate.publish.versions.value import Comparison, Level

_TITLE = "### Policies"
_SECTION = re.compile(rf"^{_TITLE}[^\n]*\n.*?(?=^##|\Z)", re.MULTILINE | re.DOTALL)
_UNRELEASED = re.compile(r"^## \[Unreleased\][^\n]*\n", re.MULTILINE)
_NEXT = re.compile(r"^## ", re.MULTILINE)
_WIDTH = 40


def entry(found: Comparison) -> str:
    """Markdown: a title with the level, and one line per difference, the heaviest first."""
    lines = [f"{_TITLE} ({found.level.word})", ""]
    lines += [
        f"- {one.level.word}: {_safe(one.line)}"
        for one in found.steps
        if one.source == "policies" or one.level is Level.MAJOR
    ]
    if not found.steps:
        lines.append("- Nothing differs.")
    return "\n".join(lines) + "\n"


def written(text: str, found: Comparison) -> str:
    """A changelog with the entry under [Unreleased], in place of an earlier one.

    Raises InvalidDocument where there is no such section.
    """
    head = _UNRELEASED.search(text)
    if head is None:
        raise InvalidDocument.one(
            "the changelog has no section ## [Unreleased]",
            remedy="add the line `## [Unreleased]` above the newest version",
        )
    later = _NEXT.search(text, head.end())
    end = later.start() if later else len(text)
    body = _SECTION.sub("", text[head.end() : end]).strip("\n")
    parts = [entry(found), f"{body}\n"] if body else [entry(found)]
    middle = "\n" + "\n".join(parts)
    return text[: head.end()] + middle + ("\n" if later else "") + text[end:]


def _safe(line: str) -> str:
    """One line of Markdown that says what it says: titles come from documents."""
    return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", visible(line))
