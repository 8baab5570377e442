"""`hallgate bundle push` and `pull`: between a signed file and a registry."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from hallgate.cli.registry_access import read_pems, registry_options
from hallgate.cli.wiring import cache_folder, now
from hallgate.intake.files import read_file
from hallgate.model.errors import Location, NotProven, UsageError
from hallgate.model.values import JsonObject
from hallgate.publish.bundle.pointer import CHANNELS, Pointer
from hallgate.publish.bundle.provenance import BY_HAND, Builder
from hallgate.publish.bundle.signing import artifact_trust
from hallgate.publish.consumers.directory import BUNDLE
from hallgate.publish.consumers.place import publish_in_directory
from hallgate.publish.registry.client import BLOB_LIMIT, RegistryClient
from hallgate.publish.registry.kit import published_kit
from hallgate.publish.registry.publish import Release, publish
from hallgate.publish.registry.pull import install_copy
from hallgate.publish.registry.reference import Reference
from hallgate.publish.registry.subscription import InUse, Subscription, bundle_in_use
from hallgate.record.files import make_folder, write_atomic
from hallgate.record.keys import load_private_key

LARGEST = 64 * 1024 * 1024


def configure_push(parser: argparse.ArgumentParser) -> None:
    """Options of push, without those of the key."""
    parser.add_argument("file", type=Path, metavar="FILE", help="signed bundle")
    parser.add_argument(
        "to",
        metavar="ADDRESS",
        help="oci://host/repository without tag or digest, or file:///folder",
    )
    parser.add_argument("--scope", required=True, metavar="TRACK", help="the track it is for")
    parser.add_argument("--version", required=True, metavar="V", help="version of the policies")
    parser.add_argument(
        "--trusted", type=Path, action="append", default=[], metavar="PEM",
        help="another key whose signatures count, while keys change",
    )  # fmt: skip
    parser.add_argument(
        "--kit", type=Path, metavar="KIT", help="its conformance kit, published with it"
    )
    parser.add_argument("--channel", choices=CHANNELS, help="move this channel (default: none)")
    parser.add_argument("--days", type=int, default=14, metavar="N", help="its pointer counts (14)")
    parser.add_argument(
        "--serial", type=int, metavar="N",
        help="of its pointer (default: the published one's and one more)",
    )  # fmt: skip
    add_builder_options(parser)
    add_registry_options(parser)


def configure_pull(parser: argparse.ArgumentParser) -> None:
    """Options of pull."""
    parser.add_argument(
        "address", metavar="ADDRESS", help="oci://host/repository:stable or @sha256:…"
    )
    parser.add_argument("--scope", required=True, metavar="TRACK", help="the track you consume")
    parser.add_argument(
        "--trusted", type=Path, action="append", required=True, metavar="PEM",
        help="public key that may sign artifacts; repeat it while keys change",
    )  # fmt: skip
    parser.add_argument("--output", type=Path, metavar="DIR", help="a fresh folder for the files")
    parser.add_argument(
        "--place",
        type=Path,
        metavar="FILE",
        help="replace this bundle, for `bundle serve` or an OPA",
    )
    parser.add_argument(
        "--kit",
        type=Path,
        metavar="FILE",
        help="write its conformance kit, as its publisher signed",
    )
    parser.add_argument(
        "--cache",
        type=Path,
        metavar="DIR",
        help="what was pulled before (default: the user's cache)",
    )
    parser.add_argument(
        "--newest", action="store_true", help="fail where the registry cannot say what is newest"
    )
    add_registry_options(parser)


def add_registry_options(parser: argparse.ArgumentParser) -> None:
    """How a registry is reached, and how the answer is printed."""
    parser.add_argument(
        "--plain-http", action="store_true", help="without TLS (loopback needs no saying)"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")


def add_builder_options(parser: argparse.ArgumentParser) -> None:
    """Who builds, for the provenance; a GitHub workflow is known from its environment."""
    parser.add_argument("--builder", metavar="URI", help="build service, for the provenance")
    parser.add_argument("--source", metavar="URI", help="address of this repository")


def builder_of(options: argparse.Namespace, environment: Mapping[str, str]) -> Builder:
    """The builder as options say it, else as a GitHub workflow says it of itself."""
    server, repository = environment.get("GITHUB_SERVER_URL"), environment.get("GITHUB_REPOSITORY")
    workflow, run = environment.get("GITHUB_WORKFLOW_REF"), environment.get("GITHUB_RUN_ID")
    found = Builder()
    if server and repository and workflow and run:
        attempt = environment.get("GITHUB_RUN_ATTEMPT", "1")
        found = Builder(
            f"{server}/{workflow}",
            f"{server}/{repository}",
            f"{server}/{repository}/actions/runs/{run}/attempts/{attempt}",
        )
    identifier = options.builder or found.id
    return Builder(identifier, options.source or found.source, found.run)


def environment() -> Mapping[str, str]:
    """The environment, as a workflow set it."""
    return os.environ


def push(options: argparse.Namespace) -> int:
    """Publish a signed bundle; the caller has refused keys that decide."""
    bundle = read_file(options.file, LARGEST)
    release = Release(
        bundle=bundle,
        track=options.scope,
        version=options.version,
        channel=options.channel,
        days=options.days,
        serial=options.serial,
        builder=builder_of(options, os.environ),
        kit=None if options.kit is None else read_kit_of(options.kit, bundle),
    )
    if options.to.startswith("file:///"):
        return _push_to_directory(Path(options.to.removeprefix("file://")), release, options)
    where = bare_reference(options.to)
    client = RegistryClient(where, registry_options(where, options))
    shown = not options.quiet and sys.stderr.isatty()
    done = publish(
        client,
        release,
        load_private_key(options.key),
        read_pems(options.trusted),
        now(),
        lambda step: say(step) if shown else None,
    )
    address = f"oci://{where.at(done.digest)}"
    if options.format == "json":
        _print(
            {
                "artifact": address,
                "attached": list(done.attached),
                "bundle": done.bundle,
                "builder": release.builder.id,
                "pointer": _pointer(done.pointer),
            }
        )
        return 0
    sys.stdout.write(f"{address}\nbundle {done.bundle}, {len(done.attached)} documents attached\n")
    if done.pointer is not None:
        sys.stdout.write(f"{_channel(done.pointer)}\n")
    if release.builder.id == BY_HAND:
        sys.stdout.write("built by hand: --builder names a build service in the provenance\n")
    return 0


def _push_to_directory(root: Path, release: Release, options: argparse.Namespace) -> int:
    key = load_private_key(options.key)
    digest, pointer = publish_in_directory(root, release, key, read_pems(options.trusted), now())
    if options.format == "json":
        _print({"bundle": digest, "folder": str(root), "pointer": _pointer(pointer)})
        return 0
    sys.stdout.write(f"{root / release.track}: {digest}\n")
    if pointer is not None:
        sys.stdout.write(f"{_channel(pointer)}\n")
    return 0


def pull(options: argparse.Namespace) -> int:
    """Take what is wanted, or the last good one with its age."""
    wanted = Subscription.read(options.address, options.scope, read_pems(options.trusted))
    cache: Path = options.cache or cache_folder() / "bundles"
    at = now()
    found = bundle_in_use(wanted, registry_options(wanted.where, options), cache, at)
    if found.fault is not None and options.newest:
        raise NotProven(
            f"the newest bundle could not be had: {found.fault}",
            remedy="without --newest the last good one is used, with its age",
        )
    if options.output is not None:
        install_copy(found.held.folder, options.output)
    if options.kit is not None:
        write_atomic(options.kit, fetch_kit(found, wanted, options, at))
    if options.place is not None:
        _place(options.place, found)
    if options.format == "json":
        _print(_facts(found, wanted, options.output, at))
    else:
        sys.stdout.write(_text(found, wanted, options.output, at))
    if found.fault is not None:
        sys.stderr.write(
            f"hallgate: warning: {found.fault}\n  the last good bundle is used, of"
            f" {_age(found.age(at))} ago\n"
        )
    return 0


def read_kit_of(path: Path, bundle: bytes) -> bytes:
    """The bytes of a kit; raises UsageError where it was made for other policies."""
    from hallgate.publish.bundle.archive import unpack
    from hallgate.publish.bundle.signing import read_manifest
    from hallgate.testing.kit import read_kit

    data = read_file(path, BLOB_LIMIT)
    kit, manifest = read_kit(data), read_manifest(unpack(bundle))
    if (kit.track, kit.revision) != (manifest.track, manifest.revision):
        raise UsageError(
            f"the kit is of {kit.track}, revision {kit.revision}, and the bundle is not",
            where=Location(str(path)),
            remedy="make it from this bundle: `hallgate bundle kit FILE`",
        )
    return data


def fetch_kit(found: InUse, wanted: Subscription, options: argparse.Namespace, at: int) -> bytes:
    """The kit that the publisher of a verified bundle attached; raises NotProven, RegistryError."""
    client = RegistryClient(wanted.where, registry_options(wanted.where, options))
    trust = artifact_trust(wanted.trusted)
    return published_kit(client, found.digest, found.bundle.digest, wanted.scope, trust, at)


def _place(path: Path, found: InUse) -> None:
    """Whole or not at all; left alone where it is the same, so that OPA reads nothing again.

    In the layout that `bundle serve` reads, the channel's pointer is put beside it.
    """
    make_folder(path.parent)
    files = {path: found.bundle.data}
    if path.name == BUNDLE and found.pointer is not None and found.held.signed is not None:
        files[path.with_name(f"{found.pointer.channel}.json")] = found.held.signed
    for target, data in files.items():
        if not target.is_file() or target.read_bytes() != data:
            write_atomic(target, data)


def bare_reference(address: str) -> Reference:
    """A repository; raises UsageError where a tag or digest is named: those are ours to say."""
    where = Reference.parse(address)
    if where.tag is not None or where.digest is not None:
        raise UsageError(
            f"{address} names a tag or digest",
            remedy="name the repository alone; --channel says which tag moves",
        )
    return where


def say(step: str) -> None:
    """Progress, on standard error."""
    sys.stderr.write(f"hallgate: {step}\n")


def _facts(found: InUse, wanted: Subscription, output: Path | None, at: int) -> JsonObject:
    return {
        "age_seconds": found.age(at),
        "artifact": f"oci://{wanted.where.at(found.digest)}",
        "bundle": found.bundle.digest,
        "commit": found.verified.manifest.metadata.get("commit"),
        "fault": found.fault,
        "folder": None if output is None else str(output),
        "pointer": _pointer(found.pointer),
        "revision": found.verified.manifest.revision,
        "signed_by": found.verified.key_id,
        "track": found.verified.manifest.track,
    }


def _text(found: InUse, wanted: Subscription, output: Path | None, at: int) -> str:
    lines = [
        f"oci://{wanted.where.at(found.digest)}",
        f"track {found.verified.manifest.track}, signed by {found.verified.key_id},"
        f" confirmed {_age(found.age(at))} ago",
    ]
    if found.pointer is not None:
        lines.append(_channel(found.pointer))
    else:
        lines.append("pinned by digest: nothing says that this bundle is the current one")
    if output is not None:
        lines.append(f"files in {output}")
    return "".join(f"{line}\n" for line in lines)


def _channel(pointer: Pointer) -> str:
    return f"channel {pointer.channel}, serial {pointer.serial}, version {pointer.version}"


def _pointer(pointer: Pointer | None) -> JsonObject | None:
    return None if pointer is None else asdict(pointer)


def _age(seconds: int) -> str:
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {word}{'s' if count > 1 else ''}"
    return f"{seconds} seconds"


def _print(facts: JsonObject) -> None:
    sys.stdout.write(json.dumps(facts, indent=2, sort_keys=True) + "\n")
