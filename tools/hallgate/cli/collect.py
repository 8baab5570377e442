"""`hallgate collect`: what the pipeline says of itself, as evidence."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from hallgate.cli.evidence import (
    add_statement_options,
    measuring_now,
    read_report,
    write_statement,
)
from hallgate.model.errors import UsageError
from hallgate.model.values import JsonObject

if TYPE_CHECKING:
    from hallgate.measure.collect.metadata import Revision

EXAMPLES = """examples:
  hallgate collect --model credit-risk@sha256:… --key builder.pem --out evidence/pipeline.json
  hallgate collect --model … --training mlflow-run.json --registry version.json
  hallgate collect --model … --deployment deployment.json --checkout none

In a job of GitHub, GitLab or Jenkins it reads the environment, and the commit that is
checked out; both must agree. Exports are files: MLflow's runs/get (with `files` of
artifacts/list beside `run`), model-versions/get, `kubectl get -o json`. No network.
exit codes: 0 collected, 1 nothing was there, 2 usage, 3 invalid or contradictory"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("--checkout", default=".", metavar="DIR", help="Git work tree (.), or none")
    for name, what in (
        ("training", "MLflow run"), ("registry", "registry entry"), ("deployment", "workload"),
    ):  # fmt: skip
        parser.add_argument(f"--{name}", type=Path, metavar="FILE", help=f"export of a {what}")
    add_statement_options(parser)


def run(options: argparse.Namespace) -> int:
    """Collect and write the statement."""
    from hallgate.measure.collect.exports import EXPORTS
    from hallgate.measure.collect.metadata import metadata
    from hallgate.measure.collect.run import ci_run

    sections: dict[str, JsonObject | None] = {"run": ci_run(os.environ)}
    files: dict[str, str] = {}
    for name, read in EXPORTS.items():
        path: Path | None = getattr(options, name)
        if path is not None:
            document = read_report(path, as_text=False)
            sections[name] = read(document.value, str(path))
            files[name] = document.digest
    predicate = metadata(measuring_now(options), _revision(options.checkout), sections, files)
    return write_statement(options, "pipeline_metadata", predicate, options.out)


def _revision(checkout: str) -> Revision | None:
    from git import InvalidGitRepositoryError, NoSuchPathError, Repo

    from hallgate.measure.collect.metadata import Revision

    if checkout == "none":
        return None
    try:
        with Repo(checkout, search_parent_directories=True) as repository:
            clean = not repository.is_dirty(untracked_files=True)
            return Revision(repository.head.commit.hexsha, clean)
    except (InvalidGitRepositoryError, NoSuchPathError, ValueError) as error:
        raise UsageError(
            f"{checkout} is no Git work tree with a commit",
            remedy="name it with --checkout, or say --checkout none",
        ) from error
