"""The evidence types that carry documents, and the one way in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from hallgate.measure.configuration import formats, pipelines, redaction
from hallgate.measure.context import Context, Origin, Population, Predicate, measured
from hallgate.model.errors import InvalidDocument, Location
from hallgate.model.values import JsonObject, JsonValue

TYPES = (
    "access_grants",
    "ci_workflows",
    "deployment_manifests",
    "infrastructure_plan",
    "pipeline_graph",
)
_MOST = 500
_LONGEST = 400_000


@dataclass(frozen=True, slots=True)
class Source:
    """One file as it was read: path, digest of its bytes, its documents."""

    path: str
    digest: str
    documents: tuple[JsonValue, ...]


def wrap(
    kind: str, sources: Sequence[Source], context: Context, steps: Mapping[str, str]
) -> Predicate:
    """The predicate of evidence that carries these files.

    steps: what a task of a pipeline is, by its name (promote, scan, evaluate, sign, approve or
    none). Raises InvalidDocument for a document that is nothing this type carries.
    """
    result = carried(kind, sources, steps)
    joint = hashlib.sha256("".join(f"{one.digest}\n" for one in sources).encode()).hexdigest()
    digest = sources[0].digest if len(sources) == 1 else f"sha256:{joint}"
    told = {f"step {name}": step for name, step in sorted(steps.items())}
    name = sources[0].path if len(sources) == 1 else f"{len(sources)} files"
    origin = Origin(name, "documents read whole, secret values taken out", told)
    documents = result["documents"]
    count = len(documents) if isinstance(documents, list) else 0
    return measured(context, origin, Population("documents of the files", count, digest), result)


def carried(
    kind: str, sources: Sequence[Source], steps: Mapping[str, str] | None = None
) -> JsonObject:
    """The result of evidence of this type: documents, and for pipelines their graphs.

    Documents of another type are left to that; one of no type is an error.
    """
    found = [
        _taken(source, place, value)
        for source in sources
        for number, document in enumerate(source.documents)
        for place, value in _parts(document, str(number))
    ]
    taken = [one for one in found if one.format.type == kind]
    if not taken:
        held = ", ".join(sorted({one.format.name for one in found}))
        raise _wrong(sources[0], f"holds no part of {kind}, but {held}", "name other files")
    if len(taken) > _MOST:
        raise _wrong(taken[0].source, f"{len(taken)} documents are too many", f"at most {_MOST}")
    documents: list[JsonValue] = [_document(one) for one in taken]
    if kind != "pipeline_graph":
        return {"documents": documents}
    graphs: list[JsonValue] = []
    for one in taken:
        try:
            graphs += pipelines.graphs(f"{one.source.path}#{one.place}", one.value, steps or {})
        except pipelines.Unreadable as error:
            raise _wrong(one.source, str(error), "write the pipeline as its engine does") from error
    return {"documents": documents, "graphs": graphs}


def types_of(source: Source) -> frozenset[str]:
    """The evidence types that the documents of a file belong to. Raises InvalidDocument."""
    return frozenset(
        _taken(source, place, value).format.type
        for number, document in enumerate(source.documents)
        for place, value in _parts(document, str(number))
    )


@dataclass(frozen=True, slots=True)
class _Taken:
    source: Source
    place: str
    format: formats.Format
    value: Mapping[str, JsonValue]


def _parts(document: JsonValue, place: str) -> Iterator[tuple[str, JsonValue]]:
    """A document, or the items of a Kubernetes list, with where they stand in the file."""
    items = document.get("items") if isinstance(document, Mapping) else None
    named = str(document.get("kind", "")) if isinstance(document, Mapping) else ""
    if named.endswith("List") and isinstance(items, list):
        for number, item in enumerate(items):
            yield from _parts(item, f"{place}/items/{number}")
    else:
        yield place, document


def _taken(source: Source, place: str, value: JsonValue) -> _Taken:
    if not isinstance(value, Mapping) or not value:
        raise _wrong(source, "holds a document that is no object", "name configuration files alone")
    found = formats.format_of(value)
    if found is None:
        words = "leave it out; `hallgate guard --help` says which kinds are known"
        raise _wrong(source, f"holds document {place} of a kind that is not known", words)
    return _Taken(source, place, found, value)


def _document(one: _Taken) -> JsonObject:
    value = redaction.redacted(one.value)
    content = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    if len(content) > _LONGEST:
        words = "split it, or leave out what is generated"
        raise _wrong(one.source, f"a document has {len(content)} characters", words)
    return {
        "path": one.source.path,
        "place": one.place,
        "format": one.format.name,
        "digest": one.source.digest,
        "content": content,
    }


def _wrong(source: Source, what: str, remedy: str) -> InvalidDocument:
    return InvalidDocument.one(what, where=Location(source.path), remedy=remedy)
