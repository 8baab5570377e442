"""`hallgate bundle`: builds, signs and verifies what tracks consume."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from hallgate import __version__
from hallgate.cli import bundle_diff, bundle_kit, bundle_registry, bundle_serve
from hallgate.cli.registry_access import read_pems
from hallgate.cli.wiring import Workplace, add_repository_options, now, time_option
from hallgate.intake.files import read_file
from hallgate.intake.frameworks import read_frameworks
from hallgate.intake.history import History
from hallgate.intake.repository import Repository
from hallgate.intake.schema import Schemas
from hallgate.intake.tracks import ALL, WAIVERS, read_track
from hallgate.intake.trust import read_trust
from hallgate.model.errors import UsageError
from hallgate.publish.bundle.archive import SIGNATURES, unpack
from hallgate.publish.bundle.build import Origin, build_published, input_digests
from hallgate.publish.bundle.origin import source_commit
from hallgate.publish.bundle.pointer import (
    CHANNELS,
    Pointer,
    Seen,
    follow,
    sign_pointer,
    verify_pointer,
)
from hallgate.publish.bundle.signing import (
    artifact_trust,
    read_manifest,
    refuse_deciders,
    sign_bundle,
    verify_bundle,
)
from hallgate.publish.bundle.waivers import build_waivers, require_history, waiver_inputs
from hallgate.record.canonical import sha256_digest
from hallgate.record.files import make_folder, write_atomic
from hallgate.record.keys import key_id, load_private_key, load_public_key

EXAMPLES = """examples:
  hallgate bundle build --track mlops --output dist/mlops.tar.gz
  hallgate bundle sign dist/mlops.tar.gz --key release.pem --scope mlops
  hallgate bundle point dist/mlops.tar.gz --channel stable --serial 7 --version 1.2.0 \\
      --key release.pem --output dist/mlops.stable.json
  hallgate bundle verify dist/mlops.tar.gz --trusted release.pub.pem --scope mlops \\
      --pointer dist/mlops.stable.json --channel stable --state mlops.seen.json
  hallgate bundle push dist/mlops.tar.gz oci://ghcr.io/acme/policies/mlops --scope mlops \\
      --key release.pem --version 1.2.0 --channel stable
  hallgate bundle pull oci://ghcr.io/acme/policies/mlops:stable --scope mlops \\
      --trusted release.pub.pem --output policies

exit codes: 0 done or proven, 1 not proven, 2 usage, 3 invalid documents, 4 failure"""

_LARGEST = 64 * 1024 * 1024
_LARGEST_POINTER = 64 * 1024
_DAY = 86_400


def configure(parser: argparse.ArgumentParser) -> None:
    """Add build, sign, point and verify."""
    forms = parser.add_subparsers(dest="form", required=True, metavar="WHAT")
    build = forms.add_parser("build", help="build the bundle of a track, or of all policies")
    build.add_argument("--track", metavar="T", help="a file of tracks/ (default: every policy)")
    build.add_argument(
        "--output", type=Path, metavar="FILE", help="default: dist/<track>.tar.gz of the repository"
    )
    add_repository_options(build)
    waivers = forms.add_parser("build-waivers", help="build the bundle of waivers in force")
    waivers.add_argument(
        "--output", type=Path, metavar="FILE", help="default: dist/waivers.tar.gz of the repository"
    )
    waivers.add_argument(
        "--at", type=time_option, metavar="TIME", help="approvals and expiry judged at (now)"
    )
    add_repository_options(waivers)
    sign = forms.add_parser("sign", help="sign a built bundle as OPA verifies it")
    sign.add_argument("file", type=Path, metavar="FILE", help="bundle")
    _add_key(sign)
    sign.add_argument("--scope", required=True, metavar="TRACK", help="the track it is for")
    sign.add_argument("--output", type=Path, metavar="FILE", help="default: sign in place")
    _add_pointing(forms.add_parser("point", help="sign which bundle a channel names"))
    _add_verify(forms.add_parser("verify", help="say whether a bundle, and a channel, hold"))
    push = forms.add_parser("push", help="publish a signed bundle in a registry")
    bundle_registry.configure_push(push)
    _add_key(push)
    pull = forms.add_parser("pull", help="take a bundle from a registry")
    bundle_registry.configure_pull(pull)
    _add_trust(pull)
    serve = forms.add_parser(
        "serve",
        help="serve placed bundles to an OPA on this machine",
        epilog=bundle_serve.EXAMPLES,
        formatter_class=parser.formatter_class,
    )
    bundle_serve.configure(serve)
    _add_trust(serve)
    bundle_kit.configure(
        forms.add_parser("kit", help="write the conformance kit that is published with a bundle")
    )
    bundle_diff.configure(
        forms.add_parser(
            "diff",
            help="say what a new bundle may deny, and the version it needs",
            epilog=bundle_diff.EXAMPLES,
            formatter_class=parser.formatter_class,
        )
    )


def _add_verify(verify: argparse.ArgumentParser) -> None:
    verify.add_argument("file", type=Path, metavar="FILE", help="signed bundle")
    verify.add_argument(
        "--trusted", type=Path, action="append", required=True, metavar="PEM",
        help="public key that may sign artifacts; repeat it while keys change",
    )  # fmt: skip
    verify.add_argument("--scope", required=True, metavar="TRACK", help="the track you consume")
    verify.add_argument("--pointer", type=Path, metavar="FILE", help="signed pointer of a channel")
    verify.add_argument("--channel", choices=CHANNELS, default="stable", help="(stable)")
    verify.add_argument(
        "--state", type=Path, metavar="FILE", help="remembers the newest serial: stops rollback"
    )
    _add_trust(verify)


def run(options: argparse.Namespace) -> int:
    """Do one of them."""
    forms = {
        "build": _build,
        "build-waivers": _build_waivers,
        "sign": _sign,
        "point": _point,
        "verify": _verify,
        "push": _push,
        "pull": _pull,
        "serve": _serve,
        "diff": bundle_diff.run,
        "kit": bundle_kit.run,
    }
    return forms[options.form](options)


def _add_pointing(point: argparse.ArgumentParser) -> None:
    point.add_argument("file", type=Path, metavar="FILE", help="signed bundle")
    point.add_argument("--channel", choices=CHANNELS, required=True)
    point.add_argument("--serial", type=int, required=True, metavar="N", help="one more each time")
    point.add_argument("--version", required=True, metavar="V", help="version of the policies")
    point.add_argument("--days", type=int, default=14, metavar="N", help="counts for (14)")
    _add_key(point)
    point.add_argument("--output", type=Path, required=True, metavar="FILE", help="the pointer")


def _add_key(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--key", type=Path, required=True, metavar="PEM", help="private key for artifacts (P-256)"
    )
    _add_trust(parser)


def _add_trust(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--trust",
        type=Path,
        metavar="DIR",
        help="identities whose decision keys are refused (default: those around this folder)",
    )


def _build(options: argparse.Namespace) -> int:
    place = Workplace(options)
    repository = place.repository
    track = None
    if options.track is not None:
        track = read_track(repository.tracks, options.track, place.schemas)
    commit, why = source_commit(repository)
    if commit is None:
        sys.stderr.write(f"hallgate: warning: no source commit is named: {why}\n")
    version = place.engine_version
    bundle = build_published(
        place.policies,
        read_frameworks(repository.frameworks, place.schemas),
        track,
        Origin(commit, input_digests(repository, track), __version__),
        place.engine,
        place.models_for(track),
        None if track is None else place.limits,
    )
    name = ALL if track is None else track.name
    output: Path = options.output or repository.root / "dist" / f"{name}.tar.gz"
    make_folder(output.parent)
    write_atomic(output, bundle.data)
    sys.stdout.write(
        f"{output}: {len(bundle.data)} bytes, {bundle.digest}\n"
        f"track {name}, commit {commit or 'none'}, checked by opa {version}\n"
    )
    return 0


def _build_waivers(options: argparse.Namespace) -> int:
    place = Workplace(options)
    repository = place.repository
    require_history(History.read(repository.exceptions))
    commit, why = source_commit(repository, (repository.exceptions, repository.trust))
    if commit is None:
        sys.stderr.write(f"hallgate: warning: no source commit is named: {why}\n")
    at = now() if options.at is None else options.at
    waivers = place.waivers(at)
    bundle = build_waivers(
        waivers,
        place.overrides(),
        at,
        place.policies,
        Origin(commit, waiver_inputs(repository), __version__),
        place.engine,
    )
    output: Path = options.output or repository.root / "dist" / f"{WAIVERS}.tar.gz"
    make_folder(output.parent)
    write_atomic(output, bundle.data)
    sys.stdout.write(
        f"{output}: {len(bundle.data)} bytes, {bundle.digest}\n"
        f"{len(waivers)} waivers read, commit {commit or 'none'}\n"
    )
    return 0


def _sign(options: argparse.Namespace) -> int:
    key = load_private_key(options.key)
    _refuse_deciders(options, [key_id(key)])
    signed = sign_bundle(read_file(options.file, _LARGEST), options.scope, key)
    output: Path = options.output or options.file
    write_atomic(output, signed.data)
    sys.stdout.write(f"{output}: {signed.digest}, signed by {key_id(key)}\n")
    return 0


def _point(options: argparse.Namespace) -> int:
    key = load_private_key(options.key)
    _refuse_deciders(options, [key_id(key)])
    data = read_file(options.file, _LARGEST)
    entries = unpack(data)
    track = read_manifest(entries).track
    if SIGNATURES not in entries:
        raise UsageError("the bundle is not signed", remedy="sign it with `hallgate bundle sign`")
    at = now()
    pointer = Pointer(
        channel=options.channel,
        track=track,
        serial=options.serial,
        issued=at,
        expires=at + options.days * _DAY,
        digest=sha256_digest(data),
        version=options.version,
    )
    output: Path = options.output
    older = read_file(output, _LARGEST_POINTER) if output.exists() else None
    write_atomic(output, sign_pointer(pointer, key, older))
    sys.stdout.write(f"{output}: {pointer.channel} of {track} is {pointer.digest}\n")
    return 0


def _verify(options: argparse.Namespace) -> int:
    if options.state is not None and options.pointer is None:
        raise UsageError(
            "--state without --pointer remembers nothing", remedy="give the channel's pointer"
        )
    pems = [read_file(path, _LARGEST_POINTER).decode(errors="replace") for path in options.trusted]
    _refuse_deciders(options, (load_public_key(pem).key_id for pem in pems))
    verified = verify_bundle(read_file(options.file, _LARGEST), pems, options.scope)
    lines = [
        f"{options.file}: {verified.digest}",
        f"track {verified.manifest.track}, commit {verified.manifest.metadata.get('commit')},"
        f" signed by {verified.key_id}",
    ]
    if options.pointer is not None:
        lines.append(_followed(options, pems, verified.digest))
    else:
        lines.append("no pointer was given: nothing says that this bundle is the current one")
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0


def _followed(options: argparse.Namespace, pems: Iterable[str], digest: str) -> str:
    trust = artifact_trust(pems)
    pointer = verify_pointer(read_file(options.pointer, _LARGEST_POINTER), trust, now())
    state: Path | None = options.state
    seen = None
    if state is not None and state.exists():
        seen = Seen.read(read_file(state, _LARGEST_POINTER))
    accepted = follow(pointer, options.scope, options.channel, digest, seen)
    if state is not None:
        write_atomic(state, accepted.written())
    return f"channel {pointer.channel}, serial {pointer.serial}, version {pointer.version}"


def _push(options: argparse.Namespace) -> int:
    _refuse_deciders(options, [key_id(load_private_key(options.key))])
    return bundle_registry.push(options)


def _pull(options: argparse.Namespace) -> int:
    _refuse_trusted_deciders(options)
    return bundle_registry.pull(options)


def _serve(options: argparse.Namespace) -> int:
    _refuse_trusted_deciders(options)
    return bundle_serve.run(options)


def _refuse_trusted_deciders(options: argparse.Namespace) -> None:
    pems = read_pems(options.trusted)
    _refuse_deciders(options, (load_public_key(pem).key_id for pem in pems))


def _refuse_deciders(options: argparse.Namespace, key_ids: Iterable[str]) -> None:
    folder: Path | None = options.trust
    if folder is None:
        try:
            folder = Repository.find(Path.cwd()).trust
        except UsageError:
            return
        if not folder.is_dir():
            return
    refuse_deciders(read_trust(folder, Schemas.load(None)), key_ids)
