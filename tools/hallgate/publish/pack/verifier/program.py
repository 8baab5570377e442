"""Verifies an audit pack of Hallgate with the standard library, offline, in one file.

    python3 -I verify.py                                  what the pack says of itself
    python3 -I verify.py --log-key log.pub.pem --trust trust.json --checkpoint kept.checkpoint

Trust roots are yours to give: the log's public key (or a checkpoint you kept) and the
identities that may decide. Signatures need the `cryptography` package or the `openssl` and
`ssh-keygen` programs; where neither is there, or a root is not given, it says what it could
not check. Exit 0: nothing is wrong; 1: something is, each thing named; 2: usage.

It is one file on purpose: read it, or write your own from docs/guide/packs.md.
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hallgate.publish.pack.verifier.checks import (
    Pack,
    Report,
    check_files,
    check_log,
    check_records,
    check_signatures,
    check_summary,
    check_times,
)

DESCRIPTION = __doc__


def main(arguments: list[str]) -> int:
    """Verify the pack in this file's folder, or in the one named."""
    parser = argparse.ArgumentParser(
        description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    here = Path(__file__).resolve().parent
    parser.add_argument("pack", nargs="?", type=Path, default=here, help="an unpacked pack")
    parser.add_argument("--log-key", metavar="PEM", help="public key of the log, from elsewhere")
    parser.add_argument(
        "--checkpoint", metavar="FILE", action="append", default=[], help="one you kept; repeatable"
    )
    parser.add_argument("--trust", metavar="JSON", help="identities whose signatures you accept")
    parser.add_argument("--tsa-root", metavar="PEM", help="root of your time-stamping authority")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    options = parser.parse_args(arguments)
    report = Report()
    verify(Pack(options.pack), options, report)
    if options.json:
        print(json.dumps(vars(report), indent=2))
    else:
        for title, lines in (
            ("Holds", report.held), ("Could not be checked", report.unchecked),
            ("WRONG", report.wrong),
        ):  # fmt: skip
            if lines:
                print(f"{title}:\n" + "".join(f"  {line}\n" for line in lines))
    return 1 if report.wrong else 0


def verify(pack: Pack, options: argparse.Namespace, report: Report) -> None:
    """All checks; one that cannot go on is a finding and ends none of the others."""
    state: dict[str, Any] = {"facts": None, "entries": None, "decisions": None}

    def scope() -> None:
        facts = state["facts"] = pack.json("pack.json")
        until = datetime.datetime.fromtimestamp(facts["scope"]["until"], datetime.UTC)
        report.held.append(f"scope: {facts['scope']['model'] or 'every model'} until {until:%F}")

    def log() -> None:
        state["entries"] = check_log(pack, report, options)

    def records() -> None:
        state["decisions"] = check_records(pack, state["entries"], state["facts"], report)

    def signatures() -> None:
        check_signatures(pack, state["entries"], options, report)

    def summary() -> None:
        check_summary(pack, state["facts"], state["decisions"], report)

    steps: tuple[tuple[str, Callable[[], None]], ...] = (
        ("files", lambda: check_files(pack, report)),
        ("pack.json", scope),
        ("log", log),
        ("timestamps", lambda: check_times(pack, report, options)),
        ("records", records),
        ("signatures", signatures),
        ("summary", summary),
    )
    for name, step in steps:
        try:
            step()
        except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            report.wrong.append(f"{name}: cannot be read: {type(error).__name__}: {error}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
