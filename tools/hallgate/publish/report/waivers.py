"""Waivers for people and machines: a row of facts each, as table, Markdown or JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from tabulate import tabulate

from hallgate.decide.waiver_status import Standing
from hallgate.intake.narrow import a_text, an_integer, an_object, texts
from hallgate.intake.waiver_archive import Ended
from hallgate.model.documents import Waiver
from hallgate.model.values import JsonObject, JsonValue
from hallgate.publish.report.text import counted, iso, visible

FORMATS = ("table", "json", "markdown")
_HEADERS = (
    "waiver",
    "status",
    "policy",
    "model",
    "to",
    "residual",
    "roles",
    "owner",
    "expires",
    "due",
)


@dataclass(frozen=True, slots=True)
class WaiverRow:
    """One waiver; standing is None for one of the archive."""

    id: str
    file: str
    document: JsonObject
    standing: Standing | None

    @property
    def status(self) -> str:
        """Its status; archived ones have only that."""
        return self.standing.status if self.standing else "archived"

    @property
    def expires(self) -> int:
        """When it ends, in seconds."""
        return an_integer(self.document["expires"])

    @property
    def due(self) -> int:
        """When its remediation is due, in seconds."""
        return an_integer(an_object(self.document["remediation"])["due"])


def row_of(waiver: Waiver, standing: Standing) -> WaiverRow:
    """The row of a waiver that still lies among the families."""
    return WaiverRow(waiver.id, waiver.file, waiver.document, standing)


def ended_row(ended: Ended) -> WaiverRow:
    """The row of an archived waiver."""
    return WaiverRow(ended.id, ended.file, ended.document, None)


def render_waivers(rows: Sequence[WaiverRow], form: str) -> str:
    """All rows in one of FORMATS."""
    if form == "json":
        return json.dumps([as_json(one) for one in rows], indent=2, ensure_ascii=False) + "\n"
    if not rows:
        return "No waivers.\n"
    shape = "github" if form == "markdown" else "simple"
    cells = [[_safe(cell, form) for cell in _cells(one)] for one in rows]
    return tabulate(cells, headers=_HEADERS, tablefmt=shape, disable_numparse=True) + "\n"


def as_json(row: WaiverRow) -> dict[str, JsonValue]:
    """Everything known of a waiver; times as in files."""
    said = row.document
    return {
        "id": row.id,
        "status": row.status,
        "policy": said["policy"],
        "subject": said["subject"],
        "findings": said["findings"],
        "risk": said["risk"],
        "owner": said["owner"],
        "requester": said["requester"],
        "opened": iso(an_integer(said["opened"])),
        "expires": iso(row.expires),
        "remediation_due": iso(row.due),
        "renews": said["renews"],
        "standing": row.standing.document if row.standing else None,
        "file": row.file,
    }


def _cells(row: WaiverRow) -> list[str]:
    said, standing = row.document, row.standing
    subject = an_object(said["subject"])
    return [
        row.id,
        row.status,
        a_text(said["policy"]),
        a_text(subject["name"]),
        a_text(subject["to_stage"]),
        f"{standing.band} ({standing.score})" if standing else "",
        f"{standing.matched} of {standing.needed}" if standing else "",
        a_text(said["owner"]),
        iso(row.expires),
        iso(row.due),
    ]


def named_artifacts(waiver: Waiver) -> str:
    """What a waiver names, in words: its digests, or its range of versions."""
    ((kind, said),) = _reach(waiver).items()
    if kind == "digests":
        return f"{counted(len(waiver.digests), 'digest')}: {said}"
    return f"{kind} {said}"


def _reach(waiver: Waiver) -> dict[str, str]:
    if waiver.ranged_model is None:
        return {"digests": ", ".join(waiver.digests)}
    said = an_object(an_object(waiver.document["subject"])["versions"])
    return {"versions": f"{said['from']} to {said['to']}, as signed bills of materials say"}


def _safe(text: str, form: str) -> str:
    shown = visible(text)
    return shown.replace("|", "\\|") if form == "markdown" else shown


def show_waiver(waiver: Waiver, standing: Standing) -> str:
    """One waiver in words, with who said what about it."""
    said = waiver.document
    subject, remediation = an_object(said["subject"]), an_object(said["remediation"])
    findings = said["findings"]
    facts = {
        "status": standing.status,
        "policy": a_text(said["policy"]),
        "model": f"{a_text(subject['name'])}, to {a_text(subject['to_stage'])}",
        **_reach(waiver),
        "findings": "every plain finding" if findings is None else ", ".join(texts(findings)),
        "reason": a_text(said["reason"]),
        "residual": f"{standing.band} ({standing.score})",
        "approved": f"in {standing.matched} of {standing.needed} roles",
        "short enough": f"for tier {', '.join(standing.tiers)}"
        if standing.tiers
        else "for no tier",
        "remediation": f"{a_text(remediation['plan'])} Due {iso(an_integer(remediation['due']))}.",
        "owner": a_text(said["owner"]),
        "requester": a_text(said["requester"]),
        "from, until": f"{iso(an_integer(said['opened']))}, {iso(an_integer(said['expires']))}",
    }
    lines = [f"{waiver.id}  {waiver.file}"]
    lines += [f"  {name:<13} {visible(text)}" for name, text in facts.items()]
    for word in sorted(waiver.approvals, key=lambda one: one.approved_at):
        merged = iso(word.published_at) if word.published_at is not None else "not known"
        lines.append(
            f"  {word.decision:<13} {word.identity}, as {word.role}, {iso(word.approved_at)}"
        )
        lines.append(f"  {'':<13} {visible(word.reason)} (merged: {merged})")
        if word.conditions is not None:
            lines.append(f"  {'':<13} on condition: {visible(word.conditions)}")
    for name, what in _NOT_COUNTED.items():
        for who in texts(standing.document[name]):
            lines.append(f"  does not count: {who}, {what}")
    return "\n".join(lines) + "\n"


_NOT_COUNTED = {
    "barred": "who asked for the waiver or touched its file",
    "outdated": "who approved it under another text of the rule",
    "powerless": "who may not withdraw it",
}
