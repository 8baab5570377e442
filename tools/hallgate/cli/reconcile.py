"""`hallgate reconcile`: what is live, held against register and records."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from hallgate.cli.wiring import Workplace, add_repository_options, now

if TYPE_CHECKING:
    from hallgate.decide.reconcile import Fact, Reconciled
    from hallgate.engine.bundle import Bundle

EXAMPLES = """examples:
  hallgate reconcile --deployed deployed.json --records records/
  hallgate reconcile --deployed deployed.yaml --format json

deployed.yaml: {observed_at, source: {system, query}, completeness: {expected, observed},
deployments: [{name, digest, stage, where}]}. Registered models stand in inventory/<model>.yaml,
also those that were bought, are not gated, or are retired. Named is everything live without a
valid record, or whose record rests on a waiver or baseline that is over or on policies since
tightened.
exit codes: 0 all of it is valid, 1 findings, 2 usage, 3 invalid documents, 4 failure"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument(
        "--deployed", type=Path, required=True, metavar="FILE", help="what is live, by the platform"
    )
    parser.add_argument(
        "--records", type=Path, metavar="DIR", help="default: the log's folder, else records"
    )
    parser.add_argument(
        "--inventory", type=Path, metavar="DIR", help="(inventory/ of the repository)"
    )
    parser.add_argument("--format", choices=("table", "json"), default="table", help="(table)")
    add_repository_options(parser)


def run(options: argparse.Namespace) -> int:
    """Reconcile; 1 where anything is named."""
    from hallgate.decide.compose import waiver_bundle
    from hallgate.decide.reconcile import Today, reconcile
    from hallgate.decide.waiver_status import standings
    from hallgate.intake.inventory import read_deployed, read_inventory

    place, moment = Workplace(options), now()
    deployed = read_deployed(options.deployed, place.schemas)
    folder = options.inventory or place.repository.inventory
    models = read_inventory(folder, place.trust, place.schemas)
    waivers, overrides = place.waivers(moment), place.overrides()

    def bundle(name: str, digest: str, at: int) -> Bundle:
        return waiver_bundle(waivers, at, {digest}, overrides=overrides, models={name})

    today = Today(
        place.engine, place.policies,
        standings(place.engine, place.policies.bundle, waivers, moment), bundle, place.logged,
    )  # fmt: skip
    found = reconcile(deployed, models, _records(place, options), place.trust, today, moment)
    sys.stdout.write(_json(found) if options.format == "json" else _text(found))
    return 1 if found.facts else 0


def _records(place: Workplace, options: argparse.Namespace) -> Path:
    if options.records is not None:
        return Path(options.records)
    if place.repository.log_file.exists():
        from hallgate.cli.log_append import log_of

        return log_of(place)[1]
    return Path("records")


def _facts(fact: Fact) -> dict[str, object]:
    about = None if fact.deployment is None else asdict(fact.deployment)
    return {"code": fact.code, "deployment": about, "what": fact.what, "remedy": fact.remedy}


def _json(found: Reconciled) -> str:
    said = {**asdict(found), "facts": [_facts(one) for one in found.facts]}
    return json.dumps(said, indent=2, sort_keys=True) + "\n"


def _text(found: Reconciled) -> str:
    lines = []
    for fact in found.facts:
        one = fact.deployment
        about = "" if one is None else f"{one.name} in {one.stage} ({one.where}): "
        lines.append(f"{fact.code}: {about}{fact.what}\n  {fact.remedy}")
    if found.not_live:
        lines.append(f"registered, active and not live: {', '.join(found.not_live)}")
    lines.append(f"{found.valid} of {found.live} deployments rest on a valid record.")
    return "\n".join(lines) + "\n"
