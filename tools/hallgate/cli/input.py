"""`hallgate input`: the verified input document, for plain OPA and conftest."""

from __future__ import annotations

import argparse
import json
import sys

from hallgate.cli.decide import add_material_options, read_materials
from hallgate.cli.wiring import Workplace, now, time_option
from hallgate.decide.compose import at, compose_input

EXAMPLES = """examples:
  hallgate input request.yaml --evidence evidence/ > input.json
  opa eval -b policies.tar.gz -i input.json data.promotion.main.decision

OPA cannot check DSSE or SSH signatures: whoever hands it this document is
believed. What that means is said in docs/guide/plain-opa-and-conftest.md."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_material_options(parser)
    parser.add_argument(
        "--at", type=time_option, metavar="TIME", help="add the time that promotion.replay reads"
    )


def run(options: argparse.Namespace) -> int:
    """Print the input document as JSON."""
    place = Workplace(options)
    when = now() if options.at is None else options.at
    materials = read_materials(place, options, when)
    document = compose_input(materials.request, materials.evidence, materials.trust)
    if options.at is not None:
        document = at(document, when)
    sys.stdout.write(json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n")
    return 0
