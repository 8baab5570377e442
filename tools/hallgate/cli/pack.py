"""`hallgate pack`: the audit archive."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from hallgate.cli.wiring import Workplace, add_repository_options, time_option
from hallgate.model.errors import Location, UsageError

if TYPE_CHECKING:
    from hallgate.publish.pack.build import Source

EXAMPLES = """examples:
  hallgate pack build --model credit-risk --framework soc2 \\
      --from 2026-01-01T00:00:00Z --until 2027-01-01T00:00:00Z --output pack/
  hallgate pack build --framework hipaa --from … --until … --output pack/ --archive pack.tar.gz
  python3 -I pack/verify.py
  hallgate pack verifier --output verify.py      # one of your own, for packs you are given
  hallgate pack trust --output trust.json        # identities and roles for verify.py --trust

A pack holds every decision of the period that the log lists, allowed or denied, with the
signed originals, the whole log, the law, a seeded sample, OSCAL, tables, a page, and the
program that verifies it offline. Equal inputs give equal bytes.
exit codes: 0 built, 1 a record was altered, 2 usage, 3 invalid documents, 4 failure"""

SAMPLE = 25
_EVERY = 500


def configure(parser: argparse.ArgumentParser) -> None:
    """Add build, verifier and trust."""
    forms = parser.add_subparsers(dest="form", required=True, metavar="WHAT")
    raw = argparse.RawDescriptionHelpFormatter
    build = forms.add_parser("build", help="build a pack", epilog=EXAMPLES, formatter_class=raw)
    build.add_argument("--model", metavar="NAME", help="this model alone (default: every one)")
    build.add_argument("--framework", required=True, metavar="ID", help="as in frameworks/")
    build.add_argument("--from", dest="start", type=time_option, required=True, metavar="TIME")
    build.add_argument("--until", type=time_option, required=True, metavar="TIME")
    build.add_argument("--output", type=Path, required=True, metavar="DIR", help="a new folder")
    build.add_argument("--archive", type=Path, metavar="FILE", help="also write it as a tar.gz")
    build.add_argument("--seed", default="hallgate", metavar="TEXT", help="of the sample; say it")
    build.add_argument("--sample", type=int, default=SAMPLE, metavar="N", help=f"({SAMPLE})")
    build.add_argument("--log", type=Path, metavar="DIR", help="the log's folder")
    build.add_argument("--format", choices=("text", "json"), default="text", help="(text)")
    add_repository_options(build)
    for name, what in (
        ("verifier", "write the program that verifies packs"),
        ("trust", "write trust/ as the document that verify.py --trust reads"),
    ):
        form = forms.add_parser(name, help=what, epilog=EXAMPLES, formatter_class=raw)
        form.add_argument("--output", type=Path, required=True, metavar="FILE", help="a new file")
    add_repository_options(form)


def run(options: argparse.Namespace) -> int:
    """Build the pack and say what it holds; or write the verifier."""
    if options.form == "verifier":
        from hallgate.publish.pack.verifier import one_file

        return _write(options.output, one_file())
    if options.form == "trust":
        from hallgate.publish.pack.build import trust_file

        return _write(options.output, trust_file(Workplace(options).trust))
    from hallgate.publish.pack.build import archive_pack, build_pack
    from hallgate.publish.pack.scope import Scope

    if options.until <= options.start or options.sample < 1:
        raise UsageError("the period or the sample is empty", remedy="--until after --from, N ≥ 1")
    scope = Scope(options.model, options.framework, options.start, options.until)
    built = build_pack(
        source_of(Workplace(options)), scope, options.output,
        seed=options.seed, sample=options.sample, say=_progress,
    )  # fmt: skip
    if options.archive is not None:
        with options.archive.open("xb") as out:
            archive_pack(built.folder, out)
    counts: dict[str, int] = {}
    for one in built.results:
        counts[one["conclusion"]] = counts.get(one["conclusion"], 0) + 1
    if options.format == "json":
        said = {"folder": str(built.folder), "decisions": built.decided, "missing": built.missing,
                "controls": counts}  # fmt: skip
        sys.stdout.write(json.dumps({**said, **built.facts}, indent=2, sort_keys=True) + "\n")
        return 0
    total = len(built.results)
    lines = [f"{built.folder}: {built.decided} decisions, {total} controls of {scope.framework}"]
    if built.missing:
        lines.append(f"  {built.missing} more are in the log and not in its folder: see verify.py")
    lines += [
        f"  {counts[name]:>4} of {total}  {name.replace('_', ' ')}" for name in sorted(counts)
    ]
    sys.stdout.write("\n".join([*lines, f"check it: python3 -I {built.folder}/verify.py"]) + "\n")
    return 0


def _write(path: Path, data: bytes) -> int:
    """Write what an auditor is given by another way than the pack, and say its digest."""
    from hallgate.record.canonical import sha256_digest
    from hallgate.record.files import write_new

    if not write_new(path, data):
        raise UsageError("there is a file already", remedy="name a new one",
                         where=Location(str(path)))  # fmt: skip
    sys.stdout.write(f"{path}: {sha256_digest(data)}\n")
    return 0


def source_of(place: Workplace) -> Source:
    """What packs and gaps are made of: log, register, catalog, trust."""
    from hallgate.cli.log_append import log_of
    from hallgate.intake.frameworks import read_extents, read_frameworks
    from hallgate.publish.bundle.origin import source_commit
    from hallgate.publish.pack.build import Source
    from hallgate.record.log.anchors import read_anchors
    from hallgate.record.log.folder import open_log

    trust, folder = log_of(place, place.options.log)
    controls = read_frameworks(place.repository.frameworks, place.schemas)
    commit, why = source_commit(place.repository)
    if commit is None:
        sys.stderr.write(f"hallgate: the pack names no commit: {why}\n")
    return Source(
        log=open_log(folder, trust.origin, trust.keys).sound(),
        log_trust=trust,
        anchors=read_anchors(place.repository.checkpoints),
        controls=controls,
        extents=read_extents(place.repository.frameworks, place.schemas, controls),
        catalog=place.policies.catalog,
        trust=place.trust,
        commit=commit,
    )


def _progress(done: int) -> None:
    if done % _EVERY == 0:
        sys.stderr.write(f"hallgate: {done} decisions\n")
