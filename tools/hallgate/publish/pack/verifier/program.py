"""Verifies an audit pack of Hallgate with the standard library, offline, in one file.

    python3 -I verify.py                                  what the pack says of itself
    python3 -I verify.py --log-key log.pub.pem --trust trust.json --checkpoint kept.checkpoint
    python3 -I verify.py pack.tar.gz                      an archive: looked through, then read

Trust roots are yours to give: the log's public key (or a checkpoint you kept), the
identities that may decide with their roles, the root of a time-stamping authority. Signatures
need the `cryptography` package or the `openssl` and `ssh-keygen` programs; where neither is
there, or a root is not given, it says what it could not check. Exit 0: nothing is wrong; 1:
something is, each thing named; 2: usage.

It is one file on purpose: read it, or write your own from docs/guide/packs.md.
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hallgate.publish.pack.verifier.archive import Refused, open_archive
from hallgate.publish.pack.verifier.checks import (
    check_files,
    check_log,
    check_records,
    check_summary,
)
from hallgate.publish.pack.verifier.erased import check_tombstones
from hallgate.publish.pack.verifier.signers import check_signatures
from hallgate.publish.pack.verifier.state import BROKEN, Pack, Report
from hallgate.publish.pack.verifier.times import check_times
from hallgate.publish.pack.verifier.trusted import Trusted, read_trusted

DESCRIPTION = __doc__
RENDERED = (
    "that index.html, decisions/, the CSV files and oscal/ say what the records say: rely on "
    "results.json, or let `hallgate audit` make them again"
)


@dataclass(frozen=True, slots=True)
class Roots:
    """What the auditor trusts; None or empty where nothing was given."""

    log_keys: tuple[Path, ...] = ()
    checkpoints: tuple[Path, ...] = ()
    trusted: Trusted | None = None
    tsa_root: Path | None = None


def main(arguments: list[str]) -> int:
    """Verify the pack in this file's folder, or the one named."""
    options = _options(arguments)
    try:
        roots = read_roots(options.log_key, options.checkpoint, options.trust, options.tsa_root)
    except ValueError as error:
        print(f"verify.py: {error}", file=sys.stderr)
        return 2
    report = Report()
    if options.pack.is_dir():
        verify(Pack(options.pack), roots, report)
    else:
        with tempfile.TemporaryDirectory(prefix="pack-") as name:
            try:
                verify(Pack(open_archive(options.pack, Path(name))), roots, report)
            except Refused as error:
                report.wrong.append(f"{options.pack}: {error}")
    report.unchecked.append(RENDERED)
    if options.json:
        print(json.dumps(vars(report), indent=2))
    else:
        for title, lines in (
            ("Holds", report.held), ("Could not be checked", report.unchecked),
            ("WRONG", report.wrong),
        ):  # fmt: skip
            if lines:
                print(f"{title}:\n" + "".join(f"  {shown(line)}\n" for line in lines))
    return 1 if report.wrong else 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    here = Path(__file__).resolve().parent
    parser.add_argument("pack", nargs="?", type=Path, default=here, help="a folder, or a .tar.gz")
    parser.add_argument(
        "--log-key", type=Path, metavar="PEM", action="append", default=[],
        help="public key of the log, from elsewhere; repeatable, for each that it had",
    )  # fmt: skip
    parser.add_argument(
        "--checkpoint", type=Path, metavar="FILE", action="append", default=[],
        help="one you kept; repeatable",
    )  # fmt: skip
    parser.add_argument(
        "--trust", type=Path, metavar="JSON", help="identities and roles you accept"
    )
    parser.add_argument(
        "--tsa-root", type=Path, metavar="PEM", help="root of your time-stamping authority"
    )
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    return parser.parse_args(arguments)


def read_roots(
    log_keys: list[Path], checkpoints: list[Path], trust: Path | None, tsa_root: Path | None
) -> Roots:
    """The auditor's roots; raises ValueError where a file is not there or cannot be used."""
    for path in (*log_keys, *checkpoints, trust, tsa_root):
        if path is not None and not path.is_file():
            raise ValueError(f"there is no file {path}")
    trusted = None if trust is None else read_trusted(trust)
    return Roots(tuple(log_keys), tuple(checkpoints), trusted, tsa_root)


def verify(pack: Pack, roots: Roots, report: Report) -> None:
    """All checks; one that cannot go on is a finding and ends none of the others."""
    state: dict[str, Any] = {"facts": None, "entries": None, "decisions": None, "erased": set()}

    def scope() -> None:
        facts = state["facts"] = pack.json("pack.json")
        until = datetime.datetime.fromtimestamp(facts["scope"]["until"], datetime.UTC)
        report.held.append(f"scope: {facts['scope']['model'] or 'every model'} until {until:%F}")

    def log() -> None:
        state["entries"] = check_log(pack, roots.checkpoints, roots.log_keys, report)

    def tombstones() -> None:
        state["erased"] = check_tombstones(pack, state["entries"], roots.trusted, report)

    def records() -> None:
        about = state["facts"]["scope"]
        state["decisions"] = check_records(
            pack, state["entries"], about, state["erased"], roots.trusted, report
        )

    steps: tuple[tuple[str, Callable[[], None]], ...] = (
        ("files", lambda: check_files(pack, report)),
        ("pack.json", scope),
        ("log", log),
        ("timestamps", lambda: check_times(pack, state["entries"], roots.tsa_root, report)),
        ("tombstones", tombstones),
        ("records", records),
        ("signatures", lambda: check_signatures(pack, state["entries"], roots.trusted, report)),
        ("summary", lambda: check_summary(pack, state["facts"], state["decisions"], report)),
    )
    for name, step in steps:
        try:
            step()
        except BROKEN as error:
            report.wrong.append(f"{name}: cannot be read: {type(error).__name__}: {error}")


def shown(line: str) -> str:
    """A line for a terminal: what it cannot show, or would obey, is written out."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in line)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
