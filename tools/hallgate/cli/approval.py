"""`hallgate approval`: a person's signed word on a promotion, a waiver, a hold or a disposal."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from hallgate.model.errors import Location, NotProven, UsageError

if TYPE_CHECKING:
    from hallgate.intake.approvals import Word
    from hallgate.intake.schema import Schemas
    from hallgate.model.trust import Trust
    from hallgate.model.values import JsonValue

EXAMPLES = """examples:
  hallgate approval sign --request request.yaml --as head-of-model-risk --role model-risk \\
      --key ~/.ssh/id_ed25519 --reason "Validation report read" > evidence/risk.approval.json
  hallgate approval sign --waiver exceptions/fair/EXC-2026-0007.yaml --as head-of-model-risk \\
      --role model-risk --key ~/.ssh/id_ed25519 --reason "Control seen at work"
  hallgate approval verify evidence/risk.approval.json

Signed is what the file says now: a changed byte voids the approval. That of a waiver
is written beside it, under the name it must have there; that of a request to
standard output or --out. Nothing is overwritten.
exit codes: 0 signed or proven, 1 not proven, 2 usage, 3 invalid documents, 4 failure"""

VALID_DAYS = 30
_DAY = 86_400
_LARGEST = 64 * 1024


def configure(parser: argparse.ArgumentParser) -> None:
    """Add sign and verify."""
    forms = parser.add_subparsers(dest="form", required=True, metavar="WHAT")
    raw = argparse.RawDescriptionHelpFormatter
    sign = forms.add_parser(
        "sign", help="sign a word with an SSH key", epilog=EXAMPLES, formatter_class=raw
    )
    about = sign.add_mutually_exclusive_group(required=True)
    about.add_argument("--request", type=Path, metavar="REQUEST", help="promotion request")
    about.add_argument("--waiver", type=Path, metavar="WAIVER", help="waiver")
    about.add_argument("--hold", type=Path, metavar="HOLD", help="legal hold")
    about.add_argument("--disposal", type=Path, metavar="LIST", help="list of records to erase")
    sign.add_argument(
        "--as", dest="identity", required=True, metavar="IDENTITY", help="who signs, by id"
    )
    sign.add_argument("--role", required=True, metavar="ROLE", help="in which role")
    sign.add_argument(
        "--key",
        type=Path,
        required=True,
        metavar="SSHKEY",
        help="private SSH key, or the .pub file where an agent holds the private one",
    )
    sign.add_argument(
        "--reject", dest="decision", action="store_const", const="reject", default="approve",
        help="reject instead of approving",
    )  # fmt: skip
    sign.add_argument("--reason", required=True, metavar="TEXT", help="why")
    sign.add_argument("--conditions", metavar="TEXT", help="conditions of the approval")
    sign.add_argument(
        "--valid-days", type=int, metavar="N",
        help=f"({VALID_DAYS}; for a waiver: until it expires)",
    )  # fmt: skip
    sign.add_argument("--out", type=Path, metavar="FILE", help="new file *.approval.json")
    sign.add_argument(
        "--trust", type=Path, metavar="DIR", help="write it only if it would count by this trust"
    )
    verify = forms.add_parser(
        "verify", help="say whose word it is, and whether it counts",
        epilog=EXAMPLES, formatter_class=raw,
    )  # fmt: skip
    verify.add_argument("file", type=Path, metavar="FILE", help="*.approval.json")
    verify.add_argument(
        "--trust", type=Path, metavar="DIR", help="default: that of the repository around here"
    )


def run(options: argparse.Namespace) -> int:
    """Sign or verify."""
    return sign(options) if options.form == "sign" else _verify(options)


def sign(options: argparse.Namespace) -> int:
    """Write a signed word; decision is approve, reject, revoke, withdraw or review.

    What it is about is options.request, options.waiver or, where there is one, options.override.
    """
    from hallgate.cli.evidence import write_json
    from hallgate.cli.writing import write_fresh
    from hallgate.intake.approvals import SUFFIX, parse_approval
    from hallgate.intake.schema import Schemas
    from hallgate.record.canonical import canonical_bytes
    from hallgate.record.sshsig import sign_ssh

    if options.valid_days is not None and not 1 <= options.valid_days <= 3650:
        raise UsageError("--valid-days is out of range", remedy="give 1 to 3650 days")
    schemas = Schemas.load(None)
    statement = _statement(options, schemas)
    document: JsonValue = {
        "statement": statement,
        "signature": sign_ssh(canonical_bytes(statement), options.key),
    }
    data = canonical_bytes(document)
    word = parse_approval(data, "this approval", schemas)  # what we write, we must be able to read
    if options.trust is not None:
        _count(word, _trust(options.trust, schemas))
    out = options.out
    beside = options.waiver or getattr(options, "override", None) or getattr(options, "hold", None)
    if out is None and beside is not None:
        out = _beside(beside, word.subject_name, options.identity)
    if out is None:
        write_json(document, None)
        return 0
    if not out.name.endswith(SUFFIX):
        raise UsageError(f"{out} is no name of an approval", remedy=f"end it in {SUFFIX}")
    write_fresh(out, json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n")
    sys.stderr.write(f"hallgate: signed {out}\n")
    return 0


def _beside(waiver: Path, name: str, identity: str) -> Path:
    """The next free name of this person's words; what was said before stays."""
    from hallgate.intake.approvals import SUFFIX

    said, number = waiver.with_name(f"{name}.{identity}{SUFFIX}"), 1
    while said.exists():
        number += 1
        said = waiver.with_name(f"{name}.{identity}.{number}{SUFFIX}")
    return said


def _statement(options: argparse.Namespace, schemas: Schemas) -> dict[str, JsonValue]:
    """What is signed: who says what, in which role, about exactly which thing."""
    from hallgate.cli.wiring import now
    from hallgate.intake.exceptions import canonical_digest
    from hallgate.intake.narrow import a_text, an_integer, an_object
    from hallgate.intake.requests import read_document, read_request
    from hallgate.intake.rfc3339 import text
    from hallgate.intake.shapes import APPROVAL_TYPE
    from hallgate.record.statement import statement

    rule, moment, until, stage, action = None, now(), 0, None, _action(options)
    if action == "promotion":
        request = read_request(options.request, schemas)
        name, digest, stage = request.model_name, request.model_digest, request.to_stage
    elif action == "disposal":
        name, digest = "disposal", _list_digest(options.disposal)
    else:
        read = read_document(getattr(options, action))
        schemas.validate(read, action)
        said = an_object(schemas.plan(action).apply_object(an_object(read.value)))
        name, digest = a_text(said["id"]), canonical_digest(read.value)
        until = 0 if action == "hold" else an_integer(said["expires"])
        if action == "waiver":
            rule = rule_digest(options, a_text(said["policy"]))
    if options.valid_days is not None or until <= moment:
        until = moment + (options.valid_days or VALID_DAYS) * _DAY
    predicate: dict[str, JsonValue] = {
        "action": action,
        "role": options.role,
        "identity": options.identity,
        "decision": options.decision,
        "to_stage": stage,
        "approved_at": text(moment),
        "valid_until": text(until),
        "reason": options.reason,
        "conditions": options.conditions,
        "rule_digest": rule,
    }
    return statement(name, digest, APPROVAL_TYPE, predicate)


def _action(options: argparse.Namespace) -> str:
    """What the word is about, by the one option that names it."""
    if options.request is not None:
        return "promotion"
    named = (one for one in ("waiver", "override", "hold") if getattr(options, one, None))
    return next(named, "disposal")


def _list_digest(path: Path) -> str:
    from hallgate.decide.disposal import read_list
    from hallgate.record.canonical import sha256_digest

    return sha256_digest(read_list(path)[0])


def rule_digest(options: argparse.Namespace, policy: str) -> str | None:
    """What an approval binds of a policy, by the repository around its waiver, or around here."""
    from hallgate.cli.wiring import cache_folder
    from hallgate.decide.policies import load_policies
    from hallgate.engine.opa import Opa, find_opa
    from hallgate.intake.repository import Repository
    from hallgate.intake.schema import Schemas

    try:
        repository = Repository.find(options.waiver.parent)
    except UsageError:
        repository = Repository.find(getattr(options, "repository", None) or Path.cwd())
    schemas = Schemas.load(repository.evidence_schemas)
    engine = Opa(find_opa(repository.root))
    digests = load_policies(repository, schemas, engine, cache_folder()).rule_digests
    return digests.get(policy)


def _verify(options: argparse.Namespace) -> int:
    from hallgate.cli.wiring import now
    from hallgate.intake.approvals import parse_approval
    from hallgate.intake.files import read_file
    from hallgate.intake.repository import Repository
    from hallgate.intake.rfc3339 import text
    from hallgate.intake.schema import Schemas

    if not options.file.is_file():
        raise UsageError("there is no such file", where=_at(options.file), remedy="check the path")
    schemas = Schemas.load(None)
    trust = _trust(options.trust or Repository.find(Path.cwd()).trust, schemas)
    word = parse_approval(read_file(options.file, _LARGEST), str(options.file), schemas)
    _count(word, trust)
    _same_waiver(word, options.file)
    if word.valid_until <= now():
        raise NotProven(
            f"the approval ended at {text(word.valid_until)}",
            remedy="ask for a new one",
            where=_at(options.file),
        )
    facts = {
        "said by": f"{word.identity}, as {word.role}",
        "decision": f"{word.decision} the {word.action}",
        "about": f"{word.subject_name} {word.subject_digest}",
        "to stage": word.to_stage,
        "approved at": text(word.approved_at),
        "valid until": text(word.valid_until),
        "reason": word.reason,
        "conditions": word.conditions,
    }
    shown = [f"{name:<11} {value}" for name, value in facts.items() if value is not None]
    sys.stdout.write("\n".join([*shown, "The signature holds and counts by this trust."]) + "\n")
    return 0


def _trust(folder: Path, schemas: Schemas) -> Trust:
    from hallgate.intake.trust import read_trust

    return read_trust(folder, schemas)


def _count(word: Word, trust: Trust) -> None:
    """Raise what keeps this word from counting."""
    from hallgate.intake.approvals import prove
    from hallgate.model.documents import Approval

    (verdict,) = prove((word,), trust)
    if not isinstance(verdict, Approval):
        raise verdict


def _same_waiver(word: Word, file: Path) -> None:
    """Raise NotProven when the waiver beside the approval is not the text that was signed."""
    from hallgate.intake.exceptions import canonical_digest
    from hallgate.intake.requests import read_document

    waiver = file.with_name(f"{word.subject_name}.yaml")
    if word.action != "waiver" or not waiver.is_file():
        return
    if canonical_digest(read_document(waiver).value) != word.subject_digest:
        raise NotProven(
            f"approves another text of {waiver.name} than the one beside it",
            remedy="read the waiver again, and sign it as it is now",
            where=_at(file),
        )


def _at(path: Path) -> Location:
    return Location(str(path))
