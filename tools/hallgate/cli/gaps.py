"""`hallgate gaps`: what of each framework the log shows, and what ends soon."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from hallgate.cli.wiring import Workplace, add_repository_options, now, time_option
from hallgate.model.errors import UsageError

if TYPE_CHECKING:
    from hallgate.publish.gaps import Gaps

EXAMPLES = """examples:
  hallgate gaps
  hallgate gaps --framework hipaa --from 2026-01-01T00:00:00Z
  hallgate gaps --within 30 --metrics /var/lib/node_exporter/hallgate.prom

The denominator is every control of the register that applies now. `error` is never a pass,
a waived verdict is an exception, a decision that did not judge a control makes it stale.
exit codes: 0 nothing is open, 1 something is, 2 usage, 3 invalid documents"""

_DAY = 86_400
_WITHIN = 30


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("--framework", metavar="ID", help="this one alone, control by control")
    parser.add_argument("--from", dest="start", type=time_option, default=0, metavar="TIME")
    parser.add_argument("--within", type=int, default=_WITHIN, metavar="DAYS", help=f"({_WITHIN})")
    parser.add_argument("--metrics", type=Path, metavar="FILE", help="also write for Prometheus")
    parser.add_argument("--log", type=Path, metavar="DIR", help="the log's folder")
    parser.add_argument("--format", choices=("table", "json"), default="table", help="(table)")
    add_repository_options(parser)


def run(options: argparse.Namespace) -> int:
    """Say what is open; 1 where anything is."""
    from hallgate.cli.pack import source_of
    from hallgate.publish.gaps import find_gaps, metrics
    from hallgate.publish.pack.scope import Scope, decisions
    from hallgate.record.files import write_atomic

    if options.within < 0:
        raise UsageError("--within is negative", remedy="give days from now, like 30")
    place, moment = Workplace(options), now()
    source = source_of(place)
    scope = Scope(None, "", options.start, moment + 1)
    missing: list[str] = []
    decided = list(decisions(source.log, scope, missing))
    controls = [
        one for one in source.controls if options.framework in (None, one.framework)
    ]  # fmt: skip
    if not controls:
        raise UsageError(
            f"there is no framework {options.framework}", remedy="see `hallgate coverage`"
        )
    found = find_gaps(
        decided, controls, source.extents, source.catalog, moment, moment + options.within * _DAY
    )
    if options.metrics is not None:
        write_atomic(options.metrics, metrics(found))
    if options.format == "json":
        sys.stdout.write(json.dumps(asdict(found), indent=2) + "\n")
    else:
        sys.stdout.write(_table(found, detailed=options.framework is not None))
    if missing:
        sys.stderr.write(f"hallgate: {len(missing)} records of the log are not here\n")
    open_ = any(one.open for one in found.frameworks)
    return 1 if open_ or found.endings or found.skipped or missing else 0


def _table(gaps: Gaps, *, detailed: bool) -> str:
    from tabulate import tabulate

    from hallgate.intake.rfc3339 import text as time_text

    names = list(gaps.frameworks[0].counts) if gaps.frameworks else []
    head = ["framework", "controls", *(name.replace("_", " ") for name in names)]
    rows = [
        [one.framework, one.controls, *(one.counts[name] for name in names)]
        for one in gaps.frameworks
    ]
    parts = [f"{gaps.decisions} decisions", tabulate(rows, headers=head)]
    if detailed:
        left = [
            (name, said.replace("_", " ")) for one in gaps.frameworks for name, said in one.open
        ]
        parts.append(tabulate(left, headers=["open", "why"]))
    ends = [(time_text(one.ends), one.kind, one.name, one.model, one.stage) for one in gaps.endings]
    if ends:
        parts.append(tabulate(ends, headers=["ends", "what", "name", "model", "stage"]))
    else:
        parts.append(f"Nothing ends before {time_text(gaps.until)}.")
    holes = [
        (one.kind, one.series, one.count, ", ".join(map(str, one.first))) for one in gaps.skipped
    ]
    if holes:
        parts.append(tabulate(holes, headers=["evidence", "series", "numbers skipped", "first"]))
        parts.append("Log what was skipped, or have its owner say why the number was not used.")
    return "\n\n".join(parts) + "\n"
