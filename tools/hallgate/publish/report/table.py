"""The decision for a terminal, 100 columns wide."""

from __future__ import annotations

from collections.abc import Sequence

from tabulate import tabulate

from hallgate.model.values import Outcome
from hallgate.publish.report.text import counted, utc, visible, wrapped
from hallgate.publish.report.view import (
    DecisionView,
    Entry,
    bundle_words,
    entries,
    headline,
    next_steps,
    subject,
)

WIDTH = 100
_ID = 10
_OUTCOME = 14
_WORDS = WIDTH - _ID - _OUTCOME - 4
_QUIET = (Outcome.PASS, Outcome.NOT_APPLICABLE)
_COLOURS = {
    Outcome.ERROR: "35",
    Outcome.FAIL: "31",
    Outcome.INSUFFICIENT: "33",
    Outcome.OVERRIDDEN: "1;31",
    Outcome.WAIVED: "36",
    Outcome.PENDING: "34",
    Outcome.PASS: "32",
    Outcome.NOT_APPLICABLE: "2",
}


def table_report(view: DecisionView, *, colour: bool = False) -> str:
    """Head, what needs attention, the rest, the answer; colour adds ANSI codes."""
    found = entries(view)
    loud = [_loud(entry, colour) for entry in found if entry.outcome not in _QUIET]
    quiet = [_quiet(entry, colour) for entry in found if entry.outcome in _QUIET]
    blocks = ["\n".join(wrapped(one, WIDTH) for one in (_head(view), *bundle_words(view)))]
    if loud:
        blocks.append(table(("policy", "outcome", "what, and what to do"), loud))
    if quiet:
        blocks.append(table(("policy", "outcome", "claim"), quiet))
    if view.ignored:
        blocks.append("\n".join(_ignored(view)))
    blocks.append(_end(view))
    return "\n\n".join(blocks) + "\n"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows of text that is already wrapped, as a plain table."""
    return tabulate(rows, headers=head, tablefmt="simple", disable_numparse=True)


def _head(view: DecisionView) -> str:
    decided = f"decided {utc(view.decision.decided_at)}"
    engine = f"; opa {view.engine_version}" if view.engine_version else ""
    return f"{subject(view)}; {decided}; {view.mode}{engine}"


def _loud(entry: Entry, colour: bool) -> tuple[str, str, str]:
    words = [wrapped(entry.title, _WORDS)]
    if entry.notice:
        words.append(wrapped(entry.notice, _WORDS))
    for line in entry.lines:
        words.append(wrapped(line.message, _WORDS, "  ", "- "))
        facts = [line.measured, line.covered, line.remedy and f"do: {line.remedy}"]
        words += [wrapped(fact, _WORDS, "  ", "  ") for fact in facts if fact]
    if entry.left_off:
        total = entry.verdict.findings_total
        words.append(f"- {entry.left_off:,} more of {counted(total, 'finding')} left off")
    policy = f"{wrapped(entry.id, _ID)}\n{entry.verdict.severity.value}"
    return policy, _outcome(entry, colour), "\n".join(words)


def _quiet(entry: Entry, colour: bool) -> tuple[str, str, str]:
    words = entry.title
    if entry.lines:
        words += f" ({'; '.join(line.message for line in entry.lines)})"
    return wrapped(entry.id, _ID), _outcome(entry, colour), wrapped(words, _WORDS)


def _outcome(entry: Entry, colour: bool) -> str:
    word = entry.outcome.value.replace("_", " ")
    return f"\x1b[{_COLOURS[entry.outcome]}m{word}\x1b[0m" if colour else word


def _ignored(view: DecisionView) -> list[str]:
    return [
        wrapped(f"ignored: {visible(file)}: {visible(why)}", WIDTH, "  ")
        for file, why in view.ignored
    ]


def _end(view: DecisionView) -> str:
    lines = [wrapped(headline(view), WIDTH)]
    for number, step in enumerate(next_steps(view), start=1):
        lines.append(wrapped(f"{number}. {step}", WIDTH, "     ", "  "))
    if len(lines) > 1:
        lines.insert(1, "Next:")
    return "\n".join(lines)
