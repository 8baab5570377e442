"""`hallgate bundle kit`: scenarios and expected decisions, to be published with a bundle."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from hallgate.cli.wiring import Workplace, add_repository_options
from hallgate.intake.files import read_file
from hallgate.model.errors import Fault, InvalidDocument
from hallgate.record.canonical import sha256_digest
from hallgate.record.files import make_folder, write_atomic

_LARGEST = 64 * 1024 * 1024


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this form."""
    parser.add_argument("file", type=Path, metavar="FILE", help="built bundle, signed or not")
    parser.add_argument(
        "--output", type=Path, metavar="KIT", help="default: FILE with .kit.tar.gz for .tar.gz"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")
    add_repository_options(parser)


def run(options: argparse.Namespace) -> int:
    """Stage the repository's scenarios, decide them by the bundle, write the kit."""
    from hallgate.decide.bundled import constants_of, policies_of
    from hallgate.engine.bundle import Bundle
    from hallgate.intake.narrow import a_list, a_text, an_object
    from hallgate.publish.bundle.archive import unpack
    from hallgate.publish.bundle.signing import read_manifest
    from hallgate.testing.kit import steady, unexpected, write_kit
    from hallgate.testing.runner import run_all
    from hallgate.testing.session import stage_all

    place = Workplace(options)
    data = read_file(options.file, _LARGEST)
    entries = unpack(data)
    manifest = read_manifest(entries)
    bundle = Bundle(data, sha256_digest(data))
    sources = {path: one for path, one in entries.items() if path.endswith(".rego")}
    policies = policies_of(bundle, sources, place.schemas, place.engine, None)
    with tempfile.TemporaryDirectory(prefix="hallgate-kit-") as name:
        _say(options, "staging the scenarios")
        staged = stage_all(place.repository, place.schemas, policies, Path(name))
    faults = [one for one in staged if isinstance(one, str)]
    prepared = [steady(one) for one in staged if not isinstance(one, str)]
    _say(options, f"deciding {len(prepared):,} scenarios")
    decided = run_all(prepared, place.engine, policies)
    track = an_object(constants_of(bundle, place.engine)["track"])
    same = None
    if track.get("families"):
        moved = {
            a_text(an_object(one)["policy"])
            for part in ("limits", "dates", "rollout", "baseline")
            for one in a_list(track.get(part) or [])
        }
        same = frozenset(one.id for one in policies.catalog) - moved
    faults += unexpected(prepared, decided, same)
    if faults:
        words = "mend the scenario, or build the bundle from this tree"
        raise InvalidDocument(tuple(Fault(one, None, words) for one in faults))
    kit = write_kit(manifest.track, manifest.revision, prepared, decided)
    output = options.output or _beside(options.file)
    make_folder(output.parent)
    write_atomic(output, kit)
    sys.stdout.write(
        f"{output}: {len(prepared):,} cases, {len(kit):,} bytes, {sha256_digest(kit)}\n"
    )
    return 0


def _beside(file: Path) -> Path:
    return file.with_name(file.name.removesuffix(".tar.gz") + ".kit.tar.gz")


def _say(options: argparse.Namespace, what: str) -> None:
    if not options.quiet and sys.stderr.isatty():
        sys.stderr.write(f"hallgate: {what}\n")
