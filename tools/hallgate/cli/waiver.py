"""`hallgate waiver`: an exception from proposal to archive."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from hallgate.cli.wiring import add_repository_options
from hallgate.publish.report.waivers import FORMATS

EXAMPLES = """examples:
  hallgate waiver new FAIR-001 --from records/….record.json
  hallgate waiver new FAIR-001 --model credit-risk --versions 2.1.0..2.1.9 --finding "age=under 26"
  hallgate waiver approve EXC-2026-0007 --as head-of-model-risk --role model-risk \\
      --key ~/.ssh/id_ed25519 --reason "Control seen at work"
  hallgate waiver revoke EXC-2026-0007 --as head-of-model-risk --role model-risk \\
      --key ~/.ssh/id_ed25519 --reason "The control was switched off"
  hallgate waiver renew EXC-2026-0007
  hallgate waiver list --format markdown
  hallgate waiver due --within 30d
  hallgate waiver archive

Words are written beside the waiver; commit them. Only what is merged counts.
exit codes: 0 done, 1 it does not hold or a word would not count, 2 usage,
            3 invalid documents, 4 engine failure"""

_WORDS = {
    "approve": "sign that it may hold",
    "reject": "sign that it may not, until you approve it later",
    "revoke": "end it at once and for good, in a role that approves waivers",
    "withdraw": "end it as the one who asked for it, or owns it",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add all the steps of a waiver's life."""
    forms = parser.add_subparsers(dest="form", required=True, metavar="WHAT")
    _proposed(forms)
    for decision, what in _WORDS.items():
        word = forms.add_parser(decision, help=what)
        word.add_argument("waiver", metavar="WAIVER", help="id")
        word.add_argument(
            "--as", dest="identity", required=True, metavar="IDENTITY", help="who signs"
        )
        word.add_argument("--role", required=True, help="in which role")
        word.add_argument(
            "--key", type=Path, required=True, metavar="SSHKEY", help="private SSH key"
        )
        word.add_argument("--reason", required=True, metavar="TEXT", help="why")
        word.add_argument("--conditions", metavar="TEXT", help="conditions of the word")
        word.add_argument("--valid-days", type=int, metavar="N", help="(until the waiver expires)")
    _shown(forms)
    for form in forms.choices.values():
        add_repository_options(form)


def _proposed(forms: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Two ways to propose one."""
    new = forms.add_parser("new", help="propose one; asks where there is a terminal")
    new.add_argument("policy", metavar="POLICY", help="policy id")
    new.add_argument(
        "--from", dest="record", type=Path, metavar="RECORD", help="scope and findings"
    )
    new.add_argument("--model", help="model name")
    new.add_argument("--digest", action="append", default=[], help="sha256:…, repeatable")
    new.add_argument(
        "--versions", metavar="FROM..TO", help="instead of digests: PATCH releases, both included"
    )
    new.add_argument("--to", dest="stage", help="stage (production)")
    new.add_argument("--finding", action="append", default=[], metavar="KEY", help="repeatable")
    renew = forms.add_parser("renew", help="propose it again, saying what changed")
    renew.add_argument("waiver", metavar="WAIVER", help="id of the one that ends")
    for form in (new, renew):
        _said(form)


def _said(form: argparse.ArgumentParser) -> None:
    """What a proposal says; what is left out is asked for, or stays to be filled in."""
    form.add_argument("--reason", metavar="TEXT", help="why the exception is needed")
    form.add_argument("--inherent", metavar="LxI", help="risk before controls, as 3x4")
    form.add_argument("--residual", metavar="LxI", help="risk with controls, as 2x3")
    form.add_argument("--rationale", metavar="TEXT", help="why these scores")
    form.add_argument(
        "--control", action="append", default=[], metavar="TEXT=EVIDENCE", help="repeatable"
    )
    form.add_argument("--plan", metavar="TEXT", help="what will be done")
    form.add_argument("--due", metavar="TIME", help="when that is done, RFC 3339")
    form.add_argument("--owner", metavar="IDENTITY", help="who answers for it")
    form.add_argument("--requester", metavar="IDENTITY", help="who asks")
    form.add_argument("--expires", metavar="TIME", help="when it ends, RFC 3339")


def _shown(forms: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    all_of_them = forms.add_parser("list", help="how each stands")
    all_of_them.add_argument("--all", action="store_true", help="the archive as well")
    all_of_them.add_argument("--status", action="append", default=[], help="only these; repeatable")
    due = forms.add_parser("due", help="what ends, or must be remedied, soon")
    due.add_argument("--within", type=_days, default=30, metavar="DAYS", help="as 30d (30d)")
    for form in (all_of_them, due):
        form.add_argument("--format", choices=FORMATS, default="table", help="default: table")
    show = forms.add_parser("show", help="one in words, with who said what")
    show.add_argument("waiver", metavar="WAIVER", help="id")
    verify = forms.add_parser("verify", help="whether it holds now; all of them without WAIVER")
    verify.add_argument("waiver", metavar="WAIVER", nargs="?", help="id")
    forms.add_parser("archive", help="move what has ended to exceptions/archive/<year>/")


def _days(text: str) -> int:
    match = re.fullmatch(r"([0-9]{1,4})d?", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days, as 30d")
    return int(match[1])


def run(options: argparse.Namespace) -> int:
    """Do the step that was asked for."""
    if options.form in {"new", "renew"}:
        from hallgate.cli.waiver_new import propose

        return propose(options)
    if options.form in _WORDS:
        from hallgate.cli.waiver_sign import speak

        return speak(options)
    from hallgate.cli import waiver_show

    return waiver_show.run(options)
