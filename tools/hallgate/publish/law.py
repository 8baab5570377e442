"""The law of a day: controls with how they stand at that time, as table, JSON or Markdown."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from tabulate import tabulate

from hallgate.model.law import Control
from hallgate.model.values import JsonValue
from hallgate.publish.report.text import iso

_HEAD = ("control", "standing", "force", "from", "until", "replaced by", "what it asks for")


def standings(controls: Sequence[Control], when: int) -> list[JsonValue]:
    """Each control at a time in seconds, for programs."""
    return [
        {
            "control": one.name,
            "standing": one.standing_at(when),
            "force": one.force,
            "from": one.since,
            "until": one.until,
            "superseded_by": one.superseded_by,
            "title": one.title,
            "source": one.source,
            "verified": one.verified,
        }
        for one in controls
    ]


def _table(controls: Sequence[Control], when: int) -> str:
    rows = [_row(one, when) for one in controls]
    head = f"The register at {iso(when)}: {len(rows)} controls.\n\n"
    return head + tabulate(rows, headers=_HEAD, tablefmt="simple", maxcolwidths=[34] * 7) + "\n"


def _json(controls: Sequence[Control], when: int) -> str:
    document = {
        "format": "urn:hallgate:law:v1",
        "at": when,
        "controls": standings(controls, when),
    }
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def _markdown(controls: Sequence[Control], when: int) -> str:
    lines = [f"# The register at {iso(when)}", "", f"| {' | '.join(_HEAD)} |", "|---" * 7 + "|"]
    for one in controls:
        cells = (cell.replace("|", "\\|") for cell in _row(one, when))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


RENDERERS: dict[str, Callable[[Sequence[Control], int], str]] = {
    "table": _table,
    "json": _json,
    "markdown": _markdown,
}


def _row(one: Control, when: int) -> tuple[str, ...]:
    return (
        one.name,
        one.standing_at(when).replace("_", " "),
        one.force,
        iso(one.since)[:10] if one.since is not None else "",
        iso(one.until)[:10] if one.until is not None else "",
        one.superseded_by or "",
        one.title,
    )
