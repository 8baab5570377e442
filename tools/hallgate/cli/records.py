"""`hallgate records`: find records of the log."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from hallgate.cli.wiring import Workplace, add_repository_options, time_option
from hallgate.model.errors import UsageError

if TYPE_CHECKING:
    from hallgate.record.log.folder import Log
    from hallgate.record.store.port import Found, Query, Row, Store

EXAMPLES = """examples:
  hallgate records search --model credit-risk --since 2026-01-01T00:00:00Z
  hallgate records search --control gdpr:22 --outcome fail
  hallgate records search --policy FAIR-001 --outcome waived --format json
  hallgate records search "training window" --kind evidence --signer evaluation-pipeline
  hallgate records index --anew
  hallgate records index --store copy.sqlite        # records and index in one file, to hand over
  hallgate records search --store copy.sqlite --denied

Found is what was logged; whether it holds is the business of `hallgate log verify`. Times
are those of publication; --until is not included. The index is derived from the log and
brought up to date before each search. It lies in the log's folder (index.sqlite); where that
cannot be written to, or one file is wanted, --store names another, and `index` copies the
records into it and erases there what was disposed of.
exit codes: 0 found, 1 nothing found, 2 usage, 3 invalid documents, 4 failure"""

_KINDS = ("decision", "evidence", "approval", "tombstone")
_STAGES = ("development", "staging", "production")
_OUTCOMES = (
    "pending",
    "error",
    "not_applicable",
    "fail",
    "insufficient",
    "waived",
    "overridden",
    "pass",
)
_SHOWN = 60
_BATCH = 500


def configure(parser: argparse.ArgumentParser) -> None:
    """Add search and index."""
    forms = parser.add_subparsers(dest="form", required=True, metavar="WHAT")
    raw = argparse.RawDescriptionHelpFormatter
    search = forms.add_parser("search", help="find records", epilog=EXAMPLES, formatter_class=raw)
    search.add_argument("text", nargs="?", metavar="WORDS", help="all of these occur in it")
    search.add_argument("--model", metavar="NAME", help="the model, or the waiver, it is about")
    search.add_argument("--digest", metavar="SHA256", help="of what it is about, sha256:…")
    search.add_argument(
        "--control", metavar="ID", help="policies that cite it today have a verdict"
    )
    search.add_argument("--policy", metavar="ID", help="it has a verdict")
    search.add_argument("--outcome", choices=_OUTCOMES, help="of that policy, or of any")
    search.add_argument("--kind", choices=_KINDS)
    search.add_argument("--stage", choices=_STAGES, help="stage it was to reach")
    search.add_argument("--signer", metavar="IDENTITY", help="who signed, by id")
    search.add_argument("--denied", action="store_true", help="what was denied or rejected")
    search.add_argument("--since", type=time_option, metavar="TIME", help="published from")
    search.add_argument("--until", type=time_option, metavar="TIME", help="published before")
    search.add_argument("--limit", type=int, default=100, metavar="N", help="(100)")
    search.add_argument("--format", choices=("table", "json"), default="table", help="(table)")
    index = forms.add_parser("index", help="bring the index up to date")
    index.add_argument("--anew", action="store_true", help="make it again from nothing")
    for form in (search, index):
        form.add_argument("--log", metavar="DIR", help="the log's folder (by trust/log.yaml)")
        form.add_argument("--store", metavar="FILE", help="one SQLite file instead of the folder")
        add_repository_options(form)


def run(options: argparse.Namespace) -> int:
    """Search, or index."""
    from pathlib import Path

    from hallgate.cli.log_append import log_of
    from hallgate.record.log.folder import open_log
    from hallgate.record.store.folder import FolderStore
    from hallgate.record.store.sqlite import SqliteStore

    if options.form == "search" and not 1 <= options.limit <= 100_000:
        raise UsageError("--limit is out of range", remedy="give 1 to 100000")
    place = Workplace(options)
    trust, folder = log_of(place, Path(options.log) if options.log else None)
    log = open_log(folder, trust.origin, trust.keys).sound()
    store: Store = SqliteStore(Path(options.store)) if options.store else FolderStore(folder)
    try:
        if options.form == "index":
            if options.store:
                _mirror(log, store)
            added = _refresh(place, log, store, options.anew)
            sys.stdout.write(f"{added} records indexed, {log.checkpoint.size} in all\n")
            return 0
        _refresh(place, log, store, False)
        found = store.search(_query(place, options))
    finally:
        store.close()
    sys.stdout.write(_json(found) if options.format == "json" else _table(found))
    return 0 if found.total else 1


def _mirror(log: Log, store: Store) -> None:
    """Copy every record of the log, each held against its digest; erase what the log erased."""
    from hallgate.record.store.port import Payload

    batch: list[Payload] = []
    gone: list[str] = []
    for index, entry in log.entries():
        if (log.folder / entry.path).exists():
            if not store.has(entry.path):
                batch.append(Payload(entry.path, entry.record, log.record(entry)))
        else:
            gone.append(entry.path)
        if len(batch) == _BATCH:
            store.put(batch)
            batch = []
            sys.stderr.write(f"hallgate: copied {index + 1} of {log.checkpoint.size}\n")
    store.put(batch)
    store.erase(gone)


def _refresh(place: Workplace, log: Log, store: Store, anew: bool) -> int:
    from hallgate.intake.indexing import refresh

    def say(done: int, of: int) -> None:
        sys.stderr.write(f"hallgate: indexed {done} of {of}\n")

    return refresh(log, store, place.trust, anew=anew, say=say)


def _query(place: Workplace, options: argparse.Namespace) -> Query:
    from hallgate.record.store.port import Query

    policies: tuple[str, ...] | None = None if options.policy is None else (options.policy,)
    if options.control is not None:
        cited = tuple(one.id for one in place.policies.catalog if options.control in one.controls)
        if not cited:
            raise UsageError(
                f"no policy cites {options.control}",
                remedy="write it as <framework>:<id>; `hallgate explain` lists controls",
            )
        policies = cited if policies is None else tuple(set(policies) & set(cited))
    return Query(
        about=options.model,
        digest=options.digest,
        kind=options.kind,
        signer=options.signer,
        stage=options.stage,
        allowed=False if options.denied else None,
        policies=policies,
        outcome=options.outcome,
        since=options.since,
        until=options.until,
        text=options.text,
        limit=options.limit,
    )


def _json(found: Found) -> str:
    from hallgate.intake.rfc3339 import text as time_text

    rows = [
        {**asdict(row), "at": time_text(row.at), "verdicts": dict(row.verdicts)}
        for row in found.rows
    ]
    return json.dumps({"total": found.total, "records": rows}, indent=2, sort_keys=True) + "\n"


def _table(found: Found) -> str:
    from tabulate import tabulate

    lines = [_line(row) for row in found.rows]
    shown = tabulate(lines, headers=("entry", "logged", "kind", "about", "stage", "signer", "says"))
    more = found.total - len(found.rows)
    rest = f"\n{more} more; raise --limit or ask for less" if more else ""
    return f"{shown}{rest}\n" if lines else "nothing found\n"


def _line(row: Row) -> tuple[object, ...]:
    from hallgate.intake.rfc3339 import text as time_text

    said = {True: "allowed", False: "denied", None: ""}[row.allowed]
    if row.kind == "approval":
        said = "approved" if row.allowed else "not approved"
    return (
        row.index, time_text(row.at), row.kind, row.about[:_SHOWN], row.stage or "",
        row.signer[:_SHOWN], said,
    )  # fmt: skip
