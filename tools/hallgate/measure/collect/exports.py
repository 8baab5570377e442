"""Exports of other systems: an MLflow run, a registry's entry, a Kubernetes workload.

MLflow: the answers of `runs/get`, `artifacts/list` and `model-versions/get` of its REST API
(2.0), as JSON. Kubernetes: one object, as `kubectl get -o json` prints it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hallgate.measure.wrap.report import as_digest, inner, text
from hallgate.model.errors import InvalidDocument, Location
from hallgate.model.values import JsonObject, JsonValue

_LABEL = "hallgate.dev/model-digest"
_REMEDY = "export it again, whole"


def mlflow_run(document: JsonValue, name: str) -> JsonObject:
    """The training run; raises InvalidDocument where it has no id or did not say how it ended."""
    run = inner(document, "run") or document
    tags = _pairs(inner(run, "data", "tags"))
    return {
        "run_id": _must(inner(run, "info", "run_id"), "run.info.run_id", name),
        "experiment": text(inner(run, "info", "experiment_id")),
        "state": _must(inner(run, "info", "status"), "run.info.status", name),
        "parameters": _named(inner(run, "data", "params")),
        "metrics": _named(inner(run, "data", "metrics")),
        "datasets": [
            {"name": _must(inner(one, "dataset", "name"), "dataset.name", name), "digest": None}
            for one in _list(inner(run, "inputs", "dataset_inputs"))
        ],
        "artifacts": [
            {"name": path, "digest": as_digest(tags.get(f"sha256:{path}", ""))}
            for path in _paths(inner(document, "files"))
        ],
    }


def registry_entry(document: JsonValue, name: str) -> JsonObject:
    """The entry of a model version; raises InvalidDocument where name or version is missing."""
    entry = inner(document, "model_version") or document
    return {
        "name": _must(inner(entry, "name"), "name", name),
        "version": _must(inner(entry, "version"), "version", name),
        "aliases": [one for value in _list(inner(entry, "aliases")) if (one := text(value))],
        "source": text(inner(entry, "source")),
        "run_id": text(inner(entry, "run_id")),
    }


def workload(document: JsonValue, name: str) -> JsonObject:
    """The workload with its images; raises InvalidDocument where it has no container."""
    pod = inner(document, "spec", "template", "spec") or inner(document, "spec")
    containers = _list(inner(pod, "containers")) + _list(inner(pod, "initContainers"))
    images = [_must(inner(one, "image"), "image", name) for one in containers]
    if not images:
        raise _wrong("has no container", name)
    marks = (inner(document, "metadata", "labels"), inner(document, "metadata", "annotations"))
    said = [as_digest(str(inner(mark, _LABEL) or "")) for mark in marks]
    return {
        "kind": _must(inner(document, "kind"), "kind", name),
        "namespace": text(inner(document, "metadata", "namespace")),
        "name": _must(inner(document, "metadata", "name"), "metadata.name", name),
        "images": [{"name": one, "digest": as_digest(one.partition("@")[2])} for one in images],
        "model": next((one for one in said if one), None),
    }


EXPORTS: dict[str, Callable[[JsonValue, str], JsonObject]] = {
    "training": mlflow_run,
    "registry": registry_entry,
    "deployment": workload,
}


def _must(value: JsonValue, what: str, name: str) -> str:
    found = text(str(value)) if isinstance(value, str | int) else None
    if found is None:
        raise _wrong(f"says no {what}", name)
    return found


def _list(value: JsonValue) -> list[JsonValue]:
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else []


def _pairs(value: JsonValue) -> dict[str, str]:
    found = {}
    for one in _list(value):
        key, said = inner(one, "key"), inner(one, "value")
        if isinstance(key, str) and said is not None:
            found[key] = str(said)
    return found


def _named(value: JsonValue) -> list[JsonValue]:
    return [{"name": name, "value": said} for name, said in sorted(_pairs(value).items())]


def _paths(value: JsonValue) -> list[str]:
    return sorted(path for one in _list(value) if (path := text(inner(one, "path"))))


def _wrong(what: str, name: str) -> InvalidDocument:
    return InvalidDocument.one(what, remedy=_REMEDY, where=Location(name))
