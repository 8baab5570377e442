"""`hallgate board`: the packet of the review board, and its decisions as signed words."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from hallgate.cli.waiver_show import folder_of
from hallgate.cli.waiver_sign import speak
from hallgate.cli.wiring import Workplace, add_repository_options, now, time_option
from hallgate.intake.narrow import a_list, a_text, an_object, text_or_none
from hallgate.intake.requests import read_document
from hallgate.intake.waiver_archive import read_ended
from hallgate.model.errors import InvalidDocument, Location, NotProven, UsageError
from hallgate.model.values import JsonObject
from hallgate.publish.board import FORMATS, Packet, render_board
from hallgate.publish.report.waivers import ended_row, row_of
from hallgate.publish.review.waivers import ask_quorum
from hallgate.record.files import write_atomic

EXAMPLES = """examples:
  hallgate board --output packet.html
  hallgate board --date 2027-01-15T09:00:00Z --format markdown
  hallgate board record minutes.yaml --signer head-of-model-risk:model-risk:risk.key \\
      --signer head-of-compliance:compliance:law.key

minutes.yaml: `decisions:` and a list of {waiver, decision, reason, conditions};
decision is approve, reject or revoke. Each signer signs each decision; who asked for a
waiver or touched its file is left out of it, and named.
exit codes: 0 done, 1 a word would not count, 2 usage, 3 invalid documents, 4 failure"""

_FIELDS = {"waiver", "decision", "reason", "conditions"}
_DECISIONS = {"approve", "reject", "revoke"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("what", nargs="?", choices=("record",), help="sign what was decided")
    parser.add_argument("minutes", nargs="?", type=Path, metavar="MINUTES", help="minutes.yaml")
    parser.add_argument("--date", type=time_option, metavar="TIME", help="as of (now)")
    parser.add_argument("--format", choices=FORMATS, default="html", help="default: html")
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: standard output")
    parser.add_argument("--signer", action="append", default=[], metavar="ID:ROLE:KEY")
    add_repository_options(parser)


def run(options: argparse.Namespace) -> int:
    """Write the packet, or sign the decisions."""
    if options.what == "record":
        return _record(options)
    place = Workplace(options)
    at = now() if options.date is None else options.date
    waivers = place.waivers(at)
    asked = ask_quorum(place.engine, place.policies, waivers, at)
    packet = Packet(
        at=at,
        rows=tuple(row_of(one, asked.standings[one.id]) for one in waivers),
        past=tuple(ended_row(one) for one in read_ended(folder_of(place), place.schemas)),
        matrix=asked.matrix,
    )
    text = render_board(packet, options.format)
    if options.output is None:
        sys.stdout.write(text)
    else:
        write_atomic(options.output, text.encode())
    return 0


def _record(options: argparse.Namespace) -> int:
    """Turn decisions into words by each signer; those that would not count are named."""
    if options.minutes is None or not options.signer:
        raise UsageError("nothing to sign", remedy="name the minutes and each --signer")
    signers = [_signer(text) for text in options.signer]
    decisions = _decisions(options.minutes)
    refused = 0
    for said in decisions:
        for identity, role, key in signers:
            word = argparse.Namespace(
                **{**vars(options), "form": said["decision"]},
                waiver=said["waiver"],
                identity=identity,
                role=role,
                key=key,
                reason=said["reason"],
                conditions=said["conditions"],
                valid_days=None,
            )
            try:
                speak(word)
            except NotProven as error:
                refused += 1
                sys.stderr.write(f"hallgate: not signed: {error}\n")
    return 1 if refused else 0


def _signer(text: str) -> tuple[str, str, Path]:
    identity, _, rest = text.partition(":")
    role, colon, key = rest.partition(":")
    if not colon or not key:
        raise UsageError(f"{text!r} is no signer", remedy="write ID:ROLE:KEY")
    return identity, role, Path(key)


def _decisions(path: Path) -> list[dict[str, str | None]]:
    """The decisions of the minutes, every one checked before any is signed."""
    try:
        listed = a_list(an_object(read_document(path).value)["decisions"])
        return [_decision(an_object(one)) for one in listed]
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidDocument.one(
            f"is no minutes of a board: {error}",
            where=Location(str(path)),
            remedy="write `decisions:` and a list of {waiver, decision, reason, conditions}",
        ) from error


def _decision(said: JsonObject) -> dict[str, str | None]:
    if set(said) != _FIELDS or said["decision"] not in _DECISIONS:
        raise ValueError(f"{sorted(said)} with the decision {said.get('decision')!r}")
    return {
        "waiver": a_text(said["waiver"]),
        "decision": a_text(said["decision"]),
        "reason": a_text(said["reason"]),
        "conditions": text_or_none(said["conditions"]),
    }
