"""Tracks of a change: a baseline that grows is refused, and one that changes is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hallgate.intake.track_history import baseline_before
from hallgate.intake.tracks import Track, read_tracks
from hallgate.model.errors import Fault, Location
from hallgate.publish.baselines import SHRINKS, Baseline, growth, of_track, place_of, told
from hallgate.publish.review.contents import Contents, placed
from hallgate.publish.review.value import Notes


def track_faults(base: Contents, head: Contents) -> Iterator[Fault]:
    """What no change may do to a track: break its file, or let its baseline grow."""
    if base.tree.same(head.tree, "tracks"):
        return
    before, _ = _tracks(base)
    after, faults = _tracks(head)
    yield from (placed(fault, head.repository.root) for fault in faults)
    for name, track in after.items():
        old = _before(track, before, base)
        for one in growth(old, of_track(track.baseline)):
            where = Location(f"tracks/{name}.yaml", place_of(track, one).line)
            yield Fault(f"{name}: {one.what}", where, SHRINKS)


def track_notes(base: Contents, head: Contents) -> Notes:
    """What baselines let pass, and what they let pass no more."""
    if base.tree.same(head.tree, "tracks"):
        return Notes("Tracks", ())
    before, after = _tracks(base)[0], _tracks(head)[0]
    lines = [
        f"{name}: {line}."
        for name, track in after.items()
        for line in told(_before(track, before, base), of_track(track.baseline))
    ]
    return Notes("Tracks", tuple(lines))


def _tracks(side: Contents) -> tuple[dict[str, Track], tuple[Fault, ...]]:
    return read_tracks(side.repository.tracks, side.schemas)


def _before(track: Track, before: Mapping[str, Track], base: Contents) -> Baseline | None:
    """The baseline of the base, or the last one there was before it; None where there was none.

    Where the base's file cannot be read, no entry is known to be old.
    """
    path = f"tracks/{track.name}.yaml"
    old = before.get(track.name)
    if old is not None and (old.baseline is not None or track.baseline is None):
        return of_track(old.baseline)
    if old is None and path in base.tree.files:
        return {} if track.baseline is not None else None
    return of_track(baseline_before(base.objects, base.tree.commit, path, base.schemas))
