"""`hallgate plan`: before training, what a promotion will be asked for."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from hallgate.cli.wiring import Workplace, add_repository_options, time_option
from hallgate.decide.plan import plan
from hallgate.intake.requests import read_request
from hallgate.publish.report.plan import PLAN_FORMATS, render_plan

EXAMPLES = """examples:
  hallgate plan request.yaml
  hallgate plan request.yaml --format json

The digest of a model that is not trained yet may be any digest: a plan reads the
use, not the artifact."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("request", type=Path, metavar="REQUEST", help="request.yaml or .json")
    parser.add_argument("--format", choices=PLAN_FORMATS, default="table")
    parser.add_argument("--at", type=time_option, metavar="TIME", help="what will be asked then")
    add_repository_options(parser)


def run(options: argparse.Namespace) -> int:
    """Print the plan; always 0, since nothing is decided."""
    place = Workplace(options)
    request = read_request(options.request, place.schemas)
    ages = {kind: place.schemas.max_age_days(kind) for kind in place.schemas.evidence_types}
    made = plan(place.engine, place.policies, request, place.trust, max_ages=ages, when=options.at)
    sys.stdout.write(render_plan(made, options.format))
    return 0
