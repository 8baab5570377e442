"""`hallgate check`: every document of the repository, every fault, one pass."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from hallgate.cli.wiring import Workplace, add_repository_options, cache_folder, now
from hallgate.decide.check import check_repository
from hallgate.decide.checked import Checked, Part
from hallgate.decide.kept_answers import kept_answer
from hallgate.intake.evidence import read_evidence
from hallgate.intake.frameworks import read_frameworks
from hallgate.intake.narrow import a_list, a_text, integer_or_none
from hallgate.intake.requests import read_request
from hallgate.intake.tracks import Track, read_tracks
from hallgate.intake.trust import read_trust
from hallgate.model.errors import Fault, InvalidDocument, Location, UsageError
from hallgate.model.values import JsonValue
from hallgate.publish.baselines import drawn_anew
from hallgate.publish.owners import owner_faults
from hallgate.publish.release.placeholders import trust_placeholders
from hallgate.publish.report.github import command
from hallgate.record.canonical import canonical_bytes, sha256_digest

EXAMPLES = """examples:
  hallgate check
  hallgate check exceptions/ policies/promotion/rules/fairness
  hallgate check request.yaml evidence/
  hallgate check --format json

Without PATH everything is checked. A PATH inside the repository shows the faults
below it; a request or a folder of evidence elsewhere is read as `decide` would.
exit codes: 0 clean, 1 findings of policies/checks or unbelievable evidence,
            2 usage, 3 invalid documents, 4 engine failure"""

_FOLDERS = ("policies", "exceptions", "evidence-schemas", "trust", "frameworks", "tracks")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH")
    parser.add_argument("--format", choices=("table", "json", "github"), default="table")
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")
    parser.add_argument(
        "--records", type=Path, metavar="DIR", help="decisions: find waivers that cover nothing"
    )
    parser.add_argument(
        "--release", action="store_true", help="refuse placeholders, as before a release"
    )
    add_repository_options(parser)


def run(options: argparse.Namespace) -> int:
    """Check, print, and answer with the worst that was found."""
    place = Workplace(options)
    root = place.repository.root
    for path in options.paths:
        if not path.exists():
            raise UsageError(f"there is no {path}", remedy="name files or folders that exist")
    inside = [path for path in options.paths if _part_of(path, root)]
    others = [path for path in options.paths if not _part_of(path, root)]
    parts: list[Part] = []
    findings: list[Fault] = []
    if inside or not others:
        checked = _whole(place, options)
        cache = None if options.no_cache else cache_folder()
        tracks, grown = _tracks(place, checked.parts, cache)
        parts += [_below(part, inside, root) for part in (*checked.parts, tracks)]
        found = (*checked.findings, *_owners(place, options), *grown)
        findings += [fault for fault in found if _shown(fault, inside, root)]
    for path in others:
        part, unbelieved = _document(place, path)
        parts.append(part)
        findings += unbelieved
    sys.stdout.write(_FORMATS[options.format](parts, findings))
    if any(part.faults or part.skipped for part in parts):
        return 3
    return 1 if findings else 0


def _whole(place: Workplace, options: argparse.Namespace) -> Checked:
    def say(name: str) -> None:
        if not options.quiet and sys.stderr.isatty():
            sys.stderr.write(f"hallgate: checking {name}\n")

    cache = None if options.no_cache else cache_folder()
    return check_repository(
        place.repository, place.engine, cache, at=now(), say=say, records=options.records
    )


def _tracks(
    place: Workplace, before: Sequence[Part], cache: Path | None
) -> tuple[Part, tuple[Fault, ...]]:
    """Every track, held against the house as a build would hold it, and against its own past."""
    needed = {"schemas", "trust", "frameworks", "policies", "inventory"}
    if any(part.name in needed and (part.faults or part.skipped) for part in before):
        return Part("tracks", 0, (), "what they choose from is at fault"), ()
    found, faults = read_tracks(place.repository.tracks, place.schemas)
    if found:
        faults += _misfits(place, tuple(found.values()), cache)
    grown = tuple(
        fault
        for track in found.values()
        if track.baseline
        for fault in drawn_anew(track, place.repository.root, place.schemas)
    )
    return Part("tracks", len(found), faults), grown


def _misfits(place: Workplace, tracks: Sequence[Track], cache: Path | None) -> tuple[Fault, ...]:
    """What a build would refuse; the engine is asked once about the same policies and tracks."""
    from hallgate.publish.bundle.build import misfits  # what builds is heavy

    law = read_frameworks(place.repository.frameworks, place.schemas)
    named = [(track, place.models_for(track)) for track in tracks]
    about: JsonValue = [
        place.policies.bundle.digest,
        sorted({control.framework for control in law}),
        [[track.document.file, track.document.digest, sorted(models)] for track, models in named],
    ]

    def ask() -> JsonValue:
        return [_kept(one) for one in misfits(place.policies, law, named, place.engine)]

    key = sha256_digest(canonical_bytes(about)).removeprefix("sha256:")
    return tuple(map(_told, a_list(kept_answer(cache, "tracks", key, ask))))


def _kept(fault: Fault) -> JsonValue:
    where = fault.where or Location("")
    return [fault.what, where.file, where.line, where.column, fault.remedy]


def _told(kept: JsonValue) -> Fault:
    what, file, line, column, remedy = a_list(kept)
    where = Location(a_text(file), integer_or_none(line), integer_or_none(column))
    return Fault(a_text(what), where if where.file else None, a_text(remedy))


def _owners(place: Workplace, options: argparse.Namespace) -> tuple[Fault, ...]:
    """What is wrong with CODEOWNERS beside its syntax, and who was made up in trust."""
    path = place.repository.codeowners
    try:
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        folder = place.repository.trust
        trust = read_trust(folder, place.schemas)
        made_up = trust_placeholders(trust, folder) if options.release else ()
        return (
            *owner_faults(text, str(path), trust.roles, release=options.release),
            *made_up,
        )
    except (InvalidDocument, UnicodeDecodeError):
        return ()  # the part of its own says what is wrong


def _part_of(path: Path, root: Path) -> bool:
    real = path.resolve()
    return real == root or any(real.is_relative_to(root / name) for name in _FOLDERS)


def _below(part: Part, inside: Sequence[Path], root: Path) -> Part:
    faults = tuple(fault for fault in part.faults if _shown(fault, inside, root))
    return Part(part.name, part.documents, faults, part.skipped)


def _shown(fault: Fault, inside: Sequence[Path], root: Path) -> bool:
    """A fault without a place concerns everybody."""
    if not inside or fault.where is None:
        return True
    file = root / fault.where.file
    return any(file.resolve().is_relative_to(path.resolve()) for path in inside)


def _document(place: Workplace, path: Path) -> tuple[Part, list[Fault]]:
    """A request, or a folder of evidence: what cannot be believed is a finding."""
    try:
        if path.is_file():
            read_request(path, place.schemas)
            return Part(str(path), 1, ()), []
        found = read_evidence(path, place.trust, place.schemas, at=now())
    except InvalidDocument as error:
        return Part(str(path), 0, error.faults), []
    remedy = "mend or remove the file; a decision would count it as a gap"
    faults = [Fault(f"{path / one.file}: {one.message}", None, remedy) for one in found.rejections]
    return Part(str(path), len(found.statements), ()), faults


def _table(parts: Sequence[Part], findings: Sequence[Fault]) -> str:
    from tabulate import tabulate

    rows = [(part.name, part.documents, len(part.faults), part.skipped or "") for part in parts]
    lines = [tabulate(rows, headers=("part", "documents", "faults", "not looked at"))]
    for part in parts:
        lines += [f"\n{fault}" for fault in part.faults]
    lines += [f"\n{fault}" for fault in findings]
    total = sum(len(part.faults) for part in parts) + len(findings)
    lines.append(f"\n{'Clean.' if not total else f'{total} to mend.'}")
    return "\n".join(lines) + "\n"


def _json(parts: Sequence[Part], findings: Sequence[Fault]) -> str:
    document = {
        "parts": [
            {
                "name": part.name,
                "documents": part.documents,
                "skipped": part.skipped,
                "faults": [_fault(fault) for fault in part.faults],
            }
            for part in parts
        ],
        "findings": [_fault(fault) for fault in findings],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _fault(fault: Fault) -> dict[str, object]:
    where = fault.where
    place = None
    if where is not None:
        place = {"file": where.file, "line": where.line, "column": where.column}
    return {"what": fault.what, "where": place, "remedy": fault.remedy}


def _github(parts: Sequence[Part], findings: Sequence[Fault]) -> str:
    faults = [fault for part in parts for fault in part.faults] + list(findings)
    return "".join(f"{_command(fault)}\n" for fault in faults)


def _command(fault: Fault) -> str:
    where = fault.where
    file, line = (where.file, where.line or 1) if where else ("", 1)
    return command("error", file, "hallgate check", f"{fault.what}\n{fault.remedy}", line=line)


_FORMATS = {"table": _table, "json": _json, "github": _github}
