"""`hallgate evidence`: wraps what other tools and people wrote as evidence, and signs it.

Also what every command that writes evidence shares: whom it is about, for how
long, where it goes and with whose key.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hallgate.cli.evidence_says import add_said_options, with_said
from hallgate.model.errors import Location, UsageError

if TYPE_CHECKING:
    from hallgate.intake.document import Document
    from hallgate.intake.repository import Repository
    from hallgate.intake.schema import Schemas
    from hallgate.measure.context import Context, Predicate
    from hallgate.measure.files import LookedAt
    from hallgate.model.values import JsonObject, JsonValue

EXAMPLES = """examples:
  hallgate evidence wrap ml_bom bom.json --model credit-risk@sha256:… --key builder.pem
  hallgate evidence wrap secret_scan report.json --scanned src --model credit-risk@sha256:…
  hallgate evidence wrap vulnerability_report trivy.json --model credit-risk@sha256:…
  hallgate evidence wrap falco alerts.jsonl --workload staging/credit-risk --rules 92 \\
      --watched-from 2026-11-12T05:00:00Z --watched-until 2026-11-20T05:00:00Z --model …
  hallgate evidence wrap build_provenance provenance.dsse.json --model credit-risk@sha256:… \\
      --trust trust --builder https://builder.example/hosted --level 3
  hallgate evidence wrap model_card card.yaml --model credit-risk@sha256:… --key steward.pem
  hallgate evidence wrap deployment_manifests deploy/ --model credit-risk@sha256:… --key ci.pem
  hallgate evidence wrap pipeline_graph release.yaml --model credit-risk@sha256:… \\
      --step gate=approve
  hallgate evidence folder papers --model credit-risk@sha256:… --key steward.pem --out evidence
  hallgate evidence sign evidence/plain.json --key steward.pem --out evidence/signed.json
  hallgate evidence sign again.json --key evaluator.pem --supersedes evidence/pii_scan.json \\
      --derived-from sample=sample.csv --out evidence/pii_scan-2.json

wrap keeps the digest of the report and what it does not say: a scanner's report without
the list of files it looked at becomes `not_run`. Cards, plans and audits are written by
people, as YAML or JSON in the shape of their schema. Configuration documents (access_grants,
ci_workflows, deployment_manifests, infrastructure_plan, pipeline_graph) are carried whole, with
secret values taken out. A signed attestation is verified
against trust/ first.
exit codes: 0 wrapped or signed, 1 nothing was measured, 2 usage, 3 invalid document"""

VALID_DAYS = 90
_DAY = 86_400
_LARGEST = 256 * 1024 * 1024
_DEPTH = 64
_MODEL = re.compile(r"([a-z0-9][a-z0-9._-]{0,99})@(sha256:[0-9a-f]{64})")
_NOTE = "something to know about how it was made; repeatable"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Subject:
    """The model that evidence is about; digest is sha256:<hex>."""

    name: str
    digest: str


def configure(parser: argparse.ArgumentParser) -> None:
    """Add wrap and sign."""
    forms = parser.add_subparsers(dest="form", required=True, metavar="WHAT")
    raw = argparse.RawDescriptionHelpFormatter
    wrap = forms.add_parser(
        "wrap", help="make evidence of a report, card or plan", epilog=EXAMPLES, formatter_class=raw
    )
    wrap.add_argument("type", metavar="TYPE", help="evidence type, or the tool that wrote the file")
    wrap.add_argument(
        "files",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="report, attestation, card or plan; of configuration documents any files and folders",
    )
    wrap.add_argument(
        "--step",
        action="append",
        default=[],
        metavar="NAME=STEP",
        help="what a task of a pipeline is: promote, scan, evaluate, sign, approve or other",
    )
    wrap.add_argument("--tool", metavar="TOOL", help="which tool wrote it, where several could")
    wrap.add_argument(
        "--scanned",
        action="append",
        default=[],
        type=Path,
        metavar="PATH",
        help="file or folder the tool looked at; listed with digests; repeatable",
    )
    _add_scanner_options(wrap)
    wrap.add_argument("--note", action="append", default=[], metavar="NAME=TEXT", help=_NOTE)
    add_statement_options(wrap)
    folder = forms.add_parser(
        "folder",
        help="wrap every card, plan and audit of a folder, each named <type>.yaml",
        epilog=EXAMPLES,
        formatter_class=raw,
    )
    folder.add_argument("folder", type=Path, metavar="DIR", help="folder of <type>.yaml or .json")
    folder.add_argument("--note", action="append", default=[], metavar="NAME=TEXT", help=_NOTE)
    add_statement_options(folder)
    sign = forms.add_parser(
        "sign", help="sign a plain statement", epilog=EXAMPLES, formatter_class=raw
    )
    sign.add_argument("file", type=Path, metavar="FILE", help="an in-toto statement")
    sign.add_argument("--key", type=Path, required=True, metavar="PEM", help="private key")
    sign.add_argument("--out", type=Path, metavar="FILE", help="write here (default: stdout)")
    add_said_options(sign)
    for form in (wrap, folder, sign):
        form.add_argument(
            "--repository", type=Path, metavar="DIR", help="default: the one around this folder"
        )
        form.add_argument(
            "--trust", type=Path, metavar="DIR", help="default: the repository's trust/"
        )


def _add_scanner_options(form: argparse.ArgumentParser) -> None:
    """What a report does not say itself, and the caller knows."""
    form.add_argument(
        "--target-digest", type=_digest, metavar="DIGEST", help="what was scanned (the model)"
    )
    form.add_argument("--database-at", metavar="TIME", help="date of the scanner's database")
    form.add_argument("--workload", metavar="NAME", help="workload that a runtime sensor watched")
    for edge in ("from", "until"):
        form.add_argument(
            f"--watched-{edge}",
            type=_time,
            metavar="TIME",
            help=f"{edge} when it watched, RFC 3339",
        )
    form.add_argument("--rules", type=int, metavar="N", help="rules the sensor had loaded")
    form.add_argument(
        "--closed",
        action="append",
        default=[],
        metavar="RULE=WHO AND WHY",
        help="runtime alerts that somebody explained; repeatable",
    )
    form.add_argument(
        "--vex",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="OpenVEX or CycloneDX VEX behind suppressed findings; repeatable",
    )
    form.add_argument("--packages", type=int, metavar="N", help="packages scanned, by the SBOM")
    form.add_argument(
        "--builder", metavar="ID", help="builder.id that the signer of the provenance stands for"
    )
    form.add_argument("--level", type=int, metavar="N", help="SLSA Build level it claims")


def add_statement_options(parser: argparse.ArgumentParser) -> None:
    """Options of every command that writes a statement."""
    group = parser.add_argument_group("the statement")
    group.add_argument(
        "--model",
        type=_subject,
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


def run(options: argparse.Namespace) -> int:
    """Wrap, wrap a folder, or sign."""
    from hallgate.cli import evidence_wrap

    forms = {"wrap": evidence_wrap.run_one, "folder": evidence_wrap.run_folder, "sign": _sign}
    return forms[options.form](options)


def measuring_now(options: argparse.Namespace) -> Context:
    """The context of a measurement that ends now."""
    from hallgate import __version__
    from hallgate.cli.wiring import now
    from hallgate.intake.rfc3339 import text
    from hallgate.measure.context import Context

    moment = now()
    return Context(text(moment), text(moment + options.valid_days * _DAY), __version__)


def looked_at(paths: list[Path], *, whole_path: bool) -> tuple[LookedAt, ...]:
    """Every file at or under the paths, each once.

    Named by the path as given where another tool was given the same (whole_path), else by
    the place under its root.
    """
    from dataclasses import replace

    from hallgate.measure.files import walk_files

    found: dict[str, LookedAt] = {}
    for path in paths:
        for one in walk_files(path):
            named = replace(one, path=one.location.as_posix()) if whole_path else one
            if found.setdefault(named.path, named).digest != named.digest:
                raise UsageError(
                    f"two files are called {named.path}", remedy="name the folder that holds both"
                )
    return tuple(found[name] for name in sorted(found))


def write_statement(
    options: argparse.Namespace, kind: str, predicate: Predicate, out: Path | None
) -> int:
    """Write the statement, signed where there is a key; 0 when something was measured, else 1."""
    from hallgate.record.statement import statement

    subject: Subject = options.model
    kind_urn = f"urn:hallgate:evidence:{kind}:v1"
    document = statement(subject.name, subject.digest, kind_urn, predicate)
    write_json(_signed(document, options.key) if options.key else document, out)
    if predicate["status"] == "measured":
        return 0
    sys.stderr.write(
        f"hallgate: {kind} is {predicate['status']}: {_reason(predicate)}\n"
        "  a statement that says so was written; it closes no gap. Mend the cause, then repeat\n"
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


def read_report(path: Path, *, as_text: bool) -> Document:
    """A report read strictly by its suffix: YAML, JSON, or text where as_text."""
    from hallgate.intake.document import Document
    from hallgate.intake.files import read_file
    from hallgate.intake.json_strict import decode, parse_json
    from hallgate.record.canonical import sha256_digest

    if not path.exists():
        raise UsageError("there is no such file", where=at(path), remedy="check the path")
    data = read_file(path, _LARGEST)
    if as_text and path.suffix != ".json":
        return Document(decode(data, str(path)), str(path), sha256_digest(data), data, "text")
    if path.suffix in {".yaml", ".yml"}:
        from hallgate.intake.yaml_strict import parse_yaml

        return parse_yaml(data, str(path))
    return parse_json(data, str(path), limit=_LARGEST, depth=_DEPTH, floats=True)


def _sign(options: argparse.Namespace) -> int:
    from hallgate.intake.json_strict import parse_json
    from hallgate.intake.narrow import an_object
    from hallgate.record.canonical import canonical_bytes
    from hallgate.record.statement import read_statement

    document = read_report(options.file, as_text=False)
    where = at(options.file)
    if isinstance(document.value, Mapping) and "payloadType" in document.value:
        raise UsageError("is signed already", where=where, remedy="sign the plain statement")
    read = read_statement(document.value, where)
    value = with_said(an_object(document.value), options)
    if value is not document.value:
        document = parse_json(canonical_bytes(value), str(options.file), depth=_DEPTH)
    schemas = schemas_of(options)
    kind = schemas.type_of(read.predicate_type)
    if kind is not None:
        measured = read.predicate.get("status") not in {"error", "not_run"}
        name = f"statement:{kind}" if measured else f"statement:{kind}:unmeasured"
        schemas.validate(document, name)
    write_json(_signed(document.value, options.key), options.out)
    return 0


def _signed(document: JsonValue, key_file: Path) -> JsonObject:
    from hallgate.record.canonical import canonical_bytes
    from hallgate.record.dsse import sign_payload
    from hallgate.record.keys import load_private_key

    return sign_payload(canonical_bytes(document), load_private_key(key_file))


def repository_of(options: argparse.Namespace) -> Repository:
    """The repository named by --repository, else the one around this folder."""
    from hallgate.intake.repository import Repository

    said: Path | None = options.repository
    return Repository.find(said or Path.cwd())


def schemas_of(options: argparse.Namespace) -> Schemas:
    """Its evidence schemas."""
    from hallgate.intake.schema import Schemas

    return Schemas.load(repository_of(options).evidence_schemas)


def _reason(predicate: Predicate) -> str:
    source = predicate["source"]
    parameters = source.get("parameters") if isinstance(source, Mapping) else None
    for one in parameters if isinstance(parameters, list) else []:
        if isinstance(one, Mapping) and one.get("name") == "reason":
            return str(one["value"])
    return "no reason given"


def _subject(text: str) -> Subject:
    match = _MODEL.fullmatch(text)
    if match is None:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not NAME@sha256:<64 lower-case hex digits>, as in the request"
        )
    return Subject(match[1], match[2])


def _digest(text: str) -> str:
    if _DIGEST.fullmatch(text) is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not sha256:<64 lower-case hex digits>")
    return text


def _days(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 3650:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days from 1 to 3650")
    return int(text)


def at(path: Path) -> Location:
    """A place in a message."""
    return Location(str(path))


def _time(text: str) -> str:
    """The RFC 3339 time as it was given; for argparse's type=."""
    from hallgate.cli.wiring import time_option

    time_option(text)
    return text
