"""The review as one HTML page: no script, no asset from outside, everything in it."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from hallgate.decide.impact import Effect
from hallgate.publish.report.text import utc, visible
from hallgate.publish.review import words
from hallgate.publish.review.value import Reach, Review, WaiverChange

# Forbids whatever a text that slipped through could try.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;margin:.5rem 0}td,th{border:1px solid #888;padding:.25rem .5rem;
text-align:left;vertical-align:top;overflow-wrap:anywhere}.answer{font-weight:bold;font-size:1.2rem}
.refused{border-left:.4rem solid #b00020;padding-left:1rem}.extreme{background:#f4b6b6}
.high{background:#f9d5b0}.moderate{background:#faf0b4}.low{background:#cfe8cf}
.residual{outline:3px solid #000;font-weight:bold}code{font-size:.9em}"""


def html_review(review: Review) -> str:
    """The whole review; nothing is left off."""
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        f"<title>Hallgate review {review.head[:12]}</title><style>{_STYLE}</style></head><body>",
        "<h1>Hallgate review</h1>",
        f'<p class="answer">{_safe(review.headline)}</p>',
        f"<p><code>{_safe(review.base)}..{_safe(review.head)}</code>, {utc(review.at)}.</p>",
    ]
    if review.refused:
        title = "Faults" if review.unreadable else "Refused"
        faults = _list(words.fault(one) for one in review.refused)
        parts.append(f'<section class="refused"><h2>{title}</h2>{faults}</section>')
    if not review.unreadable:
        parts += _looked_at(review)
    return "\n".join([*parts, "</body></html>"]) + "\n"


def _looked_at(review: Review) -> list[str]:
    parts = ["<h2>Blast radius</h2>"]
    parts += [_reach(one) for one in review.reaches]
    parts += [f"<p>{_safe(words.CAUTION)}</p>", _list(review.corpus)]
    if review.left_out:
        parts.append(f"<p>Not replayed:</p>{_list(words.fault(one) for one in review.left_out)}")
    if review.waivers:
        parts.append("<h2>Waivers</h2>")
        parts += [_waiver(one) for one in review.waivers]
    for section in review.sections:
        if section.lines:
            parts.append(f"<h2>{_safe(section.title)}</h2>{_list(section.lines)}")
    parts.append(f"<p>{_safe(words.empty_sections(review))}</p>")
    return parts


def _reach(reach: Reach) -> str:
    rows = "".join(_row(one) for one in words.ordered(reach.impact))
    head = "<tr><th>promotion</th><th>when</th><th>answer</th><th>policies</th></tr>"
    table = f"<table>{head}{rows}</table>" if rows else ""
    told = f"<p>{_safe(reach.question)}</p><p><b>{_safe(words.replayed(reach))}</b></p>"
    return f"<h3>{_safe(reach.title)}</h3>{told}{table}"


def _row(effect: Effect) -> str:
    told = [words.change(one) for one in effect.changes]
    if effect.error:
        told.append(effect.error)
    cells = (
        _safe(f"{effect.origin} {effect.case}"),
        _safe(f"{effect.moment}, {utc(effect.at)}"),
        _safe(words.answer(effect)),
        "<br>".join(_safe(one) for one in told),
    )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _waiver(of: WaiverChange) -> str:
    told = (*of.signers, *(f"CONFLICT: {one}." for one in of.conflicts))
    title = f"<h3>{_safe(words.waiver_title(of))}</h3>"
    return f"{title}<p><code>{_safe(of.file)}</code></p>{_list(of.words)}{_matrix(of)}{_list(told)}"


def _matrix(of: WaiverChange) -> str:
    numbers = "".join(f"<th>{number}</th>" for number in range(1, 6))
    rows = [f"<tr><th>{words.LIKELIHOOD} \\ {words.IMPACT}</th>{numbers}</tr>"]
    for likelihood, row in words.cells(of):
        cells = "".join(
            f'<td class="{_safe(band)}{" residual" if residual else ""}">{_safe(band)}'
            f"{'<br>' + _safe(mark) if mark else ''}</td>"
            for band, mark, residual, _ in row
        )
        rows.append(f"<tr><th>{likelihood}</th>{cells}</tr>")
    return f"<table>{''.join(rows)}</table>"


def _list(lines: Iterable[str]) -> str:
    items = "".join(f"<li>{_safe(line)}</li>" for line in lines)
    return f"<ul>{items}</ul>" if items else ""


def _safe(text: str) -> str:
    return escape(visible(text), quote=True)
