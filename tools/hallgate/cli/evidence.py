"""`hallgate evidence`: wraps what other tools reported as evidence, and signs it.

Also what every command that writes evidence shares: whom it is about, for how
long, where it goes and with whose key.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hallgate.measure.context import Context, Predicate
    from hallgate.model.values import JsonValue

VALID_DAYS = 90
_DAY = 86_400
_MODEL = re.compile(r"([a-z0-9][a-z0-9._-]{0,99})@(sha256:[0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Subject:
    """The model that evidence is about; digest is sha256:<hex>."""

    name: str
    digest: str


def subject_option(text: str) -> Subject:
    """NAME@sha256:<hex>; for argparse's type=."""
    match = _MODEL.fullmatch(text)
    if match is None:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not NAME@sha256:<64 lower-case hex digits>, as in the request"
        )
    return Subject(match[1], match[2])


def add_statement_options(parser: argparse.ArgumentParser) -> None:
    """Options of every command that writes a statement."""
    group = parser.add_argument_group("the statement")
    group.add_argument(
        "--model",
        type=subject_option,
        required=True,
        metavar="NAME@sha256:…",
        help="model the evidence is about, as the request names it",
    )
    group.add_argument(
        "--valid-days",
        type=_days,
        default=VALID_DAYS,
        metavar="N",
        help=f"days until it expires ({VALID_DAYS}); schemas and policies may ask for less",
    )
    group.add_argument("--out", type=Path, metavar="FILE", help="write here (default: stdout)")
    group.add_argument(
        "--key", type=Path, metavar="PEM", help="sign with this private key, as a DSSE envelope"
    )


def measuring_now(options: argparse.Namespace) -> Context:
    """The context of a measurement that ends now."""
    from hallgate import __version__
    from hallgate.cli.wiring import now
    from hallgate.intake.rfc3339 import text
    from hallgate.measure.context import Context

    moment = now()
    return Context(text(moment), text(moment + options.valid_days * _DAY), __version__)


def write_statement(options: argparse.Namespace, kind: str, predicate: Predicate) -> int:
    """Write the statement, signed where there is a key; 0 when something was measured, else 1."""
    from hallgate.record.statement import statement

    subject: Subject = options.model
    kind_urn = f"urn:hallgate:evidence:{kind}:v1"
    document = statement(subject.name, subject.digest, kind_urn, predicate)
    if options.key is None:
        write_json(document, options.out)
    else:
        write_json(_signed(document, options.key), options.out)
    if predicate["status"] == "measured":
        return 0
    sys.stderr.write(
        f"hallgate: {kind} is {predicate['status']}: {_reason(predicate)}\n"
        "  a statement that says so was written; it closes no gap. Mend the cause, measure again\n"
    )
    return 1


def write_json(document: JsonValue, out: Path | None) -> None:
    """Write JSON to a file, whole or not at all, or to standard output."""
    from hallgate.record.files import make_folder, write_atomic

    text = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    if out is None:
        sys.stdout.write(text)
    else:
        make_folder(out.parent)
        write_atomic(out, text.encode())


def _signed(document: JsonValue, key_file: Path) -> JsonValue:
    from hallgate.record.canonical import canonical_bytes
    from hallgate.record.dsse import sign_payload
    from hallgate.record.keys import load_private_key

    return sign_payload(canonical_bytes(document), load_private_key(key_file))


def _reason(predicate: Predicate) -> str:
    source = predicate["source"]
    parameters = source.get("parameters", []) if isinstance(source, dict) else []
    for one in parameters if isinstance(parameters, list) else []:
        if isinstance(one, dict) and one.get("name") == "reason":
            return str(one["value"])
    return "no reason given"


def _days(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 3650:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days from 1 to 3650")
    return int(text)
