"""The packet of the review board: what to decide, what ends, what is overdue, where risk lies.

One page without outside assets, and the same facts as Markdown. How waivers stand and
which band a score has is told by lib/waivers; here it is only laid out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from hallgate.intake.narrow import a_text, an_integer, an_object
from hallgate.model.values import JsonObject
from hallgate.publish.report.text import iso, visible
from hallgate.publish.report.waivers import WaiverRow

FORMATS = ("html", "markdown")
_MONTH = 30 * 86_400
_COLOURS = {"low": "#cfe8cf", "moderate": "#faf0b4", "high": "#f9d5b0", "extreme": "#f4b6b6"}
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse}td,th{border:1px solid #888;padding:.25rem .5rem;"
    "text-align:left;vertical-align:top;overflow-wrap:anywhere}"
)
_HEADERS = ("waiver", "policy", "model", "residual", "roles", "owner", "expires", "due", "why")


@dataclass(frozen=True, slots=True)
class Packet:
    """What the board gets as of a time in seconds; past holds archived waivers for the trend.

    matrix gives the band of (likelihood, impact).
    """

    at: int
    rows: tuple[WaiverRow, ...]
    past: tuple[WaiverRow, ...]
    matrix: Mapping[tuple[int, int], str]

    def sections(self) -> tuple[tuple[str, tuple[WaiverRow, ...]], ...]:
        """Titles with their waivers, the most urgent first."""
        open_ones = [one for one in self.rows if one.standing and one.standing.is_open]
        soon = sorted(open_ones, key=lambda one: (one.expires, one.id))
        risky = sorted(open_ones, key=lambda one: (-_score(one), one.expires, one.id))
        return (
            ("To decide", tuple(one for one in risky if one.status == "proposed")),
            ("Expiring", tuple(one for one in soon if one.status == "expiring")),
            ("Remediation overdue", tuple(one for one in soon if one.due <= self.at)),
            ("In force", tuple(one for one in risky if one.status in {"in_force", "expiring"})),
        )

    def cells(self) -> Mapping[tuple[int, int], int]:
        """How many open waivers have each residual score."""
        found: dict[tuple[int, int], int] = {}
        for one in self.rows:
            if one.standing and one.standing.is_open:
                cell = _cell(one.document)
                found[cell] = found.get(cell, 0) + 1
        return found

    def trend(self) -> tuple[tuple[int, int, int], ...]:
        """(time, waivers by their dates, sum of residual scores) now and in six months before."""
        known = (*self.rows, *self.past)
        points = []
        for months in range(6, -1, -1):
            when = self.at - months * _MONTH
            then = [
                one for one in known if an_integer(one.document["opened"]) <= when < one.expires
            ]
            scores = [likelihood * impact for likelihood, impact in map(_of, then)]
            points.append((when, len(then), sum(scores)))
        return tuple(points)


def _of(row: WaiverRow) -> tuple[int, int]:
    return _cell(row.document)


def _cell(document: JsonObject) -> tuple[int, int]:
    residual = an_object(an_object(document["risk"])["residual"])
    return an_integer(residual["likelihood"]), an_integer(residual["impact"])


def _score(row: WaiverRow) -> int:
    return row.standing.score if row.standing else 0


def render_board(packet: Packet, form: str) -> str:
    """The packet in one of FORMATS."""
    return _markdown(packet) if form == "markdown" else _html(packet)


def _facts(row: WaiverRow) -> list[str]:
    said, standing = row.document, row.standing
    subject = an_object(said["subject"])
    return [
        row.id,
        a_text(said["policy"]),
        f"{a_text(subject['name'])} to {a_text(subject['to_stage'])}",
        f"{standing.band} ({standing.score})" if standing else "",
        f"{standing.matched} of {standing.needed}" if standing else "",
        a_text(said["owner"]),
        iso(row.expires)[:10],
        iso(row.due)[:10],
        a_text(said["reason"]),
    ]


def _markdown(packet: Packet) -> str:
    lines = ["# Review board", "", f"As of {iso(packet.at)}."]
    for title, rows in packet.sections():
        lines += ["", f"## {title} ({len(rows)})", ""]
        if rows:
            lines += [f"| {' | '.join(_HEADERS)} |", "|---" * len(_HEADERS) + "|"]
        lines += [f"| {' | '.join(_cell_text(one) for one in _facts(row))} |" for row in rows]
    lines += [
        "",
        "## Residual risk of open waivers",
        "",
        "| likelihood \\ impact | 1 | 2 | 3 | 4 | 5 |",
    ]
    lines += ["|---" * 6 + "|"]
    cells = packet.cells()
    for likelihood in range(5, 0, -1):
        counts = [str(cells.get((likelihood, impact), "")) for impact in range(1, 6)]
        lines.append(f"| {likelihood} | {' | '.join(counts)} |")
    lines += [
        "",
        "## Trend",
        "",
        "| day | open by their dates | sum of residual scores |",
        "|---|---|---|",
    ]
    lines += [f"| {iso(when)[:10]} | {count} | {total} |" for when, count, total in packet.trend()]
    return "\n".join(lines) + "\n"


def _cell_text(text: str) -> str:
    return escape(visible(text), quote=False).replace("|", "\\|")


def _html(packet: Packet) -> str:
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        f"<title>Review board {iso(packet.at)[:10]}</title><style>{_STYLE}</style></head><body>",
        f"<h1>Review board</h1><p>As of {iso(packet.at)}.</p>",
    ]
    for title, rows in packet.sections():
        parts.append(f"<h2>{title} ({len(rows)})</h2>")
        if rows:
            head = "".join(f"<th>{one}</th>" for one in _HEADERS)
            body = "".join(f"<tr>{''.join(_td(one) for one in _facts(row))}</tr>" for row in rows)
            parts.append(f"<table><tr>{head}</tr>{body}</table>")
    parts += ["<h2>Residual risk of open waivers</h2>", _heat_map(packet)]
    rows_of_trend = "".join(
        f"<tr><td>{iso(when)[:10]}</td><td>{count}</td><td>{total}</td></tr>"
        for when, count, total in packet.trend()
    )
    head = "<tr><th>day</th><th>open by their dates</th><th>sum of residual scores</th></tr>"
    parts += ["<h2>Trend</h2>", f"<table>{head}{rows_of_trend}</table>", "</body></html>"]
    return "\n".join(parts) + "\n"


def _td(text: str) -> str:
    return f"<td>{escape(visible(text))}</td>"


def _heat_map(packet: Packet) -> str:
    """The 5x5 scale as SVG: colour by band, in each cell the number of open waivers."""
    side, margin = 64, 28
    width = margin + 5 * side
    cells = packet.cells()
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{width}" role="img" '
        'aria-label="open waivers by likelihood (upward) and impact (to the right)">'
    ]
    for (likelihood, impact), band in sorted(packet.matrix.items()):
        x, y = margin + (impact - 1) * side, (5 - likelihood) * side
        count = cells.get((likelihood, impact), 0)
        parts.append(
            f'<rect x="{x}" y="{y}" width="{side}" height="{side}" fill="{_COLOURS[band]}" '
            f'stroke="#888"><title>likelihood {likelihood}, impact {impact}: {band}, {count}'
            f"</title></rect>"
        )
        if count:
            place = f'x="{x + side // 2}" y="{y + side // 2 + 6}"'
            parts.append(f'<text {place} text-anchor="middle" font-size="20">{count}</text>')
    for number in range(1, 6):
        middle = side // 2
        parts.append(f'<text x="8" y="{(5 - number) * side + middle}">{number}</text>')
        parts.append(
            f'<text x="{margin + (number - 1) * side + middle}" y="{width - 8}">{number}</text>'
        )
    return "".join([*parts, "</svg>"])
