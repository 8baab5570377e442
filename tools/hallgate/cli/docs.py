"""`hallgate docs`: writes the generated pages, or checks them for drift."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from hallgate.cli.wiring import Workplace, add_repository_options
from hallgate.intake.frameworks import read_frameworks
from hallgate.publish.policy_matrix import matrix, matrix_page
from hallgate.publish.policy_pages import family_page, policies_page, told_by
from hallgate.publish.policy_search import search_page
from hallgate.publish.reference import commands_page, evidence_page
from hallgate.record.files import write_atomic
from hallgate.testing.bases import base_verdicts
from hallgate.testing.examples import Examples, read_examples

EXAMPLES = """examples:
  hallgate docs
  hallgate docs --check

The pages of docs/reference are made from METADATA, schemas and the commands
themselves. --check writes nothing: it compares contents and the set of files."""


_LAID_OUT_BY = (3, 11)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("--check", action="store_true", help="only say what differs")
    add_repository_options(parser)


def run(options: argparse.Namespace) -> int:
    """Write or compare; 1 where --check finds a difference."""
    place = Workplace(options)
    folder = place.repository.root / "docs" / "reference"
    pages = _pages(place)
    stale = sorted(
        str(path.relative_to(place.repository.root))
        for path in {*(folder / name for name in pages), *_written(folder)}
        if pages.get(path.relative_to(folder).as_posix()) != _text(path)
    )
    if options.check:
        if sys.version_info[:2] != _LAID_OUT_BY and "docs/reference/commands.md" in stale:
            # argparse of other Python versions lays help out otherwise.
            stale.remove("docs/reference/commands.md")
        for name in stale:
            sys.stdout.write(f"{name} is not what `hallgate docs` would write\n")
        return 1 if stale else 0
    folder.mkdir(parents=True, exist_ok=True)
    for path in _written(folder):
        if path.relative_to(folder).as_posix() not in pages:
            path.unlink()
    for name, text in pages.items():
        (folder / name).parent.mkdir(exist_ok=True)
        write_atomic(folder / name, text.encode())
    sys.stdout.writelines(f"{name}\n" for name in stale)
    return 0


def _written(folder: Path) -> list[Path]:
    """Every page that lies in the folder, by whomever it was written."""
    return [path for path in folder.rglob("*") if path.suffix in {".md", ".html"}]


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _pages(place: Workplace) -> dict[str, str]:
    policies = place.policies
    law = read_frameworks(place.repository.frameworks, place.schemas)
    limits = place.limits
    seen = read_examples(place.repository.root / "tests" / "scenarios", policies.catalog)
    told = told_by(
        policies.catalog,
        policies.families,
        limits,
        law,
        seen.samples,
        seen.good,
        seen.alone,
        seen.scenarios,
    )
    families = sorted({policy.family for policy in policies.catalog})
    return {
        "policies.md": policies_page(told),
        "policies.html": search_page(told),
        **_matrix(place, seen),
        **{f"policies/{family}.md": family_page(family, told) for family in families},
        "evidence.md": evidence_page(place.schemas, place.trust),
        "commands.md": commands_page(_helps()),
    }


def _matrix(place: Workplace, seen: Examples) -> dict[str, str]:
    """The page of policies by sector; none in a repository without scenarios."""
    policies = place.policies
    bases = base_verdicts(place.repository, place.schemas, policies, place.engine)
    if not bases:
        return {}
    alone = {name: [case.name for case in cases] for name, cases in seen.alone.items()}
    cells = matrix(policies.catalog, bases, alone)
    return {"sectors.md": matrix_page(policies.catalog, cells, tuple(bases), policies.families)}


def _helps() -> list[tuple[str, str]]:
    from hallgate.cli.app import COMMANDS, parser_of, usage

    helps = [("hallgate", usage())]
    for entry in COMMANDS:
        module = importlib.import_module(f"hallgate.cli.{entry[1]}")
        parser = parser_of(entry, module)
        helps.append((f"hallgate {entry[0]}", parser.format_help()))
        for name, form in _forms(parser):
            helps.append((f"hallgate {entry[0]} {name}", form.format_help()))
    return helps


def _forms(parser: argparse.ArgumentParser) -> list[tuple[str, argparse.ArgumentParser]]:
    """Subcommands of a command, one level down."""
    return [
        (name, form)
        for action in parser._actions
        if isinstance(action, argparse._SubParsersAction)
        for name, form in action.choices.items()
    ]
