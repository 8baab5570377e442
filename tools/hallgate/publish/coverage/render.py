"""Coverage as a table, JSON, a Markdown matrix and an HTML page without outside assets."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from html import escape

from tabulate import tabulate

from hallgate.model.values import JsonObject
from hallgate.publish.coverage.count import STATES, Covered, Row
from hallgate.publish.report.text import iso

_SHOWN = 5
_STYLE = (
    "body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}td,th{border:1px solid #bbb;padding:.3rem .5rem;"
    "text-align:left;vertical-align:top}.automated{background:#d8f0d8}.partly{background:#fdf3c9}"
    ".manual{background:#dfe9f7}.not{background:#f7dcdc}"
)
_CSP = "default-src 'none'; style-src 'unsafe-inline'"


def as_table(found: Sequence[Covered], when: int) -> str:
    """One line per framework, each number beside its denominator."""
    head = ("framework", "of", *STATES, "lapsed", "the whole list?")
    rows = [
        (
            one.framework,
            len(one.rows),
            *(one.number(state) for state in STATES),
            one.lapsed,
            "yes" if one.whole else "no: only what is used",
        )
        for one in found
    ]
    lines = [f"Coverage at {iso(when)}, of the controls the register lists.", ""]
    lines += [tabulate(rows, headers=head, tablefmt="simple"), ""]
    if len(found) == 1:
        cells, widths = _cells(found[0], str), [16, 34, 9, 11, 18, 44, 30]
        told = tabulate(
            cells, headers=_HEAD, tablefmt="simple", disable_numparse=True, maxcolwidths=widths
        )
        lines += [told, ""]
        lines += [f"Denominator: {found[0].denominator}", ""]
    return "\n".join(lines)


def as_json(found: Sequence[Covered], when: int) -> str:
    """Everything, for programs; keys sorted, times in seconds."""
    document = {
        "format": "urn:hallgate:coverage:v1",
        "at": when,
        "frameworks": [
            {
                "id": one.framework,
                "denominator": one.denominator,
                "whole": one.whole,
                "controls": len(one.rows),
                "lapsed": one.lapsed,
                "counts": {state: one.number(state) for state in STATES},
                "rows": [_object(row) for row in one.rows],
            }
            for one in found
        ],
    }
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def as_markdown(found: Sequence[Covered], when: int) -> str:
    """A summary, then a matrix per framework."""
    lines = [
        "# Coverage",
        "",
        f"At {iso(when)}. A number means nothing without its denominator.",
        "",
    ]
    head = ["framework", "of", *STATES, "denominator"]
    lines += [_line(head), _line(["---"] * len(head))]
    for one in found:
        numbers = [str(one.number(state)) for state in STATES]
        lines.append(_line([one.framework, str(len(one.rows)), *numbers, _cell(one.denominator)]))
    for one in found:
        lines += ["", f"## {one.framework}", "", _line(_HEAD), _line(["---"] * len(_HEAD))]
        lines += [_line(cells) for cells in _cells(one, _cell)]
    return "\n".join(lines) + "\n"


def as_html(found: Sequence[Covered], when: int) -> str:
    """The same as one static page."""
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_CSP}">',
        f"<title>Coverage</title><style>{_STYLE}</style></head><body><h1>Coverage</h1>",
        f"<p>At {escape(iso(when))}. A number means nothing without its denominator.</p>",
    ]
    for one in found:
        numbers = ", ".join(f"{one.number(state)} {state}" for state in STATES)
        parts.append(
            f'<h2 id="{escape(one.framework)}">{escape(one.framework)}</h2>'
            f"<p>{numbers} of {len(one.rows)}: {escape(one.denominator)}.</p><table><tr>"
            + "".join(f"<th>{escape(name)}</th>" for name in _HEAD)
            + "</tr>"
        )
        for row, cells in zip(one.rows, _cells(one, escape), strict=True):
            told = "".join(f"<td>{cell}</td>" for cell in cells)
            parts.append(f'<tr class="{row.state.split()[0]}">{told}</tr>')
        parts.append("</table>")
    return "\n".join([*parts, "</body></html>", ""])


RENDERERS: dict[str, Callable[[Sequence[Covered], int], str]] = {
    "table": as_table,
    "json": as_json,
    "markdown": as_markdown,
    "html": as_html,
}

_HEAD = ["control", "what it asks for", "standing", "state", "policies", "scenarios", "remark"]


def _cells(found: Covered, safe: Callable[[str], str]) -> list[list[str]]:
    return [
        [
            safe(row.control.id),
            safe(row.control.title),
            row.standing.replace("_", " "),
            row.state,
            safe(", ".join(row.policies)),
            safe(_some(row.scenarios)),
            safe(row.why),
        ]
        for row in found.rows
    ]


def _some(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _object(row: Row) -> JsonObject:
    return {
        "control": row.control.name,
        "title": row.control.title,
        "force": row.control.force,
        "standing": row.standing,
        "state": row.state,
        "policies": list(row.policies),
        "scenarios": list(row.scenarios),
        "why": row.why,
        "verified": row.control.verified,
    }


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    return escape(text, quote=False).replace("|", "\\|").replace("\n", " ")
