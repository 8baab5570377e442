"""`hallgate coverage`: what policies and scenarios prove of each framework."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from hallgate.cli.wiring import Workplace, add_repository_options, now, time_option
from hallgate.model.errors import UsageError

if TYPE_CHECKING:
    from hallgate.publish.coverage.count import Proof

EXAMPLES = """examples:
  hallgate coverage
  hallgate coverage --framework nist-ai-rmf
  hallgate coverage --format html --out coverage.html

The denominator is what the register lists of a framework, and the table says whether that is
all of it. A control counts as automated only where frameworks/coverage.yaml says that policies
decide all of it and a scenario shows that one of them blocks; a citation alone covers nothing."""

_FORMATS = ("table", "json", "markdown", "html")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("--framework", metavar="ID", help="only this one, control by control")
    parser.add_argument("--at", type=time_option, metavar="TIME", help="RFC 3339 (default: now)")
    parser.add_argument("--format", choices=_FORMATS, default="table")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write here (default: stdout)")
    add_repository_options(parser)


def run(options: argparse.Namespace) -> int:
    """Print what is covered; 0 whatever the numbers are, for they are no verdict."""
    from hallgate.intake.frameworks import read_extents, read_frameworks
    from hallgate.publish.coverage.count import coverage
    from hallgate.publish.coverage.render import RENDERERS
    from hallgate.record.files import write_atomic

    place = Workplace(options)
    folder, when = place.repository.frameworks, options.at if options.at is not None else now()
    controls = read_frameworks(folder, place.schemas)
    extents = read_extents(folder, place.schemas, controls)
    found = coverage(controls, extents, place.policies.catalog, _proofs(place), when)
    if options.framework is not None:
        known = ", ".join(one.framework for one in found)
        found = tuple(one for one in found if one.framework == options.framework)
        if not found:
            raise UsageError(
                f"there is no framework {options.framework}", remedy=f"name one of {known}"
            )
    text = RENDERERS[options.format](found, when)
    if options.out is None:
        sys.stdout.write(text)
    else:
        write_atomic(options.out, text.encode())
    return 0


def _proofs(place: Workplace) -> list[Proof]:
    from hallgate.publish.coverage.count import Proof
    from hallgate.testing.scenario import STORIES, read_scenario, scenario_files
    from hallgate.testing.story import read_story

    folder = place.repository.root / "tests" / "scenarios"
    proofs = []
    for path in scenario_files(folder) if folder.is_dir() else ():
        scenario = read_scenario(path)
        blocking = {name for name, outcome, _ in scenario.expected.verdicts if outcome in _BLOCKS}
        proofs.append(
            Proof(f"{scenario.sector}/{scenario.name}", scenario.proves, tuple(sorted(blocking)))
        )
    for path in sorted((folder / STORIES).glob("*.yaml")):
        story = read_story(path)
        rows = [row for step in story.steps for row in step.scenario.expected.verdicts]
        blocking = {name for name, outcome, _ in rows if outcome in _BLOCKS}
        name = f"{STORIES}/{path.stem}"
        proofs.append(Proof(name, story.proves, tuple(sorted(blocking))))
    return proofs


_BLOCKS = frozenset({"error", "fail", "insufficient"})
