"""What of a pack is for reading: pages, tables, OSCAL; made from the records, and made again.

Nothing of it is signed. An auditor's own Hallgate renders it again from the records in the pack
and compares the bytes: a page that says other than they do is named.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hallgate import __version__
from hallgate.model.law import Control
from hallgate.publish.pack.html import decision_pages, index_page
from hallgate.publish.pack.oscal import Assessed, assessment_results, plan_of_action
from hallgate.publish.pack.scope import Scope, decisions
from hallgate.publish.pack.tables import controls_csv, decisions_csv, evidence_csv, waivers_csv
from hallgate.publish.pack.verifier.state import Pack
from hallgate.record.log.folder import Log
from hallgate.record.log.note import read_checkpoint
from hallgate.record.log.tiles import Tiles

MADE_BY = f"hallgate {__version__}"

_FOLDERS = ("decisions/", "oscal/")


def rendered(
    assessed: Assessed, facts: dict[str, Any], mapped: Sequence[dict[str, Any]]
) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of everything that is made from the records for reading."""
    controls, results, decided = assessed.controls, assessed.results, assessed.decided
    yield "index.html", index_page(assessed.scope, facts, mapped, controls, results, decided)
    yield from decision_pages(decided)
    yield "decisions.csv", decisions_csv(decided)
    yield "evidence.csv", evidence_csv(decided)
    yield "waivers.csv", waivers_csv(decided)
    yield "controls.csv", controls_csv(controls, results)
    yield "oscal/assessment-results.json", _json(assessment_results(assessed))
    plan = plan_of_action(assessed)
    if plan is not None:
        yield "oscal/poam.json", _json(plan)


def differing(folder: Path) -> tuple[str, ...] | None:
    """Files of an unpacked pack that say other than its records do, or that nothing makes.

    None where another version of Hallgate made the pack, and so would have written otherwise.
    Raises HallgateError, ValueError or KeyError where the pack cannot be read.
    """
    pack = Pack(folder)
    facts, mapped = pack.json("pack.json"), pack.json("controls.json")
    if facts.get("made_by") != MADE_BY:
        return None
    about = facts["scope"]
    scope = Scope(about["model"], about["framework"], about["from"], about["until"])
    log = _log(folder, pack)
    decided = list(decisions(log, scope, []))
    last = max((entry.at for _, entry in log.entries()), default=0)
    controls = [_control(one) for one in mapped]
    assessed = Assessed(scope, last, controls, pack.json("results.json"), decided)
    made = dict(rendered(assessed, facts, mapped))
    there = {
        path
        for path in pack.files()[0]
        if path in made or path.startswith(_FOLDERS) or ("/" not in path and path.endswith(".csv"))
    }
    other = {path for path in there & made.keys() if pack.data(path) != made[path]}
    return tuple(sorted(other | (there ^ made.keys())))


class _Listed(Tiles):
    """The entries of a pack, which has them as lines."""

    def all_entries(self, start: int = 0) -> Iterator[tuple[int, bytes]]:
        lines = Pack(self.folder.parent).data("log/entries.jsonl").splitlines()
        yield from enumerate(lines[start:], start)


def _log(folder: Path, pack: Pack) -> Log:
    note = pack.data("log/checkpoint")
    checkpoint = read_checkpoint(note)
    records = folder / "records"
    return Log(records, checkpoint, note, (), _Listed(records, checkpoint.size))


def _control(one: dict[str, Any]) -> Control:
    """A control as controls.json has it."""
    framework, _, name = one["name"].partition(":")
    return Control(
        framework, name, one["title"], one["force"], one["status"], one["from"], one["until"],
        one["superseded_by"], one["source"], one["verified"],
    )  # fmt: skip


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()
