"""Which records must be kept, may go or must go; never which go: people approve that.

A decision is in effect until a later one about the same model and stage; evidence and
approvals take the classes of the decisions that rest on them. Where minimum and maximum
contradict one another, the record is kept and the conflict is named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from hallgate.model.errors import HallgateError, NotProven
from hallgate.model.retention import DISPOSAL, LAST_IN_EFFECT, Hold, RetentionClass, Standing
from hallgate.model.values import JsonObject, JsonValue
from hallgate.record.canonical import canonical_bytes, parse_json, sha256_digest
from hallgate.record.decision_statement import read_decision_statement
from hallgate.record.dsse import envelope_payload
from hallgate.record.files import read_blob
from hallgate.record.log.entry import Entry
from hallgate.record.log.folder import Log
from hallgate.record.statement import parse_statement

_URI = "urn:hallgate:promotion:"


@dataclass(frozen=True, slots=True)
class Facts:
    """What retention asks about one record.

    statements are digests of the statements it holds or, for a decision, rests on; blobs are
    digests of files that it alone may need. ended is when it last was in effect, None while it
    is. sector and the rest are None or empty where nobody knows them; action is what an approval
    is about.
    """

    index: int
    entry: Entry
    there: bool
    model: str | None = None
    digest: str | None = None
    stage: str | None = None
    sector: str | None = None
    jurisdictions: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()
    blobs: tuple[str, ...] = ()
    action: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """How one record stands; times in seconds, None where there is none."""

    facts: Facts
    standing: Standing
    classes: tuple[str, ...]
    keep_until: int | None
    dispose_by: int | None
    holds: tuple[str, ...]
    why: str


def add_months(seconds: int, months: int) -> int:
    """The same day of the month so many months on, or the last one it has (UTC)."""
    start = datetime.fromtimestamp(seconds, UTC)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    day = start.day
    while True:
        try:
            return int(start.replace(year=year, month=month + 1, day=day).timestamp())
        except ValueError:
            day -= 1


def plan_retention(
    log: Log, classes: Sequence[RetentionClass], holds: Sequence[Hold], at: int,
    erased: frozenset[str] = frozenset(),
) -> tuple[Kept, ...]:  # fmt: skip
    """How every record of a sound log stands at a time (seconds); erased are digests."""
    facts = [read_facts(log, index, entry) for index, entry in log.entries()]
    ended = _ends(facts)
    resting: dict[str, list[Facts]] = {}
    for one in facts:
        for digest in one.statements if one.entry.kind == "decision" else ():
            resting.setdefault(digest, []).append(one)
    return tuple(_stand(one, resting, ended, classes, holds, at, erased) for one in facts)


def read_facts(log: Log, index: int, entry: Entry) -> Facts:
    """What is known of one record; a missing or broken one has no facts, and no class ends it."""
    try:
        value = parse_json(log.record(entry))
    except NotProven:
        return Facts(index, entry, there=(log.folder / entry.path).exists())
    except HallgateError:
        return Facts(index, entry, there=True)
    try:
        return _READERS[entry.kind](log, index, entry, _object(value))
    except (HallgateError, KeyError, TypeError):
        return Facts(index, entry, there=True)


def _decision(log: Log, index: int, entry: Entry, value: JsonObject) -> Facts:
    claims = read_decision_statement(parse_statement(envelope_payload(_object(value["decision"]))))
    summary = parse_statement(envelope_payload(_object(value["vsa"])))
    stage = str(summary.predicate["resourceUri"]).removeprefix(_URI).rpartition(":")[2]
    request = _object(_object(parse_json(read_blob(log.folder, claims.input)))["request"])
    use = request.get("use")
    use = use if isinstance(use, Mapping) else {}
    waivers = () if claims.waivers is None else (claims.waivers,)
    sector = request.get("sector")
    return Facts(
        index, entry, True, claims.model, claims.digest, stage,
        None if sector is None else str(sector), _words(use.get("jurisdictions")),
        _words(use.get("data")), claims.evidence, (claims.input, claims.policies, *waivers),
    )  # fmt: skip


def _signed(log: Log, index: int, entry: Entry, value: JsonObject) -> Facts:
    payload = envelope_payload(value)
    said = parse_statement(payload)
    return Facts(index, entry, True, said.name, said.digest, statements=(sha256_digest(payload),))


def _approval(log: Log, index: int, entry: Entry, value: JsonObject) -> Facts:
    statement = _object(value["statement"])
    digest = sha256_digest(canonical_bytes(statement))
    subject = parse_statement(canonical_bytes(statement))
    action = str(subject.predicate.get("action"))
    return Facts(
        index, entry, True, subject.name, subject.digest, action=action, statements=(digest,)
    )


_READERS: Mapping[str, Callable[[Log, int, Entry, JsonObject], Facts]] = {
    "decision": _decision,
    "evidence": _signed,
    "approval": _approval,
    "tombstone": _signed,
}


def _ends(facts: Sequence[Facts]) -> dict[int, int]:
    """By index of a decision when a later one took its place; those in effect are missing."""
    found: dict[int, int] = {}
    newest: dict[tuple[str | None, str | None], Facts] = {}
    for one in facts:
        if one.entry.kind != "decision" or one.model is None:
            continue
        before = newest.get((one.model, one.stage))
        if before is not None:
            found[before.index] = one.entry.at
        newest[one.model, one.stage] = one
    return found


def _stand(
    one: Facts,
    resting: Mapping[str, Sequence[Facts]],
    ended: Mapping[int, int],
    classes: Sequence[RetentionClass],
    holds: Sequence[Hold],
    at: int,
    erased: frozenset[str],
) -> Kept:
    over = [one]
    if one.entry.kind != "decision":
        over = [found for digest in one.statements for found in resting.get(digest, ())]
    held = tuple(hold.id for hold in holds if _holds(hold, one, over))
    fitting = [found for found in classes if any(_fits(found, one, by) for by in (over or [one]))]
    lows: list[tuple[int | None, str]] = []
    highs: list[tuple[int, str]] = []
    for found in fitting:
        start = _start(found, one, over, ended)
        if found.minimum is not None:
            lows.append((None if start is None else add_months(start, found.minimum), found.id))
        if found.maximum is not None and start is not None:
            highs.append((add_months(start, found.maximum), found.id))
    open_end = any(low is None for low, _ in lows)
    low = max(((when, name) for when, name in lows if when is not None), default=None)
    high = min(highs, default=None)
    standing, why = _verdict(one, fitting, held, open_end, low, high, at, erased)
    return Kept(
        one, standing, tuple(found.id for found in fitting),
        None if open_end or low is None else low[0], None if high is None else high[0], held, why,
    )  # fmt: skip


def _verdict(
    one: Facts, fitting: Sequence[RetentionClass], held: Sequence[str], open_end: bool,
    low: tuple[int, str] | None, high: tuple[int, str] | None, at: int, erased: frozenset[str],
) -> tuple[Standing, str]:  # fmt: skip
    if one.entry.kind == "tombstone":
        return Standing.KEPT, "a tombstone is kept for ever"
    if one.action == DISPOSAL:
        return Standing.KEPT, "an approval of a disposal is kept for ever, like its tombstones"
    if one.entry.record in erased and not one.there:
        return Standing.ERASED, "erased, with a tombstone"
    if held:
        return Standing.HELD, f"held by {', '.join(held)}"
    if not fitting:
        return Standing.UNASSIGNED, "no class fits it: it is kept until one does"
    if low is not None and high is not None and low[0] > high[0]:
        return Standing.CONFLICT, f"{low[1]} keeps it longer than {high[1]} allows"
    if open_end:
        return Standing.IN_EFFECT, "what rests on it is in effect"
    if low is not None and at < low[0]:
        return Standing.KEPT, f"{low[1]} keeps it"
    if high is not None and at >= high[0]:
        return Standing.OVERDUE, f"{high[1]} wants it gone"
    return Standing.DISPOSABLE, "no class keeps it any longer"


def _start(
    found: RetentionClass, one: Facts, over: Sequence[Facts], ended: Mapping[int, int]
) -> int | None:
    """When a class begins to count; None while what it counts from has not happened."""
    if found.counted_from != LAST_IN_EFFECT or not over:
        return one.entry.at
    times = [ended.get(by.index) for by in over if _fits(found, one, by)]
    known = [when for when in times if when is not None]
    return max(known) if len(known) == len(times) else None


def _fits(found: RetentionClass, one: Facts, by: Facts) -> bool:
    return (
        (found.kinds is None or one.entry.kind in found.kinds)
        and (found.sectors is None or by.sector in found.sectors)
        and (found.jurisdictions is None or bool({*found.jurisdictions} & {*by.jurisdictions}))
        and (found.data is None or bool({*found.data} & {*by.data}))
    )


def _holds(hold: Hold, one: Facts, over: Sequence[Facts]) -> bool:
    """Whether a hold covers a record; in doubt, for want of facts, it does."""
    if hold.lifted:
        return False
    if hold.record is not None and hold.record != one.entry.record:
        return False
    if hold.since is not None and one.entry.at < hold.since:
        return False
    if hold.until is not None and one.entry.at >= hold.until:
        return False
    models = {(by.model, by.digest) for by in (one, *over)}
    named = hold.model is None or any(name in (None, hold.model) for name, _ in models)
    same = hold.digest is None or any(digest in (None, hold.digest) for _, digest in models)
    return named and same


def _words(value: JsonValue) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list) else ()


def _object(value: JsonValue) -> JsonObject:
    if not isinstance(value, Mapping):
        raise TypeError("an object was promised")
    return value
