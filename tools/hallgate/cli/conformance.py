"""`hallgate conformance`: whether a consumer decides what the published kit expects."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hallgate.cli.bundle_source import add_bundle_options
from hallgate.cli.wiring import Workplace, add_repository_options, cache_folder, now
from hallgate.intake.files import read_file
from hallgate.model.errors import UsageError
from hallgate.publish.consumers.chosen import OCI

if TYPE_CHECKING:
    from hallgate.testing.conformance import Result
    from hallgate.testing.kit import Kit

EXAMPLES = """examples:
  hallgate conformance mlops.kit.tar.gz --opa http://127.0.0.1:8181
  hallgate conformance mlops.kit.tar.gz --conftest policies/
  hallgate conformance mlops.kit.tar.gz --bundle mlops.tar.gz --trusted key.pem --scope mlops
  hallgate conformance oci://ghcr.io/acme/policies/mlops@sha256:… --scope mlops \\
      --trusted release.pub.pem --opa http://127.0.0.1:8181

--opa asks a running server: the Data API, and the Query API for cases with waivers. --conftest runs
conftest over a folder that was pulled, and compares denials. --bundle decides as the Python API
does. The kit is a file, or the one that is published with the artifact at an address; `hallgate
bundle kit` makes it.
exit codes: 0 all as expected, 1 differences, 2 usage, 3 no kit, 4 some case got no decision"""

_LARGEST = 256 * 1024 * 1024


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument(
        "kit", metavar="KIT", help="the kit of the bundle in use, or the address it is attached at"
    )
    parser.add_argument("--opa", metavar="URL", help="a consumer's OPA server, or unix:///path")
    parser.add_argument(
        "--token", type=Path, metavar="FILE", help="bearer token for the server, in a file"
    )
    parser.add_argument("--conftest", type=Path, metavar="DIR", help="policies pulled for conftest")
    parser.add_argument(
        "--conftest-program", type=Path, metavar="FILE", help="default: the repository's .tools/bin"
    )
    parser.add_argument("--format", choices=("table", "json"), default="table")
    add_bundle_options(parser)
    add_repository_options(parser)


def run(options: argparse.Namespace) -> int:
    """Run every case, print what differs, and say whether the consumer conforms."""
    from hallgate.testing.kit import read_kit

    ways = [one for one in ("opa", "conftest", "bundle") if getattr(options, one) is not None]
    if len(ways) != 1:
        raise UsageError(
            "name one consumer", remedy="say --opa URL, --conftest DIR, or --bundle BUNDLE"
        )
    kit = read_kit(_kit_bytes(options))
    results = _WAYS[ways[0]](kit, options)
    sys.stdout.write(_FORMATS[options.format](kit, ways[0], results))
    if any(one.error is not None for one in results):
        return 4
    return 0 if all(one.conforms for one in results) else 1


def _kit_bytes(options: argparse.Namespace) -> bytes:
    if not options.kit.startswith(OCI):
        return read_file(Path(options.kit), _LARGEST)
    from hallgate.cli.bundle_registry import fetch_kit
    from hallgate.cli.registry_access import read_pems, registry_options
    from hallgate.publish.registry.subscription import Subscription, bundle_in_use

    if options.scope is None:
        raise UsageError("a kit at an address, without --scope", remedy="say --scope TRACK")
    at = now()
    wanted = Subscription.read(options.kit, options.scope, read_pems(options.trusted))
    cache = options.bundle_cache or cache_folder() / "artifacts"
    found = bundle_in_use(wanted, registry_options(wanted.where, options), cache, at)
    return fetch_kit(found, wanted, options, at)


def _by_opa(kit: Kit, options: argparse.Namespace) -> Sequence[Result]:
    from hallgate.testing.conformance import run_kit
    from hallgate.testing.server import Server, by_server

    token = None
    if options.token is not None:
        token = read_file(options.token, 64 * 1024).decode().strip()
    return run_kit(kit, by_server(Server(options.opa, token, options.timeout)))


def _by_conftest(kit: Kit, options: argparse.Namespace) -> Sequence[Result]:
    from conftest_py import Conftest
    from hallgate.testing.conformance import run_kit_by_conftest

    if not options.conftest.is_dir():
        raise UsageError(
            f"there is no folder {options.conftest}", remedy="name the folder conftest pulled into"
        )
    engine = Workplace(options).engine.program
    program = options.conftest_program or engine.with_name("conftest")
    with tempfile.TemporaryDirectory(prefix="hallgate-conformance-") as name:
        # Its opa lints and bans builtins; the verdicts are conftest's own.
        runner = Conftest(program, opa=engine, timeout=max(300.0, options.timeout))
        return run_kit_by_conftest(kit, runner, options.conftest, Path(name))


def _by_bundle(kit: Kit, options: argparse.Namespace) -> Sequence[Result]:
    from hallgate.cli.bundle_source import chosen_bundle
    from hallgate.decide.judge import rules_of
    from hallgate.testing.conformance import run_kit
    from hallgate.testing.runner import by_engine

    place = Workplace(options)
    chosen = chosen_bundle(options, now())
    if chosen is None:
        raise UsageError("no bundle is named", remedy="say --bundle BUNDLE")
    if chosen.verified.manifest.revision != kit.revision:
        sys.stderr.write(
            f"hallgate: the kit was made for {kit.revision}, and the bundle is another one\n"
        )
    return run_kit(kit, by_engine(place.engine, rules_of(place.engine, chosen.bundle)))


def _table(kit: Kit, way: str, results: Sequence[Result]) -> str:
    from hallgate.publish.report.text import visible

    lines: list[str] = []
    for one in results:
        if not one.conforms:
            lines.append(f"{visible(one.case)}: {visible(one.title)}")
            said = one.lines if one.error is None else (f"no decision: {one.error}",)
            lines += [f"  {visible(line)}" for line in said]
    good = sum(one.conforms for one in results)
    lines.append(
        f"{way}: {good:,} of {len(results):,} cases as expected; kit of track "
        f"{visible(kit.track)}, revision {visible(kit.revision)}"
    )
    return "\n".join(lines) + "\n"


def _json(kit: Kit, way: str, results: Sequence[Result]) -> str:
    document = {
        "format": "urn:hallgate:conformance:v1",
        "track": kit.track,
        "revision": kit.revision,
        "consumer": way,
        "cases": len(results),
        "conform": sum(one.conforms for one in results),
        "differences": [
            {"case": one.case, "title": one.title, "lines": list(one.lines), "error": one.error}
            for one in results
            if not one.conforms
        ],
    }
    return json.dumps(document, indent=2) + "\n"


_WAYS = {"opa": _by_opa, "conftest": _by_conftest, "bundle": _by_bundle}
_FORMATS = {"table": _table, "json": _json}
