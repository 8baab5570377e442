"""A track's baseline only shrinks: what a change adds to it, and what it takes away.

Drawn up once, where the track had none (null); from then on a model, a policy or a later day
is never added. An empty list says that it is used up; null again would let it begin anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hallgate.intake.narrow import a_list, a_text, an_integer, an_object
from hallgate.intake.schema import Schemas
from hallgate.intake.track_history import baseline_before
from hallgate.intake.tracks import Baselined, Track
from hallgate.intake.tree_objects import Objects
from hallgate.model.errors import Fault, Location, UsageError
from hallgate.model.values import JsonObject
from hallgate.publish.report.text import counted, utc

SHRINKS = "a baseline only shrinks: ask for a waiver of this model, or mend it"

# By (policy, model): (since, until). None where there never was one.
Baseline = Mapping[tuple[str, str], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Growth:
    """What a baseline may not gain; policy and model are empty where it is about the whole."""

    policy: str
    model: str
    what: str


def of_track(baseline: Iterable[Baselined] | None) -> Baseline | None:
    """The baseline of a track's file."""
    if baseline is None:
        return None
    return {(one.policy, one.model): (one.since, one.until) for one in baseline}


def of_bundle(track: JsonObject) -> Baseline | None:
    """The baseline that a bundle says its track has."""
    entries = track.get("baseline")
    if entries is None:
        return None
    return {
        (a_text(one["policy"]), a_text(one["model"])): (
            an_integer(one["since"]), an_integer(one["until"])
        )
        for one in map(an_object, a_list(entries))
    }  # fmt: skip


def growth(old: Baseline | None, new: Baseline | None) -> Iterator[Growth]:
    """Everything that makes new larger than old; nothing where old is the first that is drawn."""
    if old is None:
        return
    if new is None:
        yield Growth("", "", "the baseline is null again, so that another could begin")
        return
    for (policy, model), (since, until) in sorted(new.items()):
        if (policy, model) not in old:
            yield Growth(policy, model, f"{policy} would no longer bind {model}")
            continue
        begun, ended = old[policy, model]
        if since < begun:
            words = f"from {utc(begun)} → {utc(since)}"
            yield Growth(policy, model, f"{policy} would be observed of {model} earlier, {words}")
        if until > ended:
            words = f"until {utc(ended)} → {utc(until)}"
            yield Growth(policy, model, f"{policy} would be observed of {model} longer, {words}")


def drawn_anew(track: Track, root: Path, schemas: Schemas) -> Iterator[Fault]:
    """What a track that was taken away and made again has more in its baseline than it had.

    root is the repository's folder. A history that cannot be told is a fault: then nobody
    knows whether there was one before. Raises StorageError where Git fails.
    """
    objects, path = Objects(root), f"tracks/{track.name}.yaml"
    try:
        objects.require_whole("whether a baseline was drawn up before")
        commit = objects.commit("HEAD")
    except UsageError as error:
        yield Fault(error.what, track.document.locate(("baseline",)), error.remedy)
        return
    old = of_track(baseline_before(objects, commit, path, schemas, gone_since=True))
    for one in growth(old, of_track(track.baseline)):
        what = f"{one.what}, by a baseline drawn up anew after the track was taken away"
        yield Fault(what, place_of(track, one), SHRINKS)


def place_of(track: Track, one: Growth) -> Location:
    """Where in its file the entry stands that grew, or the baseline itself."""
    at = [
        o.policy_at for o in track.baseline or () if (o.policy, o.model) == (one.policy, one.model)
    ]
    return track.document.locate(at[0] if at else ("baseline",))


def told(old: Baseline | None, new: Baseline | None) -> Iterator[str]:
    """What a change does to a baseline, in words for its reviewers."""
    if old is None and new is not None:
        models = {model for _, model in new}
        yield f"a baseline is DRAWN UP, for {counted(len(models), 'model')}, LOOSENED"
    before, after = old or {}, new or {}
    for policy, model in sorted(before.keys() | after.keys()):
        first, second = before.get((policy, model)), after.get((policy, model))
        if first == second:
            continue
        if second is None:
            yield f"{policy} binds {model} at once, tightened"
        elif first is None:
            yield f"{policy} is only observed of {model} until {utc(second[1])}, LOOSENED"
        else:
            way = "tightened" if first[0] <= second[0] and second[1] <= first[1] else "LOOSENED"
            yield f"{policy} of {model}: until {utc(first[1])} → {utc(second[1])}, {way}"
