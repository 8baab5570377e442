"""`hallgate explain`: one policy in words."""

from __future__ import annotations

import argparse
import sys

from hallgate.cli.wiring import Workplace, add_repository_options
from hallgate.decide.explain import explain
from hallgate.intake.frameworks import read_frameworks
from hallgate.model.law import Control
from hallgate.publish.report.explain import EXPLAIN_FORMATS, render_explanation

EXAMPLES = """examples:
  hallgate explain FAIR-001
  hallgate explain FAIR-001 --format json"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("policy", metavar="POLICY", help="policy id, as FAIR-001")
    parser.add_argument("--format", choices=EXPLAIN_FORMATS, default="table")
    add_repository_options(parser)


def run(options: argparse.Namespace) -> int:
    """Print the explanation."""
    place = Workplace(options)
    register = read_frameworks(place.repository.frameworks, place.schemas)
    made = explain(
        place.engine,
        place.policies,
        options.policy,
        controls={control.name: _status(control) for control in register},
        trust=place.trust,
    )
    sys.stdout.write(render_explanation(made, options.format))
    return 0


def _status(control: Control) -> str:
    proof = "" if control.verified != "unverified" else ", unverified"
    return f"{control.title} ({control.force}, {control.status.replace('_', ' ')}{proof})"
