"""METADATA of modules, as `opa inspect --annotations` tells it, asked about changed ones alone.

What a module's METADATA says follows from its bytes. What two modules may not say together,
`opa check` refuses, which is asked about all of them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from hallgate.decide.kept_answers import KeptModules
from hallgate.engine.opa import Opa
from hallgate.intake.narrow import a_list, a_text, an_integer, an_object, texts
from hallgate.model.errors import EngineAborted
from hallgate.model.values import JsonObject, JsonValue

_ABOUT = "metadata"
_BELOW = "policies/"


def inspected(
    sources: Mapping[str, bytes], engine: Opa, kept: KeptModules | None = None
) -> JsonObject:
    """What `opa inspect` says of sources, by path below policies/: annotations and namespaces.

    kept is where that of single modules is kept, None for nowhere. Raises EngineError where
    OPA cannot read one, or passes over one.
    """
    found = {} if kept is None else kept.known(_ABOUT, sources)
    fresh = {path: data for path, data in sources.items() if path not in found}
    if fresh:
        told = _by_module(_inspect(fresh, engine), fresh)
        if kept is not None:
            kept.keep(_ABOUT, fresh, told)
        found |= told
    annotations: list[JsonValue] = []
    spaces: dict[str, list[JsonValue]] = {}
    for path in sorted(found):
        said, file = an_object(found[path]), f"{_BELOW}{path}"
        spaces.setdefault(a_text(said["package"]), []).append(file)
        for one in map(an_object, a_list(said["annotations"])):
            annotations.append({**one, "location": {**an_object(one["location"]), "file": file}})
    return {"annotations": sorted(annotations, key=_place), "namespaces": {**spaces}}


def _place(entry: JsonValue) -> tuple[list[str], str, int]:
    """The order of OPA: by what is annotated, then by where."""
    found = an_object(entry)
    place = an_object(found["location"])
    words = [str(an_object(part)["value"]) for part in a_list(found["path"])]
    return words, a_text(place["file"]), an_integer(place["row"])


def _inspect(sources: Mapping[str, bytes], engine: Opa) -> JsonObject:
    with tempfile.TemporaryDirectory(prefix="hallgate-") as name:
        for path, data in sources.items():
            target = Path(name) / "policies" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        return engine.inspect(Path(name))


def _by_module(answer: JsonObject, sources: Mapping[str, bytes]) -> dict[str, JsonValue]:
    """By path: the package, and annotations in their order, without the name of the file."""
    noted: dict[str, list[JsonValue]] = {path: [] for path in sources}
    for one in map(an_object, a_list(answer.get("annotations") or [])):
        place = an_object(one["location"])
        file = a_text(place["file"]).removeprefix(_BELOW)
        where = {name: value for name, value in place.items() if name != "file"}
        noted[file].append({**one, "location": where})
    packages = {
        file.removeprefix(_BELOW): name
        for name, files in an_object(answer.get("namespaces") or {}).items()
        for file in texts(files)
    }
    if packages.keys() != sources.keys():
        strange = sorted(packages.keys() ^ sources.keys())
        raise EngineAborted(
            f"opa inspect does not say what stands in {', '.join(strange)}",
            remedy="report the fault; each module has a package",
        )
    return {path: {"package": packages[path], "annotations": noted[path]} for path in sources}
