"""`make bench`: every speed ratio beside its limit; exit 1 above any limit.

A limit that could not be measured is named; under CI that is a failure too.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import batch
import bundled
import cold
import governed
import log
import pack
import pii
import publishing
import review
import sbom
import waivers
from tabulate import tabulate
from timing import Row, middle, say
from world import World

from hallgate.model.errors import HallgateError

ROOT = Path(__file__).resolve().parents[2]
MEASUREMENTS: dict[str, Callable[[World], list[Row]]] = {
    # First, in a process that has done nothing yet: a fifth of a second of our own Python beside a
    # foreign program, which what the other rows leave in memory slows down by a tenth to a half.
    "pii": pii.measure,
    "batch": batch.measure,
    "decide": cold.measure_decide,
    "bundle": bundled.measure,
    "sbom": sbom.measure,
    "waivers": waivers.measure_decision,
    "help": cold.measure_help,
    "check": waivers.measure_check,
    "governed": governed.measure,
    "review": review.measure,
    "publishing": publishing.measure,
    "log": log.measure,
    "pack": pack.measure,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, judge."""
    options = _options(argv)
    started = time.monotonic()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="hallgate-bench-") as folder:
        world = World(ROOT, Path(folder))
        try:
            for name in options.only or MEASUREMENTS:
                rows += MEASUREMENTS[name](world)
        except HallgateError as error:
            raise SystemExit(f"bench: cannot measure {name}: {error}") from error
        finally:
            world.session.close()
    say(f"took {time.monotonic() - started:.0f} s")
    print(_table(rows))
    print(f"\n{_machine()}")
    if options.json is not None:
        options.json.write_text(_json(rows), encoding="utf-8")
    return _verdict(rows)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every sample here")
    parser.add_argument(
        "--only", action="append", choices=tuple(MEASUREMENTS), help="this one alone; repeatable"
    )
    return parser.parse_args(argv)


def _table(rows: Sequence[Row]) -> str:
    lines = [
        (row.what, _number(row.ratio), _number(row.limit), row.clock, _ok(row), row.note)
        for row in rows
    ]
    headers = ("measurement", "ratio", "limit", "clock", "ok", "what it includes")
    return tabulate(lines, headers=headers, disable_numparse=True)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _ok(row: Row) -> str:
    if row.ratio is None:
        return "not measured"
    if row.limit is None:
        return ""
    return "NO" if row.fails else "yes"


def _machine() -> str:
    load = os.getloadavg()[0]
    return (
        f"Machine: {os.cpu_count()} cores, {platform.machine()}, Python "
        f"{platform.python_version()}, load {load:.1f}; shared and noisy: "
        "read ratios, not seconds."
    )


def _json(rows: Sequence[Row]) -> str:
    found = []
    for row in rows:
        medians = {name: middle(sample, row.clock) for name, sample in row.samples.items()}
        found.append({**asdict(row), "ok": _ok(row), "median_seconds": medians})
    return json.dumps({"machine": _machine(), "rows": found}, indent=2) + "\n"


def _verdict(rows: Sequence[Row]) -> int:
    failed = [row for row in rows if row.fails]
    missing = [row for row in rows if row.missing]
    for row in failed:
        print(f"above its limit: {row.what}: {_number(row.ratio)} > {_number(row.limit)}")
    for row in missing:
        print(f"not measured: {row.what}: {row.note}")
    return 1 if failed or (missing and os.environ.get("CI")) else 0


if __name__ == "__main__":
    sys.exit(main())
