"""The two sides of `hallgate bundle diff`: bundle files or revisions, and what is replayed."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from hallgate import __version__
from hallgate.cli.review_corpus import read_corpus, stage_for
from hallgate.cli.revisions import Revisions, private_folder
from hallgate.cli.wiring import now
from hallgate.decide.compose import waiver_bundle
from hallgate.decide.corpus import read_archive
from hallgate.decide.impact import Case, Side, impact
from hallgate.decide.kept_answers import KeptModules
from hallgate.engine.bundle import Bundle
from hallgate.intake.files import read_file
from hallgate.intake.inventory import active_models
from hallgate.intake.repository import Repository
from hallgate.intake.schema import Schemas
from hallgate.intake.tracks import ALL, read_track
from hallgate.intake.tree import read_tree
from hallgate.intake.tree_objects import Objects
from hallgate.intake.trust import read_trust
from hallgate.model.documents import Override, Waiver
from hallgate.model.errors import Fault, Location, UsageError
from hallgate.publish.baselines import SHRINKS, growth, of_bundle
from hallgate.publish.bundle.build import Origin, build_published
from hallgate.publish.review.contents import Contents
from hallgate.publish.review.tracks import track_faults
from hallgate.publish.versions.compare import compare
from hallgate.publish.versions.edition import Edition, read_edition
from hallgate.publish.versions.replayed import steps_of
from hallgate.publish.versions.value import Comparison
from hallgate.record.canonical import sha256_digest

_LARGEST = 64 * 1024 * 1024


def compare_sides(options: argparse.Namespace) -> Comparison:
    """What the options name, read, compared and replayed."""
    with private_folder() as private:
        return _Diff(options, private).compare()


def changelog_of(options: argparse.Namespace) -> Path:
    """The changelog of the repository the options name."""
    return Repository.find(_folder(options)).root / "CHANGELOG.md"


def _folder(options: argparse.Namespace) -> Path:
    folder: Path = options.repository or Path.cwd()
    return folder.resolve()


@dataclass(frozen=True)
class _Corpus:
    """Cases with the waivers and overrides that come with them on each side."""

    cases: tuple[Case, ...]
    waivers: tuple[tuple[Waiver, ...], tuple[Waiver, ...]]
    overrides: tuple[tuple[Override, ...], tuple[Override, ...]]
    told: tuple[str, ...]
    left_out: tuple[Fault, ...]
    refused: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class _Diff:
    options: argparse.Namespace
    private: Path

    def compare(self) -> Comparison:
        """Both sides read, compared, and replayed."""
        files = [Path(one).is_file() for one in (self.options.old, self.options.new)]
        if files[0] != files[1]:
            raise UsageError(
                "one side is a file and the other is not",
                remedy="name two bundle files, or two Git revisions",
            )
        old, new, corpus = self._files() if files[0] else self._revisions()
        at, say = self._at, self._sides().say
        sides = [
            Side(
                one.label,
                one.engine,
                one.policies.rules,
                waiver_bundle(waivers, 0, overrides=overrides),
            )
            for one, waivers, overrides in zip(
                (old, new), corpus.waivers, corpus.overrides, strict=True
            )
        ]
        seen = impact(sides[0], sides[1], corpus.cases, say=say)
        effective = {one.id: one.effective_from for one in new.policies.catalog}
        steps = [*compare(old, new, at), *steps_of(seen, effective, at)]
        steps.sort(key=lambda one: (-one.level, one.source, one.policy))
        return Comparison(
            self.options.old, self.options.new, at, tuple(steps), seen, corpus.told,
            corpus.left_out, corpus.refused,
        )  # fmt: skip

    @property
    def _at(self) -> int:
        return now() if self.options.at is None else int(self.options.at)

    def _sides(self, folder: Path | None = None) -> Revisions:
        options = self.options
        objects = Objects(folder or _folder(options))
        return Revisions(
            objects, self.private, self._at, options.timeout, not options.no_cache, options.quiet
        )

    def _revisions(self) -> tuple[Edition, Edition, _Corpus]:
        sides, options = self._sides(), self.options
        ids = [sides.objects.commit(name) for name in (options.old, options.new)]
        tree = read_tree(sides.objects, ids[1])
        base = sides.base(read_tree(sides.objects, ids[0]))
        head = sides.head(tree, base)
        # Of a head is believed what is kept of a module that the base has too.
        editions = [self._built(one, options.track, base.modules) for one in (base, head)]
        found = read_corpus(base, head, options.records, self.private, self._at, sides.say)
        waivers = (
            (*base.waivers.waivers, *found.old_waivers), (*head.waivers.waivers, *found.new_waivers)
        )  # fmt: skip
        overrides = (
            (*base.overrides.overrides, *found.old_overrides),
            (*head.overrides.overrides, *found.new_overrides),
        )
        refused = tuple(track_faults(base, head))
        corpus = _Corpus(found.cases, waivers, overrides, found.told, found.left_out, refused)
        return editions[0], editions[1], corpus

    def _built(self, side: Contents, track: str | None, kept: KeptModules | None) -> Edition:
        chosen = read_track(side.repository.tracks, track, side.schemas) if track else None
        models: frozenset[str] = frozenset()
        if chosen is not None and chosen.baseline:
            models = active_models(side.repository.inventory, side.trust, side.schemas)
        origin = Origin(None, {}, __version__)
        bundle = build_published(
            side.policies, side.register, chosen, origin, side.engine, models, side.limits
        )
        label = chosen.name if chosen else ALL
        return read_edition(label, bundle, side.schemas, side.engine, kept)

    def _files(self) -> tuple[Edition, Edition, _Corpus]:
        options = self.options
        if options.track is not None:
            raise UsageError(
                "--track chooses of revisions; a bundle file is of one track already",
                remedy="leave --track out",
            )
        repository = Repository.find(_folder(options))
        schemas = Schemas.load(repository.evidence_schemas)
        sides = self._sides(repository.root)
        engine = sides.stranger_engine(sides.trusted_engine())
        # What one bundle shares with the other is asked about once, in this run.
        kept = KeptModules(self.private / "kept")
        editions = [
            read_edition(name, _bundle(Path(name)), schemas, engine, kept)
            for name in (options.old, options.new)
        ]
        tracks = [one.track.get("name") for one in editions]
        if tracks[0] != tracks[1]:
            raise UsageError(
                f"the bundles are of different tracks: {tracks[0]} and {tracks[1]}",
                remedy="compare two versions of one track",
            )
        old, new = editions
        staged = stage_for(
            repository, schemas, (old.policies, new.policies), self.private, sides.say
        )
        cases, faults, told = list(staged.cases), list(staged.left_out), list(staged.told)
        if options.records is not None:
            trust = read_trust(repository.trust, schemas)
            archive = read_archive(options.records, trust, trust, self._at, sides.say)
            cases += archive.cases
            faults += archive.left_out
            told.append(f"{len(archive.cases):,} archived decisions, proven.")
        waivers = (staged.old_waivers, staged.new_waivers)
        overrides = (staged.old_overrides, staged.new_overrides)
        refused = tuple(
            Fault(one.what, Location(options.new), SHRINKS)
            for one in growth(of_bundle(old.track), of_bundle(new.track))
        )
        return (
            old,
            new,
            _Corpus(tuple(cases), waivers, overrides, tuple(told), tuple(faults), refused),
        )


def _bundle(path: Path) -> Bundle:
    data = read_file(path, _LARGEST)
    return Bundle(data, sha256_digest(data))
