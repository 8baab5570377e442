"""`hallgate measure`: fairness, identifiers and model files, measured here."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from hallgate.cli.evidence import (
    add_statement_options,
    looked_at,
    measuring_now,
    write_statement,
)
from hallgate.model.errors import InvalidDocument, UsageError

if TYPE_CHECKING:
    from hallgate.measure.context import Predicate
    from hallgate.measure.fairness_spec import Attribute

EXAMPLES = """examples:
  hallgate measure fairness predictions.csv --model credit-risk@sha256:… \\
      --prediction granted --outcome repaid --attribute sex --attribute 'age<26' \\
      --reference sex=male --out evidence/fairness_report.json --key evaluator.pem
  hallgate measure pii train.csv notes.jsonl --model credit-risk@sha256:… --key scanner.pem
  hallgate measure artifact model.safetensors --model credit-risk@sha256:…

Each writes an in-toto statement, with --key in a DSSE envelope. Where the
measurement itself fails, the statement says `error` or `not_run`.
exit codes: 0 measured, 1 not measured, 2 usage, 4 failure"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what can be measured."""
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="WHAT")
    raw = argparse.RawDescriptionHelpFormatter
    fairness = kinds.add_parser(
        "fairness", help="group counts, ratios and gaps of predictions, with intervals",
        epilog=EXAMPLES, formatter_class=raw,
    )  # fmt: skip
    _configure_fairness(fairness)
    pii = kinds.add_parser(
        "pii", help="identifiers in data files, counted per column; never a value",
        epilog=EXAMPLES, formatter_class=raw,
    )  # fmt: skip
    pii.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help=".csv, .tsv, .jsonl, .ndjson, .parquet"
    )
    artifact = kinds.add_parser(
        "artifact", help="whether loading the model's files could run code",
        epilog=EXAMPLES, formatter_class=raw,
    )  # fmt: skip
    artifact.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="model files or folders of them"
    )
    for kind in (fairness, pii, artifact):
        add_statement_options(kind)


def _configure_fairness(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "predictions", type=Path, metavar="PREDICTIONS", help=".csv or .parquet, a row per person"
    )
    parser.add_argument(
        "--prediction", required=True, metavar="COL", help="column of the model's decision"
    )
    parser.add_argument("--outcome", required=True, metavar="COL", help="column of what was true")
    parser.add_argument(
        "--favourable", default="1", metavar="VALUE", help="value a person hopes for (1)"
    )
    parser.add_argument(
        "--threshold",
        type=float,
        metavar="SCORE",
        help="the prediction column is a score, favourable from here on",
    )
    parser.add_argument(
        "--attribute",
        action="append",
        required=True,
        metavar="COL",
        help="protected attribute: a column, or one cut into ranges as 'age<26,60'; repeatable",
    )
    parser.add_argument(
        "--reference",
        action="append",
        default=[],
        metavar="COL=GROUP",
        help="group others are compared with (default: the most favoured); repeatable",
    )
    parser.add_argument(
        "--neighbours",
        metavar="COL,…",
        help="features by which people are alike, to measure consistency",
    )


def run(options: argparse.Namespace) -> int:
    """Measure and write the statement."""
    measure, kind = {
        "fairness": (_fairness, "fairness_report"),
        "pii": (_pii, "pii_scan"),
        "artifact": (_artifact, "artifact_scan"),
    }[options.kind]
    return write_statement(options, kind, _or_error(measure, options), options.out)


def _or_error(
    measure: Callable[[argparse.Namespace], Predicate], options: argparse.Namespace
) -> Predicate:
    """What was measured, or a predicate that says why nothing could be."""
    from hallgate.measure.context import Origin, Population, unmeasured

    try:
        return measure(options)
    except InvalidDocument as error:
        files = ", ".join(str(path) for path in _inputs(options))
        reason = "; ".join(str(fault) for fault in error.faults)
        return unmeasured(
            measuring_now(options),
            Origin(files, f"hallgate measure {options.kind}"),
            Population(f"contents of {files}", 0),
            "error",
            reason,
        )


def _fairness(options: argparse.Namespace) -> Predicate:
    from hallgate.measure.fairness import measure_fairness
    from hallgate.measure.fairness_spec import Outcomes

    outcomes = Outcomes(
        options.prediction, options.outcome, options.favourable, threshold=options.threshold
    )
    neighbours = [one.strip() for one in (options.neighbours or "").split(",") if one.strip()]
    return measure_fairness(
        options.predictions,
        outcomes,
        _attributes(options.attribute, options.reference),
        model_digest=options.model.digest,
        context=measuring_now(options),
        neighbours=tuple(neighbours),
    )


def _attributes(texts: list[str], references: list[str]) -> tuple[Attribute, ...]:
    from dataclasses import replace

    from hallgate.measure.fairness_spec import Attribute

    attributes = {one.column: one for one in map(Attribute.parse, texts)}
    if len(attributes) < len(texts):
        raise UsageError("an attribute is given twice", remedy="name each --attribute once")
    for text in references:
        column, equals, group = text.partition("=")
        if not equals or column not in attributes:
            raise UsageError(
                f"--reference {text!r} names no attribute",
                remedy=f"write COL=GROUP with COL one of {', '.join(attributes)}",
            )
        attributes[column] = replace(attributes[column], reference=group)
    return tuple(attributes.values())


def _pii(options: argparse.Namespace) -> Predicate:
    from hallgate.measure.pii import scan_pii

    files = {path.as_posix(): path for path in options.files}
    return scan_pii(files, context=measuring_now(options))


def _inputs(options: argparse.Namespace) -> list[Path]:
    if options.kind == "fairness":
        return [options.predictions]
    found: list[Path] = options.files if options.kind == "pii" else options.paths
    return found


def _artifact(options: argparse.Namespace) -> Predicate:
    from hallgate.measure.artifact import scan_artifact

    return scan_artifact(
        looked_at(options.paths, whole_path=False),
        model_digest=options.model.digest,
        context=measuring_now(options),
    )
