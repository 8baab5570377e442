"""Bundles in a folder that an OPA polls: each is handed out verified, and never turned back.

<track>/bundle.tar.gz   as `bundle pull --place` keeps it, or `bundle push` to a folder
<track>/stable.json     the channel's signed pointer beside it, which alone says what is newer

OPA knows signatures and no serials. So a bundle is read anew only where its file changed, and
takes the place of the one before only with a pointer that names it and is not older. Whatever
does not hold is named, and the last good one stays, until its own pointer expires.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hallgate.intake.files import read_file
from hallgate.model.errors import HallgateError, NotProven
from hallgate.model.values import JsonObject
from hallgate.publish.bundle.pointer import Pointer, Seen, follow, verify_pointer
from hallgate.publish.bundle.signing import artifact_trust, verify_bundle
from hallgate.publish.consumers.directory import BUNDLE, Answer, answer, with_etag
from hallgate.record.canonical import canonical_bytes
from hallgate.record.files import make_folder, write_atomic

STATUS = "status.json"
_LARGEST = 64 * 1024 * 1024
_LARGEST_POINTER = 64 * 1024
_Stamp = tuple[tuple[int, int, int] | None, ...]


@dataclass(frozen=True, slots=True)
class _Good:
    """The bundle in use, and since when (seconds) it is."""

    data: bytes
    pointer: Pointer
    since: int


@dataclass(slots=True)
class _Place:
    """What is known of one track: the files as last looked at, what is good, what is wrong."""

    stamp: _Stamp | None = None
    good: _Good | None = None
    fault: str | None = None
    since: int | None = None


class Shelf:
    """The bundles below root, by the keys (PEM) that may sign them; a track is its own scope.

    state is a folder that keeps the newest serial of each track over a restart (None: it is
    known while this lives). say is told each fault once. Several threads may ask at once.
    """

    def __init__(
        self,
        root: Path,
        trusted: tuple[str, ...],
        channel: str,
        state: Path | None,
        say: Callable[[str], None],
    ) -> None:
        self._root, self._trusted, self._channel = root, trusted, channel
        self._state, self._say = state, say
        self._trust = artifact_trust(trusted)
        self._places: dict[str, _Place] = {}
        self._lock = threading.Lock()

    def answer(self, path: str, if_none_match: str | None, now: int) -> Answer:
        """What to say to a GET at a time (seconds); names outside of the layout are 404."""
        name = path.split("?")[0].removeprefix("/")
        if name == STATUS:
            body = canonical_bytes(self.status(now)) + b"\n"
            headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
            return Answer(200, headers, body)
        track, _, file = name.partition("/")
        if file != BUNDLE or track not in self._tracks():
            return answer(self._root, path, if_none_match)
        place = self._looked_at(track, now)
        if place.good is None or place.good.pointer.expires <= now:
            said = canonical_bytes({"fault": place.fault}) + b"\n"
            return Answer(503, {"Content-Type": "application/json"}, said)
        return with_etag(place.good.data, "application/gzip", "no-cache", if_none_match)

    def status(self, now: int) -> JsonObject:
        """Each track: the bundle in use, for how long, and why it is not what lies there."""
        return {track: _facts(self._looked_at(track, now), now) for track in self._tracks()}

    def _tracks(self) -> list[str]:
        """Those that lie there, and those that did: what was good is not lost with its file."""
        try:
            found = [one for one in self._root.iterdir() if one.is_dir() and not one.is_symlink()]
        except OSError:
            found = []
        there = {one.name for one in found if (one / BUNDLE).is_file()}
        return sorted(there | {track for track, place in list(self._places.items()) if place.good})

    def _looked_at(self, track: str, now: int) -> _Place:
        with self._lock:
            place = self._places.setdefault(track, _Place())
            stamp = self._stamp(track)
            good = place.good
            if stamp != place.stamp or good is None or place.fault is not None:
                place.stamp = stamp
                self._take(track, place, now)
            elif good is not None and good.pointer.expires <= now:
                self._refuse(track, place, f"the pointer of channel {self._channel} expired", now)
            return place

    def _take(self, track: str, place: _Place, now: int) -> None:
        """Put what lies there in use, or say why not."""
        try:
            good = self._verified(track, place, now)
        except HallgateError as error:
            self._refuse(track, place, error.what, now)
            return
        place.good, place.fault, place.since = good, None, None

    def _verified(self, track: str, place: _Place, now: int) -> _Good:
        folder = self._root / track
        data = read_file(folder / BUNDLE, _LARGEST)
        signed = self._pointer_file(track)
        if not signed.is_file():
            raise NotProven(
                f"no {signed.name} lies beside it, so nothing says that it is the newest",
                remedy="let `hallgate bundle pull --place` put both there",
            )
        verified = verify_bundle(data, self._trusted, track)
        pointer = verify_pointer(read_file(signed, _LARGEST_POINTER), self._trust, now)
        seen = follow(pointer, track, self._channel, verified.digest, self._seen(track, place))
        if self._state is not None:
            make_folder(self._state)
            write_atomic(self._state_file(track), seen.written())
        same = place.good is not None and place.good.pointer.digest == pointer.digest
        since = place.good.since if same and place.good is not None else now
        return _Good(data, pointer, since)

    def _seen(self, track: str, place: _Place) -> Seen | None:
        if place.good is not None:
            one = place.good.pointer
            return Seen(one.channel, one.track, one.serial, one.digest)
        if self._state is None or not self._state_file(track).exists():
            return None
        return Seen.read(read_file(self._state_file(track), _LARGEST_POINTER))

    def _refuse(self, track: str, place: _Place, what: str, now: int) -> None:
        if place.fault == what:
            return
        place.fault, place.since = what, now
        good = place.good
        if good is None:
            self._say(f"{track}: nothing is served: {what}")
        else:
            age = max(0, now - good.since)
            words = f"serial {good.pointer.serial}, in use for {age:,} s"
            self._say(f"{track}: refused: {what}; the last good one stays, {words}")

    def _stamp(self, track: str) -> _Stamp:
        return tuple(map(_stat, (self._root / track / BUNDLE, self._pointer_file(track))))

    def _pointer_file(self, track: str) -> Path:
        return self._root / track / f"{self._channel}.json"

    def _state_file(self, track: str) -> Path:
        return (self._state or self._root) / f"{track}.{self._channel}.seen.json"


def _stat(path: Path) -> tuple[int, int, int] | None:
    try:
        facts = path.lstat()
    except OSError:
        return None
    return facts.st_ino, facts.st_size, facts.st_mtime_ns


def _facts(place: _Place, now: int) -> JsonObject:
    good = place.good
    return {
        "age_seconds": None if good is None else max(0, now - good.since),
        "digest": None if good is None else good.pointer.digest,
        "expires": None if good is None else good.pointer.expires,
        "fault": place.fault,
        "refused_since": place.since,
        "serial": None if good is None else good.pointer.serial,
        "version": None if good is None else good.pointer.version,
    }
