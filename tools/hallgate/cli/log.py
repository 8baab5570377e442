"""`hallgate log`: the tamper-evident log of signed records."""

from __future__ import annotations

import argparse
from pathlib import Path

from hallgate.cli.wiring import add_repository_options
from hallgate.model.errors import UsageError

EXAMPLES = """examples:
  hallgate log init --origin example.org/promotions --key log.pem
  hallgate log append exceptions/fairness/EXC-2026-0007.head-of-risk.approval.json --key log.pem
  hallgate decide request.yaml --evidence evidence/ --record records/ --key decider.pem \\
      --log-key log.pem
  hallgate log show
  hallgate log prove 17 --output record-17.tlog-proof
  hallgate log prove records/1790000000-credit-risk-aaaaaaaaaaaa.record.json
  hallgate log checkpoint --commit --tsa https://tsa.example.org/ --authority example
  hallgate log verify
  hallgate log verify --proof record-17.tlog-proof --record FILE

What the log says of itself stands in trust/log.yaml; records and tree lie in its folder.
exit codes: 0 done or holds, 1 findings, 2 usage, 3 invalid documents, 4 failure"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add init, append, prove, verify, checkpoint and show."""
    forms = parser.add_subparsers(dest="form", required=True, metavar="WHAT")
    init = _form(forms, "init", "begin a log, and say so in trust/log.yaml")
    init.add_argument("--origin", required=True, metavar="NAME", help="like example.org/promotions")
    init.add_argument("--folder", default="records", metavar="DIR", help="(records)")
    _key(init)
    append = _form(forms, "append", "publish signed records; those in the log stay where they are")
    append.add_argument("files", nargs="+", type=Path, metavar="FILE", help="signed records")
    _key(append)
    prove = _form(forms, "prove", "write the proof that a record is in the log")
    prove.add_argument("what", nargs="?", metavar="ENTRY", help="index, digest (sha256:…) or file")
    prove.add_argument("--output", type=Path, metavar="FILE", help="default: standard output")
    prove.add_argument(
        "--since", type=int, metavar="SIZE", help="that the log of SIZE entries begins this one"
    )
    verify = _form(forms, "verify", "audit the whole log, or one proof; name all that is wrong")
    verify.add_argument("--proof", type=Path, metavar="FILE", help="a .tlog-proof")
    verify.add_argument("--record", type=Path, metavar="FILE", help="the record it is about")
    verify.add_argument("--checkpoint", type=Path, action="append", default=[], metavar="FILE",
                        help="one you kept: is this log its continuation? repeatable")  # fmt: skip
    point = _form(forms, "checkpoint", "keep the checkpoint in checkpoints/, for Git")
    point.add_argument("--commit", action="store_true", help="commit it")
    point.add_argument("--tsa", metavar="URL", help="ask this authority for a timestamp (RFC 3161)")
    point.add_argument("--query", type=Path, metavar="FILE", help="write the request, ask nobody")
    point.add_argument("--reply", type=Path, metavar="FILE", help="keep this answer (.tsr)")
    show = _form(forms, "show", "list entries, newest last")
    show.add_argument("index", nargs="?", type=int, metavar="INDEX", help="this one alone")
    show.add_argument("--last", type=int, default=20, metavar="N", help="(20; 0: all)")
    for form in (init, append, verify, point, show):
        form.add_argument("--format", choices=("text", "json"), default="text", help="(text)")


def _form(
    forms: argparse._SubParsersAction[argparse.ArgumentParser], name: str, purpose: str
) -> argparse.ArgumentParser:
    form = forms.add_parser(
        name, help=purpose, description=purpose[0].upper() + purpose[1:] + ".",
        epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    form.add_argument(
        "--log", type=Path, metavar="DIR", help="the log's folder (default: by trust/log.yaml)"
    )
    add_repository_options(form)
    return form


def _key(form: argparse.ArgumentParser) -> None:
    form.add_argument(
        "--key", type=Path, required=True, metavar="FILE", help="the log's private key, Ed25519"
    )


def run(options: argparse.Namespace) -> int:
    """Do one of them."""
    if options.form in ("init", "append"):
        from hallgate.cli import log_append

        return log_append.init(options) if options.form == "init" else log_append.append(options)
    if options.form == "verify" and (options.proof is None) != (options.record is None):
        raise UsageError(
            "--proof and --record go together", remedy="name the proof and what it is about"
        )
    if options.form == "prove" and (options.what is None) == (options.since is None):
        raise UsageError("nothing to prove", remedy="name an ENTRY, or --since SIZE")
    from hallgate.cli import log_show

    return {
        "prove": log_show.prove,
        "verify": log_show.verify,
        "show": log_show.show,
        "checkpoint": log_show.checkpoint,
    }[options.form](options)
