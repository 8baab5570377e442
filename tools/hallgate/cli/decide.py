"""`hallgate decide`: the main job."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from hallgate.cli.bundle_source import add_bundle_options
from hallgate.cli.wiring import Workplace, add_repository_options, now, time_option
from hallgate.decide.promotion import Decided, Materials, decide_promotion
from hallgate.intake.evidence import read_evidence
from hallgate.intake.frameworks import read_frameworks
from hallgate.intake.requests import people_faults, read_request
from hallgate.model.errors import InvalidDocument, UsageError
from hallgate.model.law import Control
from hallgate.publish.report import FORMATS, DecisionView, render

EXAMPLES = """examples:
  hallgate decide request.yaml --evidence evidence/
  hallgate decide request.yaml --evidence evidence/ --format sarif > decision.sarif
  hallgate decide request.yaml --evidence evidence/ --record records/ --key decider.pem
  hallgate decide request.yaml --evidence evidence/ --at 2027-01-01T00:00:00Z
  hallgate decide request.yaml --evidence evidence/ --trust trust/ --scope mlops \\
      --bundle oci://ghcr.io/acme/policies/mlops@sha256:… --trusted release.pub.pem

A repository with a log (trust/log.yaml) records into the log's folder alone: then --log-key
is needed too, and what is not in the log was not decided.
--at asks what the answer would be at another time. It promotes nothing: no
record is written and no VSA is issued.
exit codes: 0 allowed, 1 denied, 2 usage, 3 invalid documents, 4 engine failure"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_material_options(parser)
    parser.add_argument("--at", type=time_option, metavar="TIME", help="what would be decided then")
    parser.add_argument("--format", choices=FORMATS, default="table", help="default: table")
    parser.add_argument("--record", type=Path, metavar="DIR", help="write a signed record here")
    parser.add_argument("--key", type=Path, metavar="FILE", help="private key (PEM) that signs it")
    parser.add_argument(
        "--log-key",
        type=Path,
        metavar="FILE",
        help="key of the log, where trust/log.yaml names one",
    )


def add_material_options(parser: argparse.ArgumentParser) -> None:
    """Request, evidence and where the rest is."""
    parser.add_argument("request", type=Path, metavar="REQUEST", help="request.yaml or .json")
    parser.add_argument(
        "--evidence",
        type=Path,
        required=True,
        metavar="DIR",
        help="folder of statements and approvals",
    )
    add_repository_options(parser)
    add_bundle_options(parser)


def run(options: argparse.Namespace) -> int:
    """Decide, print, record; 0 when allowed, 1 when denied."""
    if options.record is not None and options.at is not None:
        raise UsageError("--at excludes --record", remedy="a record is of a decision made now")
    if (options.record is None) != (options.key is None):
        raise UsageError("--record and --key go together", remedy="a record is always signed")
    place = Workplace(options)
    if options.record is not None:
        from hallgate.cli.recording import ready_to_log

        ready_to_log(place, options.record, options.log_key)
    when = now() if options.at is None else options.at
    materials = read_materials(place, options, when)
    decided = decide_promotion(place.engine, materials, when, what_if=options.at is not None)
    if options.record is not None:
        from hallgate.cli.recording import record

        path, index = record(place, materials, decided, options)
        logged = "" if index is None else f", entry {index} of the log"
        sys.stderr.write(f"hallgate: recorded in {path}{logged}\n")
    sys.stdout.write(render(_view(place, materials, decided, options), options.format))
    return 0 if decided.decision.allowed else 1


def read_materials(place: Workplace, options: argparse.Namespace, when: int) -> Materials:
    """Everything the decision stands on, read and verified.

    Raises InvalidDocument also for people of the request who are unknown to trust/.
    """
    if not options.evidence.is_dir():
        raise UsageError(
            f"there is no folder {options.evidence}",
            remedy="name the folder of evidence; an empty one is fine and denies",
        )
    request = read_request(options.request, place.schemas)
    if faults := people_faults(request, place.trust):
        raise InvalidDocument(faults)
    return Materials(
        request=request,
        evidence=read_evidence(options.evidence, place.trust, place.schemas, at=when),
        trust=place.trust,
        waivers=place.waivers(when),
        overrides=place.overrides(),
        policies=place.policies,
    )


def _view(
    place: Workplace, materials: Materials, decided: Decided, options: argparse.Namespace
) -> DecisionView:
    return DecisionView(
        decision=decided.decision,
        law=_law(place) if options.format == "json" else (),
        catalog=materials.policies.catalog,
        request=materials.request,
        trust=materials.trust,
        ignored=materials.evidence.ignored,
        what_if_at=options.at,
        # Asking costs as much as a third of a decision; only JSON has a place for it.
        engine_version=place.engine_version if options.format == "json" else None,
        policies_digest=materials.policies.bundle.digest,
        waivers_digest=decided.waivers.digest,
        bundle=place.chosen.facts if place.chosen else None,
        sources=place.chosen.told if place.chosen else materials.policies.told_sources,
    )


def _law(place: Workplace) -> tuple[Control, ...]:
    return read_frameworks(place.repository.frameworks, place.schemas)
