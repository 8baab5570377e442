"""`hallgate law at TIME`: which controls of the register were law or guidance at a time."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from hallgate.intake.rfc3339 import seconds
from hallgate.model.errors import UsageError

EXAMPLES = """examples:
  hallgate law at 2026-01-15
  hallgate law at 2026-11-20T12:00:00Z --framework sr-26-2 --format json
  hallgate law at 2026-05-01 --all

Listed is what was in force; --all adds what was pending, lapsed or a draft. Dates say how a
control stands, so that a decision can be read under the law of its day."""

_FORMATS = ("table", "json", "markdown")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("at", choices=("at",), metavar="at", help="the word `at`")
    parser.add_argument("when", type=_day, metavar="TIME", help="a date (UTC), or RFC 3339")
    parser.add_argument("--framework", metavar="ID", help="only this one, as gdpr")
    parser.add_argument("--all", action="store_true", help="also pending, lapsed and drafts")
    parser.add_argument("--format", choices=_FORMATS, default="table")
    parser.add_argument(
        "--repository", type=Path, metavar="DIR", help="default: the one around this folder"
    )


def run(options: argparse.Namespace) -> int:
    """Print the register."""
    from hallgate.intake.frameworks import read_frameworks
    from hallgate.intake.repository import Repository
    from hallgate.intake.schema import Schemas
    from hallgate.publish.law import RENDERERS

    repository = Repository.find(options.repository or Path.cwd())
    register = read_frameworks(repository.frameworks, Schemas.load(repository.evidence_schemas))
    known = sorted({one.framework for one in register})
    if options.framework is not None and options.framework not in known:
        raise UsageError(
            f"there is no framework {options.framework}", remedy=f"name one of {', '.join(known)}"
        )
    found = [
        one
        for one in register
        if options.framework in {None, one.framework}
        and (options.all or one.standing_at(options.when) == "in_force")
    ]
    sys.stdout.write(RENDERERS[options.format](found, options.when))
    return 0


def _day(text: str) -> int:
    """Seconds of an RFC 3339 time, or of the start of a date in UTC; for argparse's type=."""
    try:
        return seconds(text if "T" in text else f"{text}T00:00:00Z")
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no date as 2026-01-15 and no RFC 3339 time: {error}"
        ) from error
