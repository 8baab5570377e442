"""The pack's tables as CSV: decisions, evidence, waivers, controls."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from hallgate.intake.rfc3339 import text as time_text
from hallgate.model.law import Control
from hallgate.publish.pack.scope import Decided
from hallgate.publish.pack.verifier.results import PERMITTING

# A spreadsheet takes a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def decisions_csv(decided: Iterable[Decided]) -> bytes:
    """One row a decision."""
    head = ("record", "decided_at", "published_at", "model", "digest", "to_stage", "tier")
    rows = [
        (one.path, time_text(one.at), time_text(one.published_at), one.model, one.digest,
         one.stage, one.tier or "", "allowed" if one.allowed else "denied",
         _blocked(one), " ".join(sorted({w.id for w in one.waived})))
        for one in decided
    ]  # fmt: skip
    return _csv((*head, "answer", "blocked_by", "waivers"), rows)


def evidence_csv(decided: Iterable[Decided]) -> bytes:
    """One row a statement that a decision rests on: who measured what, how, on which population,
    how much of it was seen, what it replaces or was derived from, and what was left out of it."""
    how = ("tool", "system", "query", "population", "count", "expected", "observed")
    head = ("type", "digest", "signer", "collected_at", "status")
    rows = {
        (one.kind, one.digest, one.signer, time_text(one.collected_at), one.status,
         one.tool, one.system, one.query, one.population, one.count, one.expected, one.observed,
         one.reason, one.method, one.supersedes,
         "; ".join(f"{name} {digest}" for name, digest in one.derived_from),
         "; ".join(f"{at}: {why} (full document {full})" for at, why, full in one.redactions),
         "" if one.sequence is None else f"{one.sequence[0]} {one.sequence[1]}")
        for decision in decided
        for one in decision.statements
    }  # fmt: skip
    more = ("reason", "method", "supersedes", "derived_from", "redactions", "sequence")
    return _csv((*head, *how, *more), sorted(rows))


def waivers_csv(decided: Sequence[Decided]) -> bytes:
    """One row for each policy of a decision that a waiver or an override let pass, or that its
    track only observed (a rollout or a baseline, without id and owner).

    approved_by are those whose words the log has; verify.py --trust says whether they count.
    """
    rows = [
        (one.id, one.kind, one.policy, one.owner, time_text(one.expires), one.path,
         " ".join(sorted({name for name, _ in one.words})))
        for decision in decided
        for one in decision.waived
    ]  # fmt: skip
    rows += [
        ("", by, policy, "", time_text(until), decision.path, "")
        for decision in decided
        for by, policy, until in decision.observed
    ]
    head = ("waiver", "kind", "policy", "owner", "expires", "record", "approved_by")
    return _csv(head, sorted(rows))


def controls_csv(controls: Sequence[Control], results: Sequence[dict[str, Any]]) -> bytes:
    """One row a control of the framework, assessed or not."""
    head = ("control", "title", "force", "status", "policies", "population", "judged")
    rows = [
        (control.name, control.title, control.force, control.status, " ".join(one["policies"]),
         one["population"], one["judged"], one["conclusion"], len(one["exceptions"]),
         len(one["failures"]))
        for control, one in zip(controls, results, strict=True)
    ]  # fmt: skip
    return _csv((*head, "conclusion", "exceptions", "failures"), rows)


def _blocked(one: Decided) -> str:
    return " ".join(name for name, said in sorted(one.verdicts.items()) if said not in PERMITTING)


def _csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([_cell(one) for one in row] for row in rows)
    return out.getvalue().encode()


def _cell(value: object) -> str:
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
