"""The decision as workflow commands of GitHub Actions: one annotation per line.

Every line is a command, so that no text from outside stands at the start of a
line, where the runner would obey it.
"""

from __future__ import annotations

from hallgate.model.values import Outcome
from hallgate.publish.report.text import counted, visible
from hallgate.publish.report.view import (
    DecisionView,
    Entry,
    Line,
    emergencies,
    entries,
    headline,
    next_steps,
    observed,
    subject,
)

_COMMANDS = {
    Outcome.OVERRIDDEN: "warning",
    Outcome.WAIVED: "warning",
    Outcome.PENDING: "warning",
}
_SILENT = (Outcome.PASS, Outcome.NOT_APPLICABLE)


def github_report(view: DecisionView) -> str:
    """Errors for what blocks, warnings for the excused and pending, a last line with the answer."""
    lines = [
        annotation
        for entry in entries(view)
        if entry.outcome not in _SILENT
        for annotation in _annotations(view, entry)
    ]
    steps = next_steps(view)
    told = [headline(view), *(f"{number}. {step}" for number, step in enumerate(steps, start=1))]
    kind = "notice" if view.decision.allowed else "error"
    if view.decision.allowed and (emergencies(view) or observed(view)):
        kind = "warning"
    lines.append(command(kind, view.request.file, subject(view), "\n".join(told)))
    return "\n".join(lines) + "\n"


def command(kind: str, file: str, title: str, message: str, *, line: int = 1) -> str:
    """One workflow command; line breaks of the message are kept, encoded."""
    shown = "\n".join(visible(one) for one in message.split("\n"))
    place = f"file={_property(file)},line={line},title={_property(title)}"
    return f"::{kind} {place}::{_data(shown)}"


def _annotations(view: DecisionView, entry: Entry) -> list[str]:
    kind = _COMMANDS.get(entry.outcome, "error")
    title = f"{entry.id} {entry.outcome.value}: {entry.title}"
    file = view.request.file
    made = [
        command("warning" if line.covered else kind, file, title, _told(entry, line))
        for line in entry.lines
    ]
    if entry.left_off:
        total = counted(entry.verdict.findings_total, "finding")
        made.append(command(kind, file, title, f"{entry.left_off:,} more of {total} left off"))
    return made


def _told(entry: Entry, line: Line) -> str:
    facts = [entry.notice, line.measured, line.covered, line.remedy and f"do: {line.remedy}"]
    return "\n".join([line.message, *(fact for fact in facts if fact)])


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(visible(text)).replace(":", "%3A").replace(",", "%2C")
