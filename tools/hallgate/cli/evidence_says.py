"""What a statement says of itself when it is signed: what it replaces, rests on and leaves out."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from hallgate.model.errors import Location, UsageError

if TYPE_CHECKING:
    from hallgate.model.values import JsonObject, JsonValue

_METHODS = ("test", "examine", "interview")


def add_said_options(form: argparse.ArgumentParser) -> None:
    """Options for the members of the common part that may be left out."""
    group = form.add_argument_group("what it says of itself (docs/guide/formats.md, Evidence)")
    group.add_argument(
        "--supersedes", type=Path, metavar="FILE", help="the statement that this one replaces"
    )
    group.add_argument(
        "--derived-from", action="append", default=[], metavar="NAME=FILE",
        help="a statement or file it was worked out from; repeatable",
    )  # fmt: skip
    group.add_argument(
        "--redacted", action="append", default=[], metavar="POINTER=REASON",
        help="something left out (JSON Pointer into --full), and why; repeatable",
    )  # fmt: skip
    group.add_argument(
        "--full", type=Path, metavar="FILE", help="the full document, of which the digest is kept"
    )
    group.add_argument("--sequence", metavar="SERIES=NUMBER", help="its place in a series")
    group.add_argument("--method", choices=_METHODS, help="how people came to it (test)")


def with_said(document: JsonObject, options: argparse.Namespace) -> JsonObject:
    """The statement with what the options say added to its predicate.

    Raises UsageError for an option of another form, or where the statement says it already.
    """
    said = _members(options)
    predicate = document["predicate"]
    if not said or not isinstance(predicate, Mapping):
        return document
    twice = sorted(said.keys() & predicate.keys())
    if twice:
        raise UsageError(
            f"the statement says {twice[0]} already",
            where=Location(str(options.file)),
            remedy="say it in the statement or by an option, not by both",
        )
    return {**document, "predicate": {**predicate, **said}}


def _members(options: argparse.Namespace) -> dict[str, JsonValue]:
    said: dict[str, JsonValue] = {}
    if options.supersedes is not None:
        said["supersedes"] = _digest_of(options.supersedes)
    if options.derived_from:
        pairs = [_pair(one, "--derived-from", "rows=rows.csv") for one in options.derived_from]
        said["derived_from"] = [
            {"name": name, "digest": _digest_of(Path(file))} for name, file in pairs
        ]
    if bool(options.redacted) != (options.full is not None):
        raise UsageError(
            "--redacted and --full belong together",
            remedy="say what was left out of which document: --redacted /name=secret --full FILE",
        )
    if options.redacted:
        full = _digest_of(options.full)
        pairs = [_pair(one, "--redacted", "/rows=personal data") for one in options.redacted]
        said["redactions"] = [
            {"pointer": pointer, "reason": why, "digest": full} for pointer, why in pairs
        ]
    if options.sequence is not None:
        series, number = _pair(options.sequence, "--sequence", "weekly=12")
        if not number.isascii() or not number.isdigit():
            raise UsageError(
                f"--sequence {options.sequence!r} ends in no number", remedy="write weekly=12"
            )
        said["sequence"] = {"series": series, "number": int(number)}
    if options.method is not None:
        said["method"] = options.method
    return said


def _pair(text: str, option: str, example: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not value:
        raise UsageError(f"{option} {text!r} has no value", remedy=f"write it like {example}")
    return name, value


def _digest_of(path: Path) -> str:
    """Of a signed statement the digest of its payload, of any other file that of its bytes."""
    from hallgate.intake.files import read_file
    from hallgate.record.canonical import parse_json, sha256_digest
    from hallgate.record.dsse import envelope_payload

    if not path.is_file():
        raise UsageError("there is no such file", where=Location(str(path)), remedy="check it")
    data = read_file(path, 256 * 1024 * 1024)
    if data.lstrip().startswith(b"{") and b'"payloadType"' in data:
        value = parse_json(data, Location(str(path)))
        if isinstance(value, Mapping):
            return sha256_digest(envelope_payload(value))
    return sha256_digest(data)
