"""Answers to the questions of auditors, lawyers and architects, from an unpacked pack alone.

Each answer says what it rests on. A pack answers for what was decided and signed; it says
nothing about the world behind a measurement, and then the answer is that it cannot be shown.
"""

from __future__ import annotations

import base64
import csv
import io
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from hallgate.intake.rfc3339 import text as time_text
from hallgate.publish.pack.verifier.state import Pack

_MOST = 20


@dataclass(frozen=True, slots=True)
class Answer:
    """shown is whether the pack shows anything; lines are the words; rests_on are its files."""

    shown: bool
    lines: tuple[str, ...]
    rests_on: tuple[str, ...]


@dataclass(frozen=True)
class View:
    """What of a pack the answers read."""

    pack: Pack

    @classmethod
    def of(cls, folder: Path) -> View:
        """The pack in a folder."""
        return cls(Pack(folder))

    @cached_property
    def facts(self) -> dict[str, Any]:
        """pack.json."""
        found: dict[str, Any] = self.pack.json("pack.json")
        return found

    @cached_property
    def results(self) -> list[dict[str, Any]]:
        """results.json."""
        found: list[dict[str, Any]] = self.pack.json("results.json")
        return found

    @cached_property
    def controls(self) -> list[dict[str, Any]]:
        """controls.json."""
        found: list[dict[str, Any]] = self.pack.json("controls.json")
        return found

    def table(self, name: str) -> list[dict[str, str]]:
        """The rows of a CSV file."""
        return list(csv.DictReader(io.StringIO(self.pack.data(f"{name}.csv").decode())))


def _answer(lines: list[str], *rests_on: str, none: str) -> Answer:
    left = len(lines) - _MOST
    told = [*lines[:_MOST], *([f"and {left} more, in the table"] if left > 0 else [])]
    return Answer(bool(lines), tuple(told or [none]), rests_on)


def promotions(view: View) -> Answer:
    """Which digest was allowed to which stage, when."""
    lines = [
        f"{row['model']} {row['digest']} to {row['to_stage']}: allowed {row['decided_at']},"
        f" published {row['published_at']}"
        for row in view.table("decisions")
        if row["answer"] == "allowed"
    ]
    return _answer(lines, "decisions.csv", "records/", none="nothing was allowed in the period")


def denials(view: View) -> Answer:
    """What was denied, and by which policies."""
    lines = [
        f"{row['model']} {row['digest'][:19]} to {row['to_stage']}, {row['decided_at']}:"
        f" denied by {row['blocked_by']}"
        for row in view.table("decisions")
        if row["answer"] == "denied"
    ]
    return _answer(lines, "decisions.csv", none="nothing was denied in the period")


def approvals(view: View) -> Answer:
    """Who approved, when, and why."""
    lines = [
        f"{row['signer']}, {row['collected_at']}: {row['reason'] or 'no reason given'}"
        for row in view.table("evidence")
        if row["type"] == "approval"
    ]
    return _answer(lines, "evidence.csv", "records/blobs/", none="no approval was given")


def populations(view: View) -> Answer:
    """What was measured, by whom and how, on which population, and how much of it was seen."""
    lines = [
        f"{row['type']}: {row['count']} ({row['population']}), {row['observed']} of"
        f" {row['expected']} seen, {row['status']}, by {row['signer']} at {row['collected_at']}:"
        f" {row['query']}"
        for row in view.table("evidence")
        if row["type"] != "approval"
    ]
    return _answer(lines, "evidence.csv", "records/blobs/", none="nothing was measured")


def waivers(view: View) -> Answer:
    """What was excepted, for whom, and until when."""
    lines = [
        f"{row['kind']} {row['waiver']} of {row['policy']}, owner {row['owner']}, until"
        f" {row['expires']}, approved in the log by {row['approved_by'] or 'nobody'}"
        if row["waiver"]
        else f"{row['policy']} was only observed ({row['kind']}) until {row['expires']}"
        for row in view.table("waivers")
    ]
    return _answer(lines or ["no finding was waived"], "waivers.csv", none="")


def rules_in_force(view: View) -> Answer:
    """Under which policies decisions were made, by digest."""
    counts: Counter[str] = Counter()
    for path in sorted((view.pack.folder / "records").glob("*.record.json")):
        counts[_predicate(view, path)["policies"]] += 1
    lines = [f"{digest}: {count} decisions" for digest, count in sorted(counts.items())]
    return _answer(lines, "records/blobs/", none="no decision names rules")


def law_in_force(view: View) -> Answer:
    """Which requirements of the framework applied in the period."""
    scope = view.facts["scope"]
    lines = [
        f"{one['name']} ({one['force']}): {one['title']}"
        for one in view.controls
        if (one["from"] or 0) < scope["until"]
        and (one["until"] is None or one["until"] > scope["from"])
        and one["status"] != "draft"
    ]
    return _answer(lines, "controls.json", none="no requirement applied")


def law_that_moved(view: View) -> Answer:
    """Requirements that ended, begin later, or were replaced."""
    lines = [
        f"{one['name']}: {one['status']}, until"
        f" {time_text(one['until']) if one['until'] else 'further notice'}"
        f"{', replaced by ' + one['superseded_by'] if one['superseded_by'] else ''}"
        for one in view.controls
        if one["status"] != "in_force" or one["until"] or one["superseded_by"]
    ]
    return _answer(lines or ["none of the framework's listed requirements moved"],
                   "controls.json", none="")  # fmt: skip


def unverified_law(view: View) -> Answer:
    """Requirements whose text the register's keepers did not read at its source."""
    lines = [
        f"{one['name']}: {one['verified']}"
        for one in view.controls
        if one["verified"].startswith("unverified")
    ]
    return _answer(lines or ["every listed requirement says when it was read"],
                   "controls.json", none="")  # fmt: skip


def unassessed(view: View) -> Answer:
    """What of the framework nothing here says anything about."""
    lines = [
        f"{one['control']}: {one['conclusion'].replace('_', ' ')}"
        for one in view.results
        if one["conclusion"] in ("not_assessed", "no_evidence", "manual", "stale")
    ]
    return _answer(lines or ["every listed control was judged in every decision"],
                   "results.json", none="")  # fmt: skip


def exceptions(view: View) -> Answer:
    """Controls that some decision passed only by exception, and those that were broken."""
    lines = [
        f"{one['control']}: {len(one['exceptions'])} by exception,"
        f" {sum(found['allowed'] for found in one['failures'])} allowed against it"
        for one in view.results
        if one["exceptions"] or any(found["allowed"] for found in one["failures"])
    ]
    return _answer(lines or ["no decision was allowed by exception or against a policy"],
                   "results.json", none="")  # fmt: skip


def coverage(view: View) -> Answer:
    """How many controls of the whole framework came to which conclusion."""
    counts = Counter(one["conclusion"] for one in view.results)
    lines = [f"{counts[name]} of {len(view.results)} {name}" for name in sorted(counts)]
    return _answer(lines, "results.json", "controls.csv", none="the framework lists no control")


def sampling(view: View) -> Answer:
    """How the sample was drawn, so that anybody can draw it again."""
    drawn = sorted({path for one in view.results for path in one["sample"]})
    how = f"{len(drawn)} decisions, by SHA-256 over {view.facts['seed']!r}|path, the lowest first"
    return _answer([how, *drawn], "results.json", "pack.json", none="")


def completeness(view: View) -> Answer:
    """That no decision of the log is left out, and how much each measurement saw."""
    log = view.facts["log"]
    size = len(view.pack.data("log/entries.jsonl").splitlines())
    rows = view.table("decisions")
    measured = [one for one in view.table("evidence") if one["type"] != "approval"]
    whole = sum(0 < int(one["expected"]) <= int(one["observed"]) for one in measured)
    lines = [
        f"all {size} entries of {log['origin']} are here and lead to root {log['root']}",
        f"{len(rows)} decisions of the scope, allowed or denied; verify.py proves both",
        f"{whole} of {len(measured)} measurements saw all that they should have seen",
    ]
    return _answer(lines, "log/", "verify.py", "evidence.csv", none="")


def anchors(view: View) -> Answer:
    """What outside of the log vouches for its state at a time."""
    kept = sorted((view.pack.folder / "log" / "kept").glob("*"))
    return _answer([one.name for one in kept], "log/kept/", none="no checkpoint was kept")


def keys(view: View) -> Answer:
    """Whose keys counted, and which were revoked."""
    lines = []
    for one in view.pack.json("keys/trust.json")["identities"]:
        for key in one["keys"]:
            ended = key["revoked_at"] or key["valid_until"]
            state = "compromised" if key["compromised"] else (
                f"until {time_text(ended)}" if ended else "counts")  # fmt: skip
            roles = ", ".join(held["role"] for held in one["roles"])
            lines.append(f"{one['id']} ({one['kind']}; {roles}): {state}")
    return _answer(lines, "keys/trust.json", none="no identity is known")


def tiers(view: View) -> Answer:
    """The risk tier of each decision, as computed."""
    counts = Counter((row["model"], row["tier"] or "none") for row in view.table("decisions"))
    lines = [f"{model}: {tier} in {count}" for (model, tier), count in sorted(counts.items())]
    return _answer(lines, "decisions.csv", none="nothing was decided")


ANSWERS: dict[str, Callable[[View], Answer]] = {
    one.__name__: one
    for one in (
        anchors, approvals, completeness, coverage, denials, exceptions, keys, law_in_force,
        law_that_moved, populations, promotions, rules_in_force, sampling, tiers, unassessed,
        unverified_law, waivers,
    )
}  # fmt: skip


def _predicate(view: View, path: Path) -> dict[str, Any]:
    record = view.pack.json(path.relative_to(view.pack.folder).as_posix())
    found: dict[str, Any] = json.loads(base64.b64decode(record["decision"]["payload"]))["predicate"]
    return found
