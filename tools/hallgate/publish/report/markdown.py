"""The decision as a comment on a pull request, in GitHub's Markdown.

The first line is a marker that is the same for the same model and stage, so
that a bot can find its comment and update it.
"""

from __future__ import annotations

import re

from hallgate.model.values import Outcome
from hallgate.publish.report.text import counted, utc, visible
from hallgate.publish.report.view import (
    DecisionView,
    Entry,
    Line,
    bundle_words,
    entries,
    headline,
    next_steps,
    subject,
)

# A comment holds at most 65,536 characters; rows beyond these budgets are counted, not shown.
_TABLE_BUDGET = 35_000
_DETAILS_BUDGET = 20_000
_SHOWN = (
    Outcome.ERROR,
    Outcome.FAIL,
    Outcome.INSUFFICIENT,
    Outcome.OVERRIDDEN,
    Outcome.WAIVED,
    Outcome.PENDING,
)
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
_MARKUP = re.compile(r"([\\`*_{}\[\]()+!|~^$-])")
# Cut with a zero-width space: mentions, issue numbers and bare addresses are made into links.
_LINKED = re.compile(r"([@#])|(?<=:)(?=//)|(?<=www)(?=\.)", re.IGNORECASE)


def markdown_report(view: DecisionView) -> str:
    """Marker, headline, table of what needs attention, all verdicts folded away."""
    found = entries(view)
    blocks = [marker(view), f"### {escaped(subject(view))}", f"**{escaped(headline(view))}**"]
    blocks += [escaped(one) for one in bundle_words(view)]
    steps = [f"{number}. {escaped(step)}" for number, step in enumerate(next_steps(view), start=1)]
    if steps:
        blocks.append("\n".join(steps))
    rows = [row for entry in found if entry.outcome in _SHOWN for row in _rows(entry)]
    if rows:
        head = "| policy | outcome | finding | remedy |\n|---|---|---|---|"
        blocks.append(_bounded(head, rows, _TABLE_BUDGET))
    blocks.append(_details(view, found))
    return "\n\n".join(blocks) + "\n"


def marker(view: DecisionView) -> str:
    """The HTML comment that names model and stage."""
    model = _UNSAFE.sub("_", view.request.model_name)
    stage = _UNSAFE.sub("_", view.request.to_stage)
    # Two hyphens would end the comment.
    named = f"{model}:{stage}".replace("--", "-_")
    return f"<!-- hallgate:decision:{named} -->"


def escaped(text: str) -> str:
    """Text that GitHub shows as it is: no markup, HTML, table cell, link or mention."""
    shown = visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    shown = _MARKUP.sub(r"\\\1", shown)
    return _LINKED.sub(lambda match: (match[1] or "") + "&#8203;", shown)


def _rows(entry: Entry) -> list[str]:
    policy = f"{escaped(entry.id)} {escaped(entry.title)}<br>{entry.verdict.severity.value}"
    if entry.notice:
        policy += f"<br>**{escaped(entry.notice)}**"
    outcome = entry.outcome.value.replace("_", " ")
    rows = [
        f"| {policy} | {outcome} | {_finding(line)} | {escaped(line.remedy or '')} |"
        for line in entry.lines
    ]
    if entry.left_off:
        total = counted(entry.verdict.findings_total, "finding")
        rows.append(f"| {policy} | {outcome} | {entry.left_off:,} more of {total} left off | |")
    return rows or [f"| {policy} | {outcome} | | |"]


def _finding(line: Line) -> str:
    parts = [line.message, line.measured, line.covered]
    return "<br>".join(escaped(part) for part in parts if part)


def _bounded(head: str, rows: list[str], budget: int) -> str:
    lines = [head]
    for number, row in enumerate(rows):
        budget -= len(row) + 1
        if budget < 0:
            left = counted(len(rows) - number, "row")
            lines.append(f"| | | {left} left off; `--format json` has them all | |")
            break
        lines.append(row)
    return "\n".join(lines)


def _details(view: DecisionView, found: tuple[Entry, ...]) -> str:
    rows = [_verdict(entry) for entry in found]
    head = "| policy | severity | outcome | claim |\n|---|---|---|---|"
    facts = [
        f"Decided {utc(view.decision.decided_at)}, {view.mode}.",
        *(f"Ignored {file}: {why}." for file, why in view.ignored[:20]),
    ]
    told = "\n".join(f"- {escaped(fact)}" for fact in facts)
    summary = f"<details><summary>All {counted(len(found), 'policy verdict')}</summary>"
    table = _bounded(head, rows, _DETAILS_BUDGET)
    return f"{summary}\n\n{table}\n\n{told}\n\n</details>"


def _verdict(entry: Entry) -> str:
    outcome = entry.outcome.value.replace("_", " ")
    severity = entry.verdict.severity.value
    return f"| {escaped(entry.id)} | {severity} | {outcome} | {escaped(entry.title)} |"
