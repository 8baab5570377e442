"""What a consuming team takes: tracks/<name>.yaml. Times are seconds since 1970."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hallgate.intake.document import Document
from hallgate.intake.files import read_file
from hallgate.intake.narrow import a_list, a_text, an_integer, an_object, text_or_none, texts
from hallgate.intake.positions import Pointer
from hallgate.intake.schema import Schemas
from hallgate.intake.yaml_strict import parse_yaml
from hallgate.model.errors import Fault, InvalidDocument, UsageError
from hallgate.model.values import JsonObject, JsonValue, Tier

ALL = "all"
WAIVERS = "waivers"  # the scope of the bundle of waivers
"""The name of the bundle that no track narrows; no track may bear it."""

BASELINE_DAYS = 365

LIMIT = 256 * 1024
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class TighterLimit:
    """A limit of one quantity (empty where it is the only one) and tier; at is its place."""

    policy: str
    quantity: str
    tier: Tier
    limit: int
    at: Pointer


@dataclass(frozen=True, slots=True)
class OtherDate:
    """When a policy comes into force for the track instead; at is its place."""

    policy: str
    since: int
    at: Pointer


@dataclass(frozen=True, slots=True)
class Baselined:
    """An existing model that a policy only observes from since until just before until.

    model_at and policy_at are their places.
    """

    model: str
    policy: str
    since: int
    until: int
    model_at: Pointer = field(repr=False, compare=False)
    policy_at: Pointer = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Track:
    """One team's choice: earlier brings dates forward, rollout postpones them.

    baseline is None where there never was one, and empty where it is used up.
    """

    name: str
    title: str
    families: tuple[str, ...]
    frameworks: tuple[str, ...]
    limits: tuple[TighterLimit, ...]
    earlier: tuple[OtherDate, ...]
    rollout: tuple[OtherDate, ...]
    baseline: tuple[Baselined, ...] | None
    document: Document = field(repr=False, compare=False)

    def fault(self, at: Pointer, what: str, remedy: str) -> Fault:
        """A fault at a place of the track's file."""
        return Fault(what, self.document.locate(at), remedy)


def read_track(folder: Path, name: str, schemas: Schemas) -> Track:
    """The track of this name in a folder of tracks.

    What it says of policies is not yet compared with them. Raises UsageError where
    there is no such track, InvalidDocument with every fault of the file.
    """
    known = sorted(path.stem for path in folder.glob("*.yaml"))
    if name not in known:
        words = f"known are {', '.join(known)}" if known else "there are none in tracks/"
        raise UsageError(f"there is no track {name!r}", remedy=words)
    path = folder / f"{name}.yaml"
    document = parse_yaml(read_file(path, LIMIT), str(path), limit=LIMIT)
    schemas.validate(document, "track")
    track = _track(an_object(schemas.plan("track").apply(document.value)), document)
    faults = _faults(track, path.stem)
    if faults:
        raise InvalidDocument(tuple(faults))
    return track


def read_tracks(folder: Path, schemas: Schemas) -> tuple[dict[str, Track], tuple[Fault, ...]]:
    """Every track of a folder by name, and every fault of those that cannot be read."""
    found: dict[str, Track] = {}
    faults: list[Fault] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            found[path.stem] = read_track(folder, path.stem, schemas)
        except InvalidDocument as error:
            faults.extend(error.faults)
    return found, tuple(faults)


def earlier_baseline(data: bytes, file: str, schemas: Schemas) -> tuple[Baselined, ...] | None:
    """The baseline in a text that a track's file had; None where it had none.

    Empty where today's schema cannot read it: no entry of it is known then.
    """
    try:
        document = parse_yaml(data, file, limit=LIMIT)
        if isinstance(document.value, dict) and document.value.get("baseline") is None:
            return None
        schemas.validate(document, "track")
    except InvalidDocument:
        return ()
    return _baseline(an_object(schemas.plan("track").apply(document.value))["baseline"])


def _track(value: JsonObject, document: Document) -> Track:
    return Track(
        name=a_text(value["track"]),
        title=a_text(value["title"]),
        families=texts(value["families"]),
        frameworks=texts(value["frameworks"]),
        limits=tuple(
            _tighter(an_object(one), ("limits", index))
            for index, one in enumerate(a_list(value["limits"]))
        ),
        earlier=_dates(value, "dates", "effective_from"),
        rollout=_dates(value, "rollout", "enforce_from"),
        baseline=_baseline(value["baseline"]),
        document=document,
    )


def _tighter(one: JsonObject, at: Pointer) -> TighterLimit:
    return TighterLimit(
        policy=a_text(one["policy"]),
        quantity=text_or_none(one["quantity"]) or "",
        tier=Tier(a_text(one["tier"])),
        limit=an_integer(one["limit"]),
        at=at,
    )


def _dates(value: JsonObject, part: str, member: str) -> tuple[OtherDate, ...]:
    entries = [an_object(one) for one in a_list(value[part])]
    return tuple(
        OtherDate(a_text(one["policy"]), an_integer(one[member]), (part, index))
        for index, one in enumerate(entries)
    )


def _baseline(value: JsonValue) -> tuple[Baselined, ...] | None:
    if value is None:
        return None
    return tuple(
        Baselined(
            model,
            policy,
            an_integer(one["since"]),
            an_integer(one["until"]),
            ("baseline", index, "models", first),
            ("baseline", index, "policies", second),
        )
        for index, one in enumerate(map(an_object, a_list(value)))
        for first, model in enumerate(texts(one["models"]))
        for second, policy in enumerate(texts(one["policies"]))
    )


def _faults(track: Track, stem: str) -> list[Fault]:
    faults = []
    if track.name != stem:
        words = f"{track.name!r} is not the file's name"
        faults.append(track.fault(("track",), words, "rename one of them"))
    if track.name in (ALL, WAIVERS):
        words = f"{track.name!r} is a bundle that no track narrows"
        faults.append(track.fault(("track",), words, "choose another name"))
    for part, names in (("families", track.families), ("frameworks", track.frameworks)):
        for index, name in enumerate(names):
            if name in names[:index]:
                faults.append(track.fault((part, index), f"{name} stands here twice", "keep one"))
    seen: set[object] = set()
    for limit in track.limits:
        key = (limit.policy, limit.quantity, limit.tier)
        if key in seen:
            words = f"{limit.policy} has two limits for tier {limit.tier.value}"
            faults.append(track.fault((*limit.at, "tier"), words, "keep the tighter one"))
        seen.add(key)
    for date in (*track.earlier, *track.rollout):
        if date.policy in seen:
            words = f"{date.policy} has two dates"
            faults.append(track.fault((*date.at, "policy"), words, "keep one of them"))
        seen.add(date.policy)
    return [*faults, *_baseline_faults(track)]


def _baseline_faults(track: Track) -> Iterator[Fault]:
    seen: set[tuple[str, str]] = set()
    timed: set[Pointer] = set()
    for one in track.baseline or ():
        if (one.model, one.policy) in seen:
            words = f"{one.policy} stands here twice for {one.model}"
            yield track.fault(one.policy_at, words, "keep the earlier until")
        seen.add((one.model, one.policy))
        entry = one.policy_at[:2]
        if entry not in timed and not one.since < one.until <= one.since + BASELINE_DAYS * _DAY:
            words = f"a baseline ends after it begins, and within {BASELINE_DAYS} days"
            yield track.fault((*entry, "until"), words, "give a day within that time")
        timed.add(entry)
