"""`hallgate release`: checks, builds twice, publishes, and looks as a consumer would."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from hallgate import __version__
from hallgate.cli import bundle_registry as registry
from hallgate.cli.bundle_kit import kit_of, staged_scenarios
from hallgate.cli.registry_access import read_pems, registry_options
from hallgate.cli.wiring import Workplace, add_repository_options, now
from hallgate.engine.opa import find_opa
from hallgate.intake.frameworks import read_frameworks
from hallgate.intake.history import History as Touched
from hallgate.intake.tracks import ALL, WAIVERS, read_track
from hallgate.model.errors import InvalidDocument, NotProven, UsageError
from hallgate.model.values import JsonObject
from hallgate.publish.bundle.build import Origin, build_published, input_digests
from hallgate.publish.bundle.origin import source_commit
from hallgate.publish.bundle.pointer import CHANNELS
from hallgate.publish.bundle.signing import refuse_deciders, sign_bundle
from hallgate.publish.bundle.waivers import build_waivers, require_history, waiver_inputs
from hallgate.publish.registry.client import RegistryClient
from hallgate.publish.registry.publish import Published, Release, publish
from hallgate.publish.registry.reference import Reference
from hallgate.publish.registry.subscription import Subscription, bundle_in_use
from hallgate.publish.release.checks import release_faults
from hallgate.publish.release.history import History, commit_of_tag, read_history
from hallgate.publish.release.rebuild import rebuilt, require_same, unsigned
from hallgate.publish.versions.semver import Version
from hallgate.record.keys import PrivateKey, key_id, load_private_key, load_public_key, public_pem

EXAMPLES = """examples:
  hallgate release check --version 1.2.0
  hallgate release publish oci://ghcr.io/acme/policies --version 1.2.0 --key release.pem
  hallgate release publish oci://ghcr.io/acme/policies --channel next --key release.pem
  hallgate release verify v1.2.0 oci://ghcr.io/acme/policies --trusted release.pub.pem

Each track is published as a repository below the address, beside `all` and `waivers`.
exit codes: 0 done, 1 not proven, 2 usage, 3 something stands against it, 4 failure"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add check, publish and verify."""
    forms = parser.add_subparsers(dest="form", required=True, metavar="WHAT")
    check = forms.add_parser("check", help="say what stands against a release; build it twice")
    run_it = forms.add_parser("publish", help="the same, then sign, push and verify it")
    run_it.add_argument("to", metavar="ADDRESS", help="oci://host/repository, the parent of all")
    run_it.add_argument(
        "--key", type=Path, required=True, metavar="PEM", help="private key for artifacts (P-256)"
    )
    run_it.add_argument(
        "--trusted", type=Path, action="append", default=[], metavar="PEM",
        help="another key whose signatures count, while keys change",
    )  # fmt: skip
    run_it.add_argument("--days", type=int, default=14, metavar="N", help="pointers count for (14)")
    registry.add_builder_options(run_it)
    registry.add_registry_options(run_it)
    for one in (check, run_it):
        one.add_argument("--version", metavar="V", help="needed for stable; made up for next")
        one.add_argument("--channel", choices=CHANNELS, default="stable", help="(stable)")
        add_repository_options(one)
    check.add_argument("--quiet", action="store_true", help="no progress on standard error")
    verify = forms.add_parser("verify", help="build a tag again and compare with what is published")
    verify.add_argument("tag", metavar="TAG", help="v1.2.3")
    verify.add_argument("at", metavar="ADDRESS", help="as it was published to")
    verify.add_argument("--trusted", type=Path, action="append", required=True, metavar="PEM")
    verify.add_argument(
        "--artifact", action="append", default=[], metavar="TRACK=DIGEST",
        help="compare this artifact (default: what stable names)",
    )  # fmt: skip
    registry.add_registry_options(verify)
    add_repository_options(verify)


def run(options: argparse.Namespace) -> int:
    """Do one of them."""
    return {"check": _check, "publish": _publish, "verify": _verify}[options.form](options)


@dataclass(frozen=True)
class Desk:
    """One release at work."""

    options: argparse.Namespace

    @cached_property
    def place(self) -> Workplace:
        """Repository, engine, trust."""
        return Workplace(self.options)

    @cached_property
    def root(self) -> Path:
        """The repository's folder."""
        return self.place.repository.root

    @cached_property
    def history(self) -> History:
        """What Git says."""
        return read_history(self.root)

    @cached_property
    def version(self) -> str:
        """The version to release; raises UsageError where stable has none."""
        said: str | None = self.options.version
        if said is None and self.options.channel == "stable":
            raise UsageError(
                "a stable release needs a version",
                remedy="say --version X.Y.Z (make release VERSION=X.Y.Z)",
            )
        return said or self.history.next_version

    @cached_property
    def tracks(self) -> tuple[str, ...]:
        """Every track, and the bundle that none narrows."""
        return (ALL, *sorted(path.stem for path in self.place.repository.tracks.glob("*.yaml")))

    def say(self, step: str) -> None:
        """Progress, where somebody watches or a log is kept."""
        if not self.options.quiet:
            registry.say(step)

    def checked(self) -> None:
        """Raise for what stands against the release."""
        self.say(f"checking {self.version} for {self.options.channel}")
        faults = release_faults(
            self.root, self.history, self.version, self.options.channel, __version__
        )
        if faults:
            raise InvalidDocument(faults)
        self._by_command(["check", "--release", "--quiet"], "the repository is not clean")
        if self.options.channel == "stable":
            self._understated()

    def built(self) -> dict[str, bytes]:
        """The bundle of each track, unsigned, built here and once more in a fresh clone."""
        repository = self.place.repository
        commit, why = source_commit(repository)
        if commit != self.history.commit:
            raise UsageError(
                f"the bundles would name no commit: {why}", remedy="release from a clean clone"
            )
        law = read_frameworks(repository.frameworks, self.place.schemas)
        found = {}
        for name in self.tracks:
            self.say(f"building {name}")
            track = None
            if name != ALL:
                track = read_track(repository.tracks, name, self.place.schemas)
            origin = Origin(commit, input_digests(repository, track), __version__)
            policies, engine = self.place.policies, self.place.engine
            models = self.place.models_for(track)
            found[name] = build_published(
                policies, law, track, origin, engine, models, self.place.limits
            ).data
        self.say("building all of them again in a fresh clone")
        again = rebuilt(self.root, commit, self.tracks, find_opa(self.root).resolve())
        for name, data in found.items():
            require_same(name, data, again[name], "built twice, it is not the same")
        return found

    def waivers(self, at: int) -> bytes:
        """The bundle of waivers."""
        repository = self.place.repository
        require_history(Touched.read(repository.exceptions))
        commit, _ = source_commit(repository, (repository.exceptions, repository.trust))
        origin = Origin(commit, waiver_inputs(repository), __version__)
        held, emergencies = self.place.waivers(at), self.place.overrides()
        policies, engine = self.place.policies, self.place.engine
        return build_waivers(held, emergencies, at, policies, origin, engine).data

    def kits(self, bundles: Mapping[str, bytes]) -> dict[str, bytes]:
        """The conformance kit of each bundle of policies; the scenarios are staged once.

        A track changes no rule, so what is staged for the house's holds for each of them. None
        for `next`: it moves with every merge, and a kit is larger than all else together.
        """
        if self.options.channel != "stable":
            return {}
        self.say("staging the scenarios for the conformance kits")
        staged = staged_scenarios(self.place, self.place.policies)
        if not staged:
            self.say("there are no scenarios below tests/scenarios, so no kit is published")
            return {}
        return {
            name: kit_of(self.place, data, self.say, staged)[0] for name, data in bundles.items()
        }

    def _understated(self) -> None:
        before = self.history.before(Version.parse(self.version))
        if before is None:
            return
        self.say(f"comparing with {before}")
        words = ["bundle", "diff", f"v{before}", "HEAD", "--version", self.version, "--quiet"]
        self._by_command(words, f"{self.version} says too little for what changed since {before}")

    def _by_command(self, words: Sequence[str], what: str) -> None:
        from hallgate.cli import app

        with contextlib.redirect_stdout(io.StringIO()) as said:
            code = app.main([*words, "--repository", str(self.root)])
        if code != 0:
            sys.stderr.write(said.getvalue())
            raise InvalidDocument.one(
                f"{what} (`hallgate {' '.join(words)}` ends with {code})",
                remedy="mend what it says above, commit, and release again",
            )


def _check(options: argparse.Namespace) -> int:
    desk = Desk(options)
    desk.checked()
    for name, data in desk.built().items():
        sys.stdout.write(f"{name}: {len(data)} bytes, twice the same\n")
    sys.stdout.write(f"nothing stands against {desk.version}\n")
    return 0


def _publish(options: argparse.Namespace) -> int:
    desk = Desk(options)
    where = registry.bare_reference(options.to)
    key = load_private_key(options.key)
    refuse_deciders(desk.place.trust, [key_id(key)])
    desk.checked()
    built = desk.built()
    kits = desk.kits(built)
    bundles = {**built, WAIVERS: desk.waivers(now())}
    trusted = (*read_pems(options.trusted), public_pem(key))
    done = {}
    for name, data in bundles.items():
        for channel in channels_of(name, options.channel):
            done[name] = _publish_one(
                desk, _below(where, name), (name, channel, data, kits.get(name)), key
            )
    for name, one in done.items():
        for channel in channels_of(name, options.channel):
            _as_a_consumer(desk, f"{_below(where, name)}:{channel}", name, one, trusted)
    if options.format == "json":
        facts: JsonObject = {
            "commit": desk.history.commit,
            "channel": options.channel,
            "version": desk.version,
            "artifacts": {
                name: f"oci://{_below(where, name).at(one.digest)}" for name, one in done.items()
            },
        }
        sys.stdout.write(json.dumps(facts, indent=2, sort_keys=True) + "\n")
        return 0
    for name, one in done.items():
        sys.stdout.write(f"oci://{_below(where, name).at(one.digest)}\n")
    sys.stdout.write(f"{desk.version} is {options.channel}, published and verified\n")
    if options.channel == "stable":
        sys.stdout.write(_tag_command(desk))
    return 0


def channels_of(name: str, channel: str) -> tuple[str, ...]:
    """Which channels move: waivers always reach everybody, or a revocation would wait for a tag."""
    return CHANNELS if name == WAIVERS else (channel,)


def _publish_one(
    desk: Desk, place: Reference, what: tuple[str, str, bytes, bytes | None], key: PrivateKey
) -> Published:
    options = desk.options
    name, channel, data, kit = what
    desk.say(f"pushing {place}:{channel}")
    release = Release(
        bundle=sign_bundle(data, name, key).data,
        track=name,
        version=desk.version,
        channel=channel,
        days=options.days,
        builder=registry.builder_of(options, registry.environment()),
        kit=kit,
    )
    client = RegistryClient(place, registry_options(place, options))
    return publish(client, release, key, read_pems(options.trusted), now())


def _as_a_consumer(
    desk: Desk, address: str, name: str, done: Published, trusted: tuple[str, ...]
) -> None:
    """Take it as somebody would who never saw it; raises NotProven for anything else."""
    desk.say(f"verifying {address} as a consumer")
    wanted = Subscription.read(address, name, trusted)
    with tempfile.TemporaryDirectory(prefix="hallgate-release-") as folder:
        reached = registry_options(wanted.where, desk.options)
        found = bundle_in_use(wanted, reached, Path(folder) / "cache", now())
    if found.digest != done.digest or found.fault is not None:
        raise NotProven(
            f"a consumer of {address} gets {found.digest}, not {done.digest}",
            remedy="another release may have been faster; look at the registry before you repeat",
        )


def _tag_command(desk: Desk) -> str:
    if Version.parse(desk.version) in desk.history.tags:
        return f"the tag v{desk.version} is there\n"
    name = f"v{desk.version}"
    return (
        "now tag it:\n"
        f"  git tag --sign --message 'Release {desk.version}' {name} {desk.history.commit}\n"
        f"  git push origin {name}\n"
    )


def _verify(options: argparse.Namespace) -> int:
    desk = Desk(options)
    where = registry.bare_reference(options.at)
    commit = commit_of_tag(desk.root, options.tag)
    pinned = dict(_pin(text) for text in options.artifact)
    trusted = read_pems(options.trusted)
    for pem in trusted:
        load_public_key(pem)
    desk.say(f"building {options.tag} again, from {commit}")
    names = tuple(pinned) or desk.tracks
    again = rebuilt(desk.root, commit, names, find_opa(desk.root).resolve())
    rows = {}
    for name in names:
        place = _below(where, name)
        address = f"{place}@{pinned[name]}" if name in pinned else f"{place}:stable"
        wanted = Subscription.read(address, name, trusted)
        with tempfile.TemporaryDirectory(prefix="hallgate-release-") as folder:
            reached = registry_options(place, options)
            found = bundle_in_use(wanted, reached, Path(folder) / "cache", now())
        require_same(
            name, unsigned(found.bundle.data), unsigned(again[name]),
            f"what is published is not {options.tag}",
        )  # fmt: skip
        rows[name] = f"oci://{place.at(found.digest)}"
    if options.format == "json":
        facts: JsonObject = {"commit": commit, "tag": options.tag, "artifacts": dict(rows)}
        sys.stdout.write(json.dumps(facts, indent=2, sort_keys=True) + "\n")
        return 0
    for name, address in rows.items():
        sys.stdout.write(f"{name}: {address}, byte for byte {options.tag}\n")
    return 0


def _pin(text: str) -> tuple[str, str]:
    name, _, digest = text.partition("=")
    if not digest:
        raise UsageError(f"{text!r} is no artifact", remedy="write TRACK=sha256:…")
    return name, digest


def _below(where: Reference, name: str) -> Reference:
    return Reference(where.host, f"{where.repository}/{name}")
