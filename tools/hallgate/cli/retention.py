"""`hallgate retention`: how long records are kept, legal holds, and disposal."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from hallgate.cli.wiring import Workplace, add_repository_options, now, time_option
from hallgate.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hallgate.decide.retention import Kept
    from hallgate.model.log import LogTrust
    from hallgate.model.retention import Hold, RetentionClass
    from hallgate.record.log.folder import Log

EXAMPLES = """examples:
  hallgate retention plan
  hallgate retention plan --at 2036-01-01T00:00:00Z --standing overdue --format json
  hallgate retention hold                                   # list them
  hallgate retention hold holds/HOLD-2026-0001.yaml --as head-of-compliance \\
      --role compliance --key ~/.ssh/id_ed25519 --reason "Litigation is expected"
  hallgate retention hold holds/HOLD-2026-0001.yaml --release --as … --role … --key … --reason …
  hallgate retention dispose --draft list.json
  hallgate approval sign --disposal list.json --as … --role compliance --key … --reason …
  hallgate retention dispose list.json --approval one.approval.json \\
      --approval two.approval.json --dry-run
  hallgate retention dispose list.json --approval one.approval.json \\
      --approval two.approval.json --key decider.pem --log-key log.pem

Classes stand in frameworks/retention.yaml, holds in holds/. A hold counts as soon as its file
is there, and ends only by a proven word. Disposal erases bytes; entries, digests and proofs
stay for ever, and a signed tombstone says why.
exit codes: 0 done, 1 a conflict, or not proven, 2 usage, 3 invalid documents, 4 failure"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add plan, hold and dispose."""
    forms = parser.add_subparsers(dest="form", required=True, metavar="WHAT")
    plan = _form(forms, "plan", "say how every record stands")
    plan.add_argument("--at", type=time_option, metavar="TIME", help="as of (now)")
    plan.add_argument("--standing", metavar="WORD", help="these alone: kept, overdue, conflict …")
    hold = _form(forms, "hold", "list legal holds; order or release one")
    hold.add_argument("hold", nargs="?", type=Path, metavar="FILE", help="HOLD-….yaml")
    hold.add_argument("--release", action="store_true", help="end it")
    hold.add_argument("--as", dest="identity", metavar="IDENTITY", help="who signs")
    hold.add_argument("--role", metavar="ROLE", help="in which role")
    hold.add_argument("--key", type=Path, metavar="SSHKEY", help="private SSH key")
    hold.add_argument("--reason", metavar="TEXT", help="why")
    dispose = _form(forms, "dispose", "draw up a list, or erase what an approved list names")
    dispose.add_argument("list", nargs="?", type=Path, metavar="LIST", help="an approved list")
    dispose.add_argument("--draft", type=Path, metavar="FILE", help="write the list")
    dispose.add_argument("--disposable", action="store_true", help="with what may go, too")
    dispose.add_argument("--approval", type=Path, action="append", default=[], metavar="FILE")
    dispose.add_argument("--dry-run", action="store_true", help="say what would be erased")
    dispose.add_argument("--key", type=Path, metavar="FILE", help="key of who may decide (PEM)")
    dispose.add_argument("--log-key", type=Path, metavar="FILE", help="the log's private key")
    for form in (plan, hold, dispose):
        form.add_argument("--format", choices=("table", "json"), default="table", help="(table)")


def _form(
    forms: argparse._SubParsersAction[argparse.ArgumentParser], name: str, purpose: str
) -> argparse.ArgumentParser:
    form = forms.add_parser(
        name, help=purpose, epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    form.add_argument("--log", type=Path, metavar="DIR", help="the log's folder")
    add_repository_options(form)
    return form


def run(options: argparse.Namespace) -> int:
    """Plan, hold or dispose."""
    if options.form == "hold":
        return _hold(options)
    place = Workplace(options)
    return _plan(place, options) if options.form == "plan" else _dispose(place, options)


def _read(
    place: Workplace, options: argparse.Namespace, at: int
) -> tuple[Log, LogTrust, tuple[RetentionClass, ...], tuple[Kept, ...]]:
    from hallgate.cli.log_append import log_of
    from hallgate.decide.disposal import tombstoned
    from hallgate.decide.retention import plan_retention
    from hallgate.intake.retention import FILE, read_classes, read_holds
    from hallgate.record.log.folder import open_log

    trust, folder = log_of(place, options.log)
    log = open_log(folder, trust.origin, trust.keys).sound()
    classes = read_classes(place.repository.frameworks / FILE, place.schemas)
    holds = read_holds(place.repository.holds, place.trust, place.schemas)
    return log, trust, classes, plan_retention(log, classes, holds, at, tombstoned(log))


def _plan(place: Workplace, options: argparse.Namespace) -> int:
    from hallgate.model.retention import Standing

    if options.standing is not None and options.standing not in set(Standing):
        raise UsageError(
            f"there is no standing {options.standing!r}", remedy=f"one of {', '.join(Standing)}"
        )
    _, _, _, kept = _read(place, options, now() if options.at is None else options.at)
    chosen = [one for one in kept if options.standing in (None, one.standing)]
    counts = Counter(one.standing for one in kept)
    if options.format == "json":
        facts = {"counts": counts, "records": [_facts(one) for one in chosen]}
        sys.stdout.write(json.dumps(facts, indent=2, sort_keys=True) + "\n")
    else:
        sys.stdout.write(_table(chosen))
        sys.stdout.write(", ".join(f"{n} {name}" for name, n in sorted(counts.items())) + "\n")
    return 1 if counts[Standing.CONFLICT] else 0


def _dispose(place: Workplace, options: argparse.Namespace) -> int:
    from hallgate.cli.writing import write_fresh
    from hallgate.decide.disposal import (
        approved,
        dispose,
        draft,
        erasures,
        read_list,
        still_due,
    )
    from hallgate.record.decision_record import deciding_identity
    from hallgate.record.keys import load_private_key
    from hallgate.record.log.note import signing_key

    if (options.list is None) == (options.draft is None):
        raise UsageError("say which", remedy="give an approved LIST, or --draft FILE")
    at = now()
    log, trust, classes, kept = _read(place, options, at)
    if options.draft is not None:
        data = draft(kept, disposable=options.disposable)
        write_fresh(options.draft, data.decode())
        count = data.count(b'"record"')
        sys.stdout.write(f"{count} records in {options.draft}; have two people sign it\n")
        return 0
    data, items = read_list(options.list)
    due = still_due(items, kept)
    words = approved(data, options.approval, place.trust, place.schemas, at)
    if options.dry_run:
        paths = erasures(due, kept)
        return _tell(options, paths, f"{len(paths)} files would be erased; nothing was")
    if options.key is None or options.log_key is None:
        raise UsageError("no keys", remedy="give --key and --log-key, or --dry-run")
    key = load_private_key(options.key)
    deciding_identity(place.trust, key, at)
    paths = dispose(
        log, trust, due, kept, data, items, words, classes, key,
        signing_key(load_private_key(options.log_key)), now,
    )  # fmt: skip
    return _tell(options, paths, f"{len(paths)} files erased, each record with a tombstone")


def _tell(options: argparse.Namespace, paths: Sequence[str], words: str) -> int:
    if options.format == "json":
        said = {"files": list(paths), "dry_run": options.dry_run}
        sys.stdout.write(json.dumps(said, indent=2, sort_keys=True) + "\n")
    else:
        sys.stdout.write("\n".join([*paths, words]) + "\n")
    return 0


def _hold(options: argparse.Namespace) -> int:
    if options.hold is not None:
        from hallgate.cli import approval

        if None in (options.identity, options.role, options.key, options.reason):
            raise UsageError("nobody signs", remedy="give --as, --role, --key and --reason")
        said = argparse.Namespace(
            **{**vars(options), "decision": "revoke" if options.release else "approve"},
            request=None, waiver=None, disposal=None, conditions=None, valid_days=3650, out=None,
        )  # fmt: skip
        said.trust = said.trust or Workplace(options).trust_folder
        return approval.sign(said)
    from dataclasses import asdict

    from tabulate import tabulate

    from hallgate.intake.retention import read_holds

    place = Workplace(options)
    holds = read_holds(place.repository.holds, place.trust, place.schemas)
    if options.format == "json":
        sys.stdout.write(json.dumps([asdict(one) for one in holds], indent=2) + "\n")
        return 0
    rows = [(one.id, _state(one), one.model or "all", one.matter) for one in holds]
    shown = tabulate(rows, headers=("hold", "state", "model", "matter")) if rows else "no holds"
    sys.stdout.write(shown + "\n")
    return 0


def _state(hold: Hold) -> str:
    if hold.lifted:
        return "released"
    return "in force" if hold.proven else "in force, signed by nobody yet"


def _facts(one: Kept) -> dict[str, object]:
    from hallgate.intake.rfc3339 import text as time_text

    def moment(when: int | None) -> str | None:
        return None if when is None else time_text(when)

    return {
        "index": one.facts.index,
        "record": one.facts.entry.record,
        "kind": one.facts.entry.kind,
        "about": one.facts.model,
        "standing": one.standing,
        "classes": list(one.classes),
        "keep_until": moment(one.keep_until),
        "dispose_by": moment(one.dispose_by),
        "holds": list(one.holds),
        "why": one.why,
    }


def _table(kept: Sequence[Kept]) -> str:
    from tabulate import tabulate

    rows = [
        (fact["index"], fact["kind"], fact["about"], fact["standing"], fact["keep_until"],
         fact["dispose_by"], fact["why"])
        for fact in map(_facts, kept)
    ]  # fmt: skip
    headers = ("entry", "kind", "about", "standing", "keep until", "dispose by", "why")
    return tabulate(rows, headers=headers) + "\n" if rows else ""
