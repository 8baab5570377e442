"""`hallgate replay`: the same decision again, from its record alone."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from hallgate.cli.wiring import Workplace, add_repository_options, now
from hallgate.decide.replay import replay_record
from hallgate.model.errors import NotProven
from hallgate.record.decision_proof import verify_record

EXAMPLES = """examples:
  hallgate replay records/1790000000-credit-risk-aaaaaaaaaaaa.record.json
  hallgate replay RECORD --body > body.json

The record is verified, then its input is judged again under its own policies and
waivers at its own time. No VSA is issued: a replay promotes nothing.
exit codes: 0 the same bytes, 1 not proven or different, 2 usage, 4 engine failure"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("record", type=Path, metavar="RECORD")
    parser.add_argument("--body", action="store_true", help="print the reproduced body (JCS bytes)")
    add_repository_options(parser)


def run(options: argparse.Namespace) -> int:
    """Replay and compare; 0 when the bodies are equal byte for byte."""
    place = Workplace(options)
    record = verify_record(options.record, place.trust, now())
    engine = ("opa", place.engine_version)
    if record.claims.engine != engine:
        said = " ".join(record.claims.engine)
        sys.stderr.write(f"hallgate: decided by {said}, replayed by {' '.join(engine)}\n")
    replayed = replay_record(place.engine, record)
    if not replayed.same:
        raise NotProven(
            "the replayed body differs from the recorded one",
            remedy="compare them with --body; the engine or the record is not what it was",
        )
    if options.body:
        sys.stdout.buffer.write(replayed.body)
        return 0
    word = "allowed" if replayed.decision.allowed else "denied"
    sys.stdout.write(f"The same decision, byte for byte: {word}. Nothing was promoted.\n")
    return 0
