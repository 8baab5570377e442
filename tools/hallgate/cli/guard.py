"""`hallgate guard`: the policies of configuration documents, run on files of a pull request."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from hallgate.cli.configurations import instructions_of, said_steps
from hallgate.cli.wiring import Workplace, add_repository_options
from hallgate.publish.report.guard import GUARD_FORMATS, render_look

EXAMPLES = """examples:
  hallgate guard deploy/ .github/workflows/release.yaml
  hallgate guard plan.json --tier medium --format sarif > guard.sarif
  hallgate guard pipeline.yaml --step quality-gate=evaluate --step ship=promote
  hallgate guard deploy/ --format github

A look at files, not a decision: nothing is signed, nobody approved, and a clean look allows
nothing. Give all files that belong together, since a network policy in another file is not seen.
Known: Kubernetes and KServe objects; Terraform plans (`terraform show -json`); GitHub and GitLab
workflows and Dockerfiles; RBAC, AWS policies and account details, {identities: [...]}; pipelines
for Argo, compiled for Kubeflow, and serialised Airflow DAGs. Templates are rendered first.
exit codes: 0 nothing found, 1 findings, 2 usage, 3 a file that cannot be read or is of no known
            kind, 4 engine failure"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="file, or folder with everything below"
    )
    parser.add_argument(
        "--tier",
        choices=("low", "medium", "high"),
        default="high",
        help="whose limits apply (default: high, as for a use nobody described)",
    )
    parser.add_argument(
        "--step",
        action="append",
        default=[],
        metavar="NAME=STEP",
        help="what a task of a pipeline is: promote, scan, evaluate, sign, approve or other",
    )
    parser.add_argument("--format", choices=GUARD_FORMATS, default="table", help="default: table")
    add_repository_options(parser)


def run(options: argparse.Namespace) -> int:
    """Look, print; 0 when nothing was found, 1 when something was."""
    from hallgate.decide.guard import look
    from hallgate.intake.configuration import read_configurations

    files = read_configurations(tuple(options.paths), instructions_of)
    place = Workplace(options)
    steps = said_steps(options.step)
    seen = look(place.engine, place.policies, files, tier=options.tier, steps=steps)
    sys.stdout.write(render_look(seen, options.format))
    return 1 if seen.findings else 0
