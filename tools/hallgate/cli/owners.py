"""`hallgate owners`: who must agree to a change, and CODEOWNERS from trust/roles.yaml."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from hallgate.intake.codeowners import CodeOwners
from hallgate.intake.repository import Repository
from hallgate.intake.schema import Schemas
from hallgate.intake.tree import OWNER_FILES, read_tree
from hallgate.intake.tree_objects import Objects
from hallgate.intake.trust import read_trust
from hallgate.model.errors import NotProven, UsageError
from hallgate.publish.owners import codeowners_text, owners_needed
from hallgate.publish.report.text import visible
from hallgate.publish.review.gate import changed_paths
from hallgate.record.files import write_atomic

EXAMPLES = """examples:
  hallgate owners main..HEAD
  hallgate owners main..HEAD --format json
  hallgate owners --write

The base's CODEOWNERS counts, whatever the change makes of it. --write makes the
file from trust/roles.yaml; `hallgate check` says where they differ.
exit codes: 0 answered, 1 a path has no owner, 2 usage, 3 invalid documents"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("range", nargs="?", metavar="BASE..HEAD", help="the commits to compare")
    parser.add_argument("--write", action="store_true", help="write CODEOWNERS anew")
    parser.add_argument("--format", choices=("table", "json"), default="table")
    parser.add_argument("--repository", type=Path, metavar="DIR")


def run(options: argparse.Namespace) -> int:
    """Say who owns what changed, or write the file."""
    if options.write == (options.range is not None):
        raise UsageError("say BASE..HEAD or --write, and not both", remedy="see --help")
    repository = Repository.find(options.repository or Path.cwd())
    if options.write:
        trust = read_trust(repository.trust, Schemas.load(repository.evidence_schemas))
        write_atomic(repository.codeowners, codeowners_text(trust.roles).encode())
        sys.stdout.write(f"{repository.codeowners}\n")
        return 0
    return _needed(Objects(repository.root), options)


def _needed(objects: Objects, options: argparse.Namespace) -> int:
    base_name, dots, head_name = options.range.partition("..")
    if not dots or not base_name or not head_name or head_name.startswith("."):
        raise UsageError("no range", remedy="write BASE..HEAD with two dots, as main..HEAD")
    base = read_tree(objects, objects.commit(base_name))
    head = read_tree(objects, objects.commit(head_name))
    file = next((one for one in OWNER_FILES if one in base.files), None)
    if file is None:
        raise NotProven(
            f"{base_name} has no CODEOWNERS", remedy="write one: `hallgate owners --write`"
        )
    oid = base.files[file].oid
    owners = CodeOwners.parse(objects.blobs([oid])[oid], file)
    needed = owners_needed(owners, changed_paths(base, head))
    if options.format == "json":
        rows = [{"owners": list(group), "paths": paths} for group, paths in needed.items()]
        sys.stdout.write(json.dumps(rows, indent=2, ensure_ascii=False) + "\n")
    else:
        for group, paths in needed.items():
            sys.stdout.write(f"{' or '.join(group) or 'nobody'}\n")
            sys.stdout.writelines(f"  {visible(path)}\n" for path in paths)
    return 1 if () in needed else 0
