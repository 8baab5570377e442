"""`hallgate verify`: a record, or the step before an alias moves."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from hallgate.cli.wiring import Workplace, add_repository_options, now
from hallgate.intake.narrow import an_object
from hallgate.intake.rfc3339 import text as rfc3339
from hallgate.model.errors import Location, NotProven, UsageError
from hallgate.record.canonical import file_digest
from hallgate.record.decision_proof import VerifiedRecord, verify_record
from hallgate.record.promotions import verify_subject
from hallgate.record.vsa import observed, overrides

EXAMPLES = """examples:
  hallgate verify records/1790000000-credit-risk-aaaaaaaaaaaa.record.json
  hallgate verify --subject sha256:… --to production --records records/ && deploy

With --subject the newest decision about that digest and stage must be proven,
enforced and allowed. A denial, a record of another stage or artifact, one signed
by somebody else, or none at all blocks. To go back to a version that was allowed,
its old record is enough, unless it rests on an emergency override: that ends with it.
exit codes: 0 proven, 1 not proven, 2 usage, 3 trust is invalid, 4 failure"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument(
        "record", nargs="?", type=Path, metavar="RECORD", help="a .record.json file"
    )
    parser.add_argument("--subject", metavar="DIGEST", help="sha256:… of the artifact to deploy")
    parser.add_argument("--to", metavar="STAGE", choices=("development", "staging", "production"))
    parser.add_argument("--records", type=Path, default=Path("records"), metavar="DIR")
    parser.add_argument("--model", metavar="NAME", help="where several models share an artifact")
    parser.add_argument(
        "--max-age", type=int, metavar="SECONDS", help="oldest decision that counts"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text")
    add_repository_options(parser)


def run(options: argparse.Namespace) -> int:
    """Verify and say what was proven; failures are NotProven, exit 1."""
    place = Workplace(options)
    if options.subject is None:
        if options.record is None:
            raise UsageError("nothing to verify", remedy="name a RECORD, or --subject and --to")
        found = verify_record(options.record, place.trust, now())
    elif options.record is not None or options.to is None:
        raise UsageError(
            "--subject goes with --to and without a RECORD", remedy="see hallgate verify --help"
        )
    else:
        found = verify_subject(
            options.records,
            place.trust,
            options.subject,
            options.to,
            now(),
            max_age=options.max_age,
            model=options.model,
        )
    _logged(place, found)
    for fault in found.unreadable:
        sys.stderr.write(f"hallgate: passed over, about another artifact: {fault}\n")
    sys.stdout.write(_json(found) if options.format == "json" else _text(found))
    return 0


def _logged(place: Workplace, found: VerifiedRecord) -> None:
    """Raise NotProven where the repository has a log and the record is not in it."""
    if place.logged is not None and file_digest(found.path) not in place.logged:
        raise NotProven(
            "the record is not in the log of this repository",
            remedy="publish it with `hallgate log append`; what is not there was not decided",
            where=Location(str(found.path)),
        )


def _facts(found: VerifiedRecord) -> dict[str, object]:
    claims = found.claims
    return {
        "record": str(found.path),
        "model": claims.model,
        "digest": claims.digest,
        "to_stage": found.to_stage,
        "allowed": claims.allowed,
        "decided_at": rfc3339(claims.decided_at),
        "decided_by": found.identity,
        "mode": claims.mode,
        "policies": claims.policies,
        "waivers": claims.waivers,
        "evidence": len(claims.evidence),
        "overrides": [an_object(mark) for mark in overrides(claims.body)],
        "observed": [an_object(mark) for mark in observed(claims.body)],
    }


def _json(found: VerifiedRecord) -> str:
    return json.dumps(_facts(found), indent=2, sort_keys=True) + "\n"


def _text(found: VerifiedRecord) -> str:
    facts = _facts(found)
    marks = overrides(found.claims.body)
    watched = observed(found.claims.body)
    facts["overrides"], facts["observed"] = len(marks), len(watched)
    word = "ALLOWED" if found.claims.allowed else "DENIED"
    if found.claims.allowed and marks:
        names = sorted({str(an_object(mark)["id"]) for mark in marks})
        word = f"ALLOWED BY EMERGENCY OVERRIDE {' and '.join(names)}"
    if found.claims.allowed and watched:
        ids = sorted(str(an_object(mark)["policy"]) for mark in watched)
        word += f" WITH {' AND '.join(ids)} ONLY OBSERVED"
    lines = [f"{name.replace('_', ' '):<11} {value}" for name, value in facts.items()]
    return "\n".join([*lines, f"The record holds: {word}."]) + "\n"
