"""`hallgate mutate`: changes the policies a little, and says which changes no test notices."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time

from hallgate.cli.wiring import Workplace, add_repository_options, cache_folder
from hallgate.model.errors import UsageError
from hallgate.testing.kept_stage import ScenarioStage
from hallgate.testing.mutants.by_scenarios import Staged
from hallgate.testing.mutants.campaign import Campaign, Say
from hallgate.testing.mutants.equivalents import FILE, read_equivalents
from hallgate.testing.mutants.report import HEADERS, Report
from hallgate.testing.mutants.targets import all_targets, read_corpus, selected

EXAMPLES = f"""examples:
  hallgate mutate                      what changed since it was last judged
  hallgate mutate FAIR-001 lib.tiers   by id or name
  hallgate mutate fairness main        by family
  hallgate mutate --all --json

Each mutant is one small change: a comparison flipped or shifted, a condition dropped or
turned round, `and` made `or`, a limit moved by one step, a key renamed, a collection
emptied or less one member, a rule silenced, not_applicable widened. It is judged by the
tests of its package, for main and libraries also by those of everything that reaches it,
and then by every scenario. One that survives all shows a missing case. A change that
cannot matter is listed with its reason in {FILE}; scenarios are not asked about it.
What was judged before in the same form is not judged again; a run that was stopped goes
on where it was.

exit codes: 0 none survives unexplained, 1 some do, or an entry of the list is stale,
            2 usage, 3 invalid documents, 4 engine failure"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("targets", nargs="*", metavar="POLICY", help="id, family, main, lib.tiers")
    parser.add_argument("--all", action="store_true", help="show also what did not change")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="at once (cores)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")
    add_repository_options(parser)
    parser.set_defaults(timeout=300.0)


def run(options: argparse.Namespace) -> int:
    """Judge, print, and answer 1 where a mutant survives unexplained."""
    if options.jobs < 1:
        raise UsageError("--jobs is less than one", remedy="give the number of cores to use")
    if options.all and options.targets:
        raise UsageError("--all and names exclude each other", remedy="leave one out")
    started = time.monotonic()
    place = Workplace(options)
    cache = None if options.no_cache else cache_folder()
    say = _say(options)
    corpus = read_corpus(place.repository, place.policies)
    targets = selected(all_targets(corpus, place.policies), options.targets)
    listed = read_equivalents(place.repository.root)
    stage = ScenarioStage(place.repository, place.schemas, place.policies, cache, say)

    def staged() -> Staged:
        return Staged(tuple(one.document for one in stage.all), stage.bundle())

    try:
        names = frozenset(one.mutant for one in listed)
        campaign = Campaign(corpus, place.engine, staged, cache, options.jobs, say, names)
        outcomes = campaign.run(targets)
    finally:
        stage.close()
    report = Report(outcomes, corpus, listed)
    shown = report
    if not options.all and not options.targets:
        changed = [one for one in outcomes if one.seconds > 0]
        shown = Report(changed, corpus, listed) if changed and report.ok else report
    seconds = time.monotonic() - started
    if options.json:
        document = {**shown.as_json(), "seconds": round(seconds, 1)}
        sys.stdout.write(json.dumps(document, indent=2) + "\n")
    else:
        _print(shown, len(targets), seconds)
    return 0 if report.ok else 1


def _say(options: argparse.Namespace) -> Say:
    last = [0.0]

    def say(words: str) -> None:
        if options.quiet or time.monotonic() - last[0] < (0.5 if sys.stderr.isatty() else 10):
            return
        last[0] = time.monotonic()
        sys.stderr.write(f"hallgate: {words}\n")

    return say


def _print(report: Report, looked_at: int, seconds: float) -> None:
    from tabulate import tabulate

    for line in report.survivors():
        sys.stdout.write(f"{line}\n")
    for fault in report.faults:
        sys.stdout.write(f"{fault}\n")
    if report.unexplained or report.faults:
        sys.stdout.write("\n")
    sys.stdout.write(tabulate(report.table(), headers=HEADERS) + "\n")
    left = len(report.unexplained)
    words = "no mutant survives unexplained" if report.ok else f"{left} survive unexplained"
    if report.faults:
        words += f", {len(report.faults)} entries of {FILE} are stale"
    sys.stdout.write(f"{words}; {looked_at} looked at in {seconds:.1f} s\n")
