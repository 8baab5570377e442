"""`hallgate evidence wrap` and `folder`: reports, cards and plans become evidence."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from hallgate.cli.evidence import (
    at,
    looked_at,
    measuring_now,
    read_report,
    repository_of,
    schemas_of,
    write_statement,
)
from hallgate.model.errors import InvalidDocument, UsageError

if TYPE_CHECKING:
    from hallgate.intake.document import Document
    from hallgate.measure.context import Predicate
    from hallgate.measure.wrap.report import Watch
    from hallgate.measure.wrap.vex import Statement
    from hallgate.model.values import JsonValue

_FILES_OF_THE_MODEL = frozenset({"artifact_scan", "model_signature"})
_SUFFIXES = (".json", ".yaml", ".yml")


def run_one(options: argparse.Namespace) -> int:
    """Wrap one report, or the configuration documents of any number of files."""
    from hallgate.measure.wrap import WRAPPERS, Report, wrap

    if options.type not in {name for kind, tool, _ in WRAPPERS for name in (kind, tool)}:
        from hallgate.measure.configuration import TYPES

        if options.type in TYPES:
            return _carry(options)
    if len(options.files) > 1:
        raise UsageError(f"a {options.type} is one file", remedy="name one")
    options.file = options.files[0]
    tools = {tool: kind for kind, tool, _ in WRAPPERS if tool != "author"}
    kind = tools.get(options.type, options.type)
    tool = options.tool or (options.type if options.type in tools else None)
    if options.file.suffix == ".md":
        raise InvalidDocument.one(
            "is Markdown, prose of which nothing can be measured",
            where=at(options.file),
            remedy="write its members as YAML; docs/reference/evidence.md shows them by type",
        )
    document = read_report(options.file, as_text=_is_text(options.file, kind, tool))
    if kind in _authored() and tool in {None, "author"} and isinstance(document.value, Mapping):
        schemas_of(options).validate(document, f"evidence:{kind}")
    predicate = wrap(
        kind,
        Report(
            document=document.value,
            name=options.file.name,
            raw_digest=document.digest,
            subject=options.model.digest,
            context=measuring_now(options),
            files=looked_at(options.scanned, whole_path=kind not in _FILES_OF_THE_MODEL),
            target_digest=options.target_digest,
            database_at=options.database_at,
            scanned=options.packages,
            vex=_statements(options.vex),
            verified_signer=_verified_signer(document, kind, options),
            level=options.level,
            watch=_watch(options),
        ),
        tool=tool,
    )
    return write_statement(options, kind, _noted(predicate, options.note), options.out)


def _carry(options: argparse.Namespace) -> int:
    from hallgate.cli.configurations import said_steps, sources_of
    from hallgate.measure.configuration import wrap

    sources = sources_of(options.files)
    predicate = wrap(options.type, sources, measuring_now(options), said_steps(options.step))
    return write_statement(options, options.type, _noted(predicate, options.note), options.out)


def _is_text(path: Path, kind: str, tool: str | None) -> bool:
    if kind == "runtime_alerts":
        return tool == "falco" or path.suffix not in _SUFFIXES
    return tool == "picklescan" or kind == "artifact_scan"


def _watch(options: argparse.Namespace) -> Watch | None:
    """What a sensor watched; None where nobody says. Raises UsageError for a half of it."""
    from hallgate.measure.wrap.report import Watch

    said = (options.workload, options.watched_from, options.watched_until, options.rules)
    if all(one is None for one in said):
        return None
    workload, since, until, rules = said
    if workload is None or since is None or until is None or rules is None:
        raise UsageError(
            "--workload, --watched-from, --watched-until and --rules go together",
            remedy="say all four: an alert log says none of them",
        )
    closed = []
    for one in options.closed:
        rule, equals, why = one.partition("=")
        if not (rule and equals and why.strip()):
            raise UsageError(f"--closed {one!r} is no RULE=WHO AND WHY", remedy="name and reason")
        closed.append((rule, why.strip()))
    return Watch(workload, since, until, rules, tuple(closed))


def _statements(paths: list[Path]) -> tuple[Statement, ...]:
    from hallgate.measure.wrap.vex import read_vex

    read = (read_report(path, as_text=False) for path in paths)
    return tuple(one for document in read for one in read_vex(document.value, document.file))


def run_folder(options: argparse.Namespace) -> int:
    """Wrap what people wrote, every file of a folder; --out is a folder. All or nothing."""
    from hallgate.measure.wrap import Report, wrap

    if options.out is None:
        raise UsageError("a folder needs --out DIR", remedy="name the folder for the statements")
    context, schemas = measuring_now(options), schemas_of(options)
    made: dict[str, Predicate] = {}
    for path in _papers(options.folder):
        document = read_report(path, as_text=False)
        schemas.validate(document, f"evidence:{path.stem}")
        report = Report(document.value, path.name, document.digest, options.model.digest, context)
        made[path.stem] = _noted(wrap(path.stem, report, tool="author"), options.note)
    codes = [
        write_statement(options, kind, predicate, options.out / f"{kind}.json")
        for kind, predicate in made.items()
    ]
    return max(codes)


def _papers(folder: Path) -> list[Path]:
    """The files of a folder, each named for a type that people write. Raises UsageError."""
    if not folder.is_dir():
        raise UsageError("there is no such folder", where=at(folder), remedy="check the path")
    found = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    if not found:
        raise UsageError("the folder is empty", where=at(folder), remedy="put <type>.yaml into it")
    written = _authored()
    for path in found:
        if path.stem not in written or path.suffix not in _SUFFIXES:
            raise UsageError(
                "is not named for a type of evidence that people write",
                where=at(path),
                remedy=f"name it <type>.yaml with one of {', '.join(sorted(written))}",
            )
    stems = [path.stem for path in found]
    twice = next((one for one in stems if stems.count(one) > 1), None)
    if twice is not None:
        raise UsageError(f"there are two files for {twice}", where=at(folder), remedy="keep one")
    return found


def _authored() -> frozenset[str]:
    from hallgate.measure.wrap import WRAPPERS

    return frozenset(kind for kind, tool, _ in WRAPPERS if tool == "author")


def _verified_signer(document: Document, kind: str, options: argparse.Namespace) -> str | None:
    """The identity whose signature over the document holds; for provenance its builder id.

    An attestation that is not signed has none. Raises NotProven where a signature is there
    and does not count, or its signer may not sign this type.
    """
    envelope = document.value
    if not isinstance(envelope, Mapping) or "payloadType" not in envelope:
        if options.builder is not None:
            raise UsageError("--builder needs a signed provenance", remedy="give the DSSE envelope")
        return None
    from hallgate.cli.wiring import now
    from hallgate.intake.trust import read_trust
    from hallgate.model.errors import NotProven
    from hallgate.record.dsse import verify_envelope

    moment = now()
    trust = read_trust(options.trust or repository_of(options).trust, schemas_of(options))
    signer = verify_envelope(envelope, trust, moment).identity
    identity = trust.identity(signer)
    if identity is None or kind not in trust.evidence_types(identity.roles_at(moment)):
        raise NotProven(
            f"signed by {signer}, whose roles may not sign {kind}",
            where=at(options.file),
            remedy="have the build service sign it, or give it the role in trust/",
        )
    return options.builder if kind == "build_provenance" else signer


def _noted(predicate: Predicate, notes: list[str]) -> Predicate:
    """The predicate with further parameters of its source."""
    source = predicate["source"]
    if not notes or not isinstance(source, Mapping):
        return predicate
    parameters = source["parameters"]
    added: list[JsonValue] = []
    for note in notes:
        name, equals, value = note.partition("=")
        if not (name and equals and value) or len(name) > 100 or len(value) > 1000:
            raise UsageError(f"--note {note!r} is no NAME=TEXT", remedy="as staged=by hand")
        added.append({"name": name, "value": value})
    every = [*(parameters if isinstance(parameters, list) else []), *added]
    return {**predicate, "source": {**source, "parameters": sorted(every, key=_by_name)}}


def _by_name(parameter: JsonValue) -> str:
    return str(parameter.get("name")) if isinstance(parameter, Mapping) else ""
