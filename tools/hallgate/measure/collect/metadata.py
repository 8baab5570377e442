"""Puts what was read into one piece of evidence of type `pipeline_metadata`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hallgate.measure.context import Context, Origin, Population, Predicate, measured, unmeasured
from hallgate.model.errors import InvalidDocument
from hallgate.model.values import JsonObject

SECTIONS = ("revision", "run", "training", "registry", "deployment")
_WORDS = "commit, CI run, training run, registry entry and deployment that could be read"


@dataclass(frozen=True, slots=True)
class Revision:
    """The checked-out commit; clean says whether nothing differs from it."""

    commit: str
    clean: bool


def metadata(
    context: Context,
    revision: Revision | None,
    sections: Mapping[str, JsonObject | None],
    files: Mapping[str, str],
) -> Predicate:
    """The predicate. sections are by name of SECTIONS; files are digests of exports by name.

    Raises InvalidDocument where CI and checkout speak of different commits. Where nothing was
    read the status is not_run.
    """
    run = sections.get("run")
    if run is not None and revision is not None and run["commit"] != revision.commit:
        raise InvalidDocument.one(
            f"the CI runs {run['commit']}, and {revision.commit} is checked out",
            remedy="collect before the step that checks something else out",
        )
    said: dict[str, JsonObject | None] = {name: sections.get(name) for name in SECTIONS}
    if revision is not None:
        said["revision"] = {"commit": revision.commit, "clean": revision.clean}
    found = [name for name, value in said.items() if value is not None]
    origin = Origin("pipeline", ", ".join(found) or "nothing", dict(files))
    population = Population(_WORDS, len(found))
    if not found:
        why = "neither a commit, a CI run nor an export was given"
        return unmeasured(context, origin, population, "not_run", why, expected=1)
    return measured(context, origin, population, dict(said))
