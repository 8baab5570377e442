"""The review as a comment on a pull request, in GitHub's Markdown.

The first line is a marker by which a bot finds its comment again. Every part has a budget of
its own, so that no text of the head can push another part out of the comment.
"""

from __future__ import annotations

from collections.abc import Iterable

from hallgate.decide.impact import Effect
from hallgate.publish.report.markdown import escaped
from hallgate.publish.report.text import counted, utc
from hallgate.publish.review import words
from hallgate.publish.review.value import Reach, Review, WaiverChange

MARKER = "<!-- hallgate:review -->"
_LONGEST_LINE = 1500
_REFUSED, _WAIVERS, _REACH, _SECTION, _LEFT_OUT = 9_000, 16_000, 7_000, 3_000, 2_000


def markdown_review(review: Review) -> str:
    """Marker, answer, refusals, blast radius, waivers, and everything else that changed."""
    blocks = [
        MARKER,
        "### Hallgate review",
        f"**{escaped(review.headline)}**",
        f"`{review.base[:12]}..{review.head[:12]}`, {utc(review.at)}.",
    ]
    if review.refused:
        title = "Faults" if review.unreadable else "Refused"
        faults = (words.fault(one) for one in review.refused)
        blocks += [f"#### {title}", _list(faults, _REFUSED)]
    if not review.unreadable:
        blocks += _looked_at(review)
    return "\n\n".join(block for block in blocks if block) + "\n"


def _looked_at(review: Review) -> list[str]:
    blocks = ["#### Blast radius"]
    for reach in review.reaches:
        blocks += _reach(reach)
    blocks.append(escaped(words.CAUTION))
    blocks.append(_list([*review.corpus], _SECTION))
    if review.left_out:
        blocks.append(f"Not replayed, {counted(len(review.left_out), 'document')}:")
        blocks.append(_list((words.fault(one) for one in review.left_out), _LEFT_OUT))
    if review.waivers:
        blocks.append("#### Waivers")
        blocks += _bounded([_waiver(one) for one in review.waivers], _WAIVERS, "waiver")
    for section in review.sections:
        if section.lines:
            blocks += [f"#### {escaped(section.title)}", _list(section.lines, _SECTION)]
    blocks.append(escaped(words.empty_sections(review)))
    return blocks


def _reach(reach: Reach) -> list[str]:
    blocks = [f"**{escaped(reach.title)}.** {escaped(words.replayed(reach))}"]
    rows = [_row(one) for one in words.ordered(reach.impact)]
    if rows:
        head = ["| promotion | when | answer | policies |", "|---|---|---|---|"]
        table = [*head, *_bounded(rows, _REACH, "row", "| {} | | | |")]
        summary = escaped(reach.question)
        blocks.append("\n".join(table))
        blocks.append(f"<sub>{summary}</sub>")
    return blocks


def _row(effect: Effect) -> str:
    told = [words.change(one) for one in effect.changes]
    if effect.error:
        told.append(effect.error)
    policies = "<br>".join(_cut(one) for one in told[:8])
    if len(told) > 8:
        policies += f"<br>and {len(told) - 8} more"
    when = f"{escaped(effect.moment)}, {utc(effect.at)}"
    case = f"{effect.origin} {escaped(effect.case)}"
    return f"| {case} | {when} | {escaped(words.answer(effect))} | {policies} |"


def _waiver(of: WaiverChange) -> str:
    lines = [
        f"**{escaped(words.waiver_title(of))}**",
        _lines(of.words),
        _matrix(of),
        _lines((*of.signers, *(f"CONFLICT: {one}." for one in of.conflicts))),
    ]
    return "\n\n".join(lines)


def _matrix(of: WaiverChange) -> str:
    rows = [
        f"| {words.LIKELIHOOD} \\\\ {words.IMPACT} | 1 | 2 | 3 | 4 | 5 |",
        "|---|---|---|---|---|---|",
    ]
    for likelihood, row in words.cells(of):
        shown = [
            f"**{escaped(band)} ◉ {mark}**" if residual else f"{escaped(band)} ○ {mark}"
            if mark else escaped(band)
            for band, mark, residual, _ in row
        ]  # fmt: skip
        rows.append(f"| {likelihood} | {' | '.join(shown)} |")
    return "\n".join(rows)


def _lines(told: Iterable[str]) -> str:
    return "\n".join(f"- {_cut(one)}" for one in told)


def _list(told: Iterable[str], budget: int) -> str:
    return "\n".join(_bounded([f"- {_cut(one)}" for one in told], budget, "line", "- {}"))


def _cut(text: str) -> str:
    long = len(text) > _LONGEST_LINE
    return escaped(text[:_LONGEST_LINE] + ("… (cut)" if long else ""))


def _bounded(parts: list[str], budget: int, what: str, form: str = "{}") -> list[str]:
    """As many parts as the budget holds, and how many were left off."""
    kept: list[str] = []
    for number, part in enumerate(parts):
        budget -= len(part) + 2
        if budget < 0:
            left = f"**{counted(len(parts) - number, what)} left off**; the HTML report has all"
            return [*kept, form.format(left)]
        kept.append(part)
    return kept
