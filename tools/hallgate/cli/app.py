"""`hallgate`: finds the command, turns errors into sentences and exit codes.

Exit codes: 0 allowed or clean, 1 denied or findings, 2 usage, 3 invalid
documents, 4 engine or internal failure. Commands are imported when called, so
that `--help` costs little more than starting Python.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import logging
import os
import sys
from collections.abc import Sequence
from types import ModuleType

from hallgate.model.errors import HallgateError

# name, module, what it is for; in the order of a promotion.
COMMANDS: tuple[tuple[str, str, str], ...] = (
    ("plan", "plan", "say which evidence a promotion will be asked for"),
    ("measure", "measure", "measure fairness, identifiers or model files as evidence"),
    ("evidence", "evidence", "wrap a tool's own report as evidence; sign evidence"),
    ("collect", "collect", "keep what commit, CI, MLflow, registry and cluster say, as evidence"),
    ("approval", "approval", "sign or verify a person's approval"),
    ("decide", "decide", "decide whether a promotion is allowed, and say why"),
    ("input", "input", "print the verified input document for plain OPA or conftest"),
    ("verify", "verify", "verify a record, or that a digest may reach a stage"),
    ("replay", "replay", "reproduce the decision of a record"),
    ("log", "log", "keep records in a tamper-evident log; prove and audit it"),
    ("records", "records", "find records of the log"),
    ("retention", "retention", "say how long records are kept; hold and dispose of them"),
    ("pack", "pack", "build the audit archive that proves decisions offline"),
    ("reconcile", "reconcile", "hold what is live against register and records"),
    ("gaps", "gaps", "say what of each framework the log shows, and what ends soon"),
    ("audit", "audit", "play the auditor of a pack: verify, sample, re-perform, answer questions"),
    ("explain", "explain", "explain a policy"),
    ("law", "law", "list which controls were law or guidance at a time"),
    ("coverage", "coverage", "say what policies and scenarios prove of each framework"),
    ("review", "review", "say what a change of this repository would let through"),
    ("bundle", "bundle", "build, sign, publish and verify the policy bundles that tracks consume"),
    ("release", "release", "check, publish and verify a release of all bundles"),
    ("guard", "guard", "run policies on manifests, plans, workflows and pipelines: a look"),
    ("check", "check", "validate every document of the repository"),
    ("waiver", "waiver", "propose, sign, list and end exceptions"),
    ("override", "override", "let a promotion pass for hours in an emergency, and review it"),
    ("board", "board", "write the review board's packet; sign what it decided"),
    ("owners", "owners", "say who must agree to a change; write CODEOWNERS"),
    ("consumer", "consumer", "write or check the configuration of a consuming team"),
    ("conformance", "conformance", "run the published kit against a consumer's OPA or conftest"),
    ("mutate", "mutate", "say which small changes of a policy no test notices"),
    ("new", "new", "start a policy or scenario from a form"),
    ("init", "init", "start trust, keys and owners of an adopter"),
    ("docs", "docs", "write or check the generated pages"),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code and never raises."""
    words = list(sys.argv[1:] if argv is None else argv)
    if argv is None:
        # A process of its own: imports and documents stay, and looking through them for cycles
        # again and again takes a tenth of a short command's time.
        gc.set_threshold(50_000, 20, 20)
    if not words or words[0] in {"-h", "--help"}:
        sys.stdout.write(usage())
        return 0 if words else 2
    if words[0] == "--version":
        return _version()
    found = next((entry for entry in COMMANDS if entry[0] == words[0]), None)
    if found is None:
        sys.stderr.write(f"hallgate: there is no command {words[0]!r}{_nearest(words[0])}\n")
        return 2
    return _run(found, words[1:])


def parser_of(entry: tuple[str, str, str], module: ModuleType) -> argparse.ArgumentParser:
    """The parser of one command; help is laid out alike on every terminal."""
    name, _, purpose = entry
    parser = argparse.ArgumentParser(
        prog=f"hallgate {name}",
        description=purpose[0].upper() + purpose[1:] + ".",
        epilog=module.EXAMPLES,
        formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, width=90),
    )
    parser.add_argument("--debug", action="store_true", help="show what happens inside")
    module.configure(parser)
    return parser


def _run(entry: tuple[str, str, str], words: list[str]) -> int:
    try:
        module = importlib.import_module(f"hallgate.cli.{entry[1]}")
        parser = parser_of(entry, module)
        arguments = parser.parse_args(words)
        if arguments.debug:
            logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
        code = int(module.run(arguments))
        sys.stdout.flush()
        return code
    except SystemExit as error:  # argparse: --help is 0, a wrong call is 2
        return int(error.code or 0)
    except HallgateError as error:
        _complain(error)
        return error.exit_code
    except BrokenPipeError:
        # The reader went away (`| head`). What it did not read cannot be
        # called clean, so this is no success.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 4
    except KeyboardInterrupt:
        sys.stderr.write("hallgate: interrupted\n")
        return 130
    except Exception as error:
        logging.getLogger(__name__).debug("internal failure", exc_info=True)
        sys.stderr.write(
            f"hallgate: internal failure: {type(error).__name__}: {error}\n"
            "  nothing was decided; run again with --debug and report what it shows\n"
        )
        return 4


def _complain(error: HallgateError) -> None:
    for fault in error.faults:
        place = f"{fault.where}: " if fault.where else ""
        sys.stderr.write(f"hallgate: {place}{fault.what}\n  {fault.remedy}\n")


def usage() -> str:
    """What `hallgate --help` prints."""
    width = max(len(name) for name, _, _ in COMMANDS)
    lines = [f"  {name.ljust(width)}  {purpose}" for name, _, purpose in COMMANDS]
    return "\n".join(
        [
            "usage: hallgate COMMAND [OPTIONS]",
            "",
            "Decides whether a machine-learning model may be promoted, and proves why.",
            "",
            *lines,
            "",
            "exit codes: 0 allowed or clean, 1 denied or findings, 2 usage,",
            "            3 invalid documents, 4 engine or internal failure",
            "",
            "examples:",
            "  hallgate COMMAND --help",
            "  hallgate plan request.yaml",
            "  hallgate decide request.yaml --evidence evidence/",
            "",
        ]
    )


def _version() -> int:
    from hallgate import __version__

    sys.stdout.write(f"hallgate {__version__}\n")
    return 0


def _nearest(word: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word, [name for name, _, _ in COMMANDS], 1)
    return f"; did you mean {near[0]}?" if near else "; see hallgate --help"


if __name__ == "__main__":
    sys.exit(main())
