"""`hallgate bundle kit`: scenarios and expected decisions, to be published with a bundle."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hallgate.cli.wiring import Workplace, add_repository_options
from hallgate.intake.files import read_file
from hallgate.intake.narrow import a_list, a_text, an_object
from hallgate.model.errors import Fault, InvalidDocument
from hallgate.model.values import JsonObject
from hallgate.record.canonical import sha256_digest
from hallgate.record.files import make_folder, write_atomic

if TYPE_CHECKING:
    from hallgate.decide.policies import PolicySet
    from hallgate.testing.runner import Prepared

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
    place = Workplace(options)
    kit, count = kit_of(place, read_file(options.file, _LARGEST), lambda what: _say(options, what))
    output = options.output or _beside(options.file)
    make_folder(output.parent)
    write_atomic(output, kit)
    sys.stdout.write(f"{output}: {count:,} cases, {len(kit):,} bytes, {sha256_digest(kit)}\n")
    return 0


def staged_scenarios(place: Workplace, policies: PolicySet) -> tuple[Prepared | str, ...]:
    """The repository's scenarios; a text says what is wrong with one."""
    from hallgate.testing.session import stage_all

    with tempfile.TemporaryDirectory(prefix="hallgate-kit-") as name:
        return stage_all(place.repository, place.schemas, policies, Path(name))


def kit_of(
    place: Workplace,
    data: bytes,
    say: Callable[[str], None],
    staged: Sequence[Prepared | str] | None = None,
) -> tuple[bytes, int]:
    """The kit of a bundle, and how many cases it has.

    staged: the scenarios, where they were staged for the same rules already. Raises
    InvalidDocument where one cannot be staged, or the bundle decides otherwise than it expects.
    """
    from hallgate.decide.bundled import constants_of, policies_of
    from hallgate.engine.bundle import Bundle
    from hallgate.publish.bundle.archive import unpack
    from hallgate.publish.bundle.signing import read_manifest
    from hallgate.testing.kit import steady, unexpected, write_kit
    from hallgate.testing.runner import run_served

    entries = unpack(data)
    manifest = read_manifest(entries)
    bundle = Bundle(data, sha256_digest(data))
    sources = {path: one for path, one in entries.items() if path.endswith(".rego")}
    policies = policies_of(bundle, sources, place.schemas, place.engine, None)
    if staged is None:
        say("staging the scenarios")
        staged = staged_scenarios(place, policies)
    faults = [one for one in staged if isinstance(one, str)]
    prepared = [steady(one) for one in staged if not isinstance(one, str)]
    say(f"deciding {len(prepared):,} scenarios by {manifest.track}")
    decided = run_served(prepared, place.engine, policies)
    track = an_object(constants_of(bundle, place.engine)["track"])
    ids = frozenset(one.id for one in policies.catalog)
    faults += unexpected(prepared, decided, _as_the_house_has_them(track, ids))
    if faults:
        words = "mend the scenario, or build the bundle from this tree"
        raise InvalidDocument(tuple(Fault(one, None, words) for one in faults))
    return write_kit(manifest.track, manifest.revision, prepared, decided), len(prepared)


def _as_the_house_has_them(track: JsonObject, ids: frozenset[str]) -> frozenset[str] | None:
    """Ids of policies that a track does not change; None where there is no track."""
    if not track.get("families"):
        return None
    return ids - {
        a_text(an_object(one)["policy"])
        for part in ("limits", "dates", "rollout", "baseline")
        for one in a_list(track.get(part) or [])
    }


def _beside(file: Path) -> Path:
    return file.with_name(file.name.removesuffix(".tar.gz") + ".kit.tar.gz")


def _say(options: argparse.Namespace, what: str) -> None:
    if not options.quiet and sys.stderr.isatty():
        sys.stderr.write(f"hallgate: {what}\n")
