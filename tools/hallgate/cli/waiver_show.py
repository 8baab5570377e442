"""Lists, shows, verifies and archives waivers."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from hallgate.cli.wiring import Workplace, now
from hallgate.decide.waiver_checks import waiver_faults
from hallgate.decide.waiver_status import Standing, standings
from hallgate.intake.rfc3339 import text as rfc3339
from hallgate.intake.waiver_archive import read_ended
from hallgate.intake.waivers import ARCHIVE, load_waivers
from hallgate.model.documents import Waiver
from hallgate.model.errors import StorageError, UsageError
from hallgate.publish.report.waivers import ended_row, render_waivers, row_of, show_waiver

_DAY = 86_400
_HOLDS = frozenset({"in_force", "expiring"})
_PUT_AWAY = frozenset({"expired", "renewed", "revoked", "withdrawn"})


def run(options: argparse.Namespace) -> int:
    """list, due, show, verify or archive."""
    place = Workplace(options)
    moment = now()
    if options.form == "verify":
        return _verify(place, options.waiver, moment)
    if options.form == "show":
        waiver = find(place, options.waiver, moment)
        sys.stdout.write(show_waiver(waiver, _stand(place, moment)[1][waiver.id]))
        return 0
    waivers, stand = _stand(place, moment)
    if options.form == "archive":
        return _archive(place, waivers, stand, moment)
    rows = [row_of(one, stand[one.id]) for one in waivers]
    if options.form == "due":
        until = moment + options.within * _DAY
        rows = [
            one
            for one in rows
            if one.standing and one.standing.is_open and min(one.expires, one.due) <= until
        ]
        rows.sort(key=lambda one: (min(one.expires, one.due), one.id))
    else:
        if options.all:
            rows += [ended_row(one) for one in read_ended(folder_of(place), place.schemas)]
        rows = [one for one in rows if not options.status or one.status in options.status]
    sys.stdout.write(render_waivers(rows, options.format))
    return 0


def folder_of(place: Workplace) -> Path:
    """Where waivers lie."""
    said: Path | None = place.options.waivers
    return said or place.repository.exceptions


def find(place: Workplace, name: str, moment: int) -> Waiver:
    """The waiver with this id; raises UsageError where there is none."""
    for waiver in place.waivers(moment):
        if waiver.id.casefold() == name.casefold():
            return waiver
    raise UsageError(
        f"there is no waiver {name} in {folder_of(place)}", remedy="see `hallgate waiver list`"
    )


def _stand(place: Workplace, moment: int) -> tuple[tuple[Waiver, ...], Mapping[str, Standing]]:
    waivers = place.waivers(moment)
    return waivers, standings(place.engine, place.policies.bundle, waivers, moment)


def _verify(place: Workplace, name: str | None, moment: int) -> int:
    """Say how each waiver stands, which words do not count, and what governance finds."""
    folder = folder_of(place)
    history = place.history
    live = place.policies.live
    waivers = place.waivers(moment)
    found = load_waivers(folder, place.trust, place.schemas, history=history, live=live, at=moment)
    faults = [*found.not_counted]
    faults += waiver_faults(
        place.repository, place.engine, place.policies, waivers,
        read_ended(folder, place.schemas), at=moment,
    )  # fmt: skip
    chosen = waivers if name is None else (find(place, name, moment),)
    stand = standings(place.engine, place.policies.bundle, waivers, moment)
    if history.why_unknown is not None:
        sys.stderr.write(f"hallgate: no waiver holds here: {history.why_unknown}\n")
    for waiver in chosen:
        about = [one for one in faults if one.where and waiver.id in one.where.file]
        sys.stdout.write(f"{waiver.id}  {stand[waiver.id].status}\n")
        sys.stdout.writelines(f"  {one.what}\n    {one.remedy}\n" for one in about)
    return 0 if all(stand[one.id].status in _HOLDS for one in chosen) else 1


def _archive(
    place: Workplace, waivers: tuple[Waiver, ...], stand: Mapping[str, Standing], moment: int
) -> int:
    folder = folder_of(place)
    for waiver in waivers:
        expires = waiver.document["expires"]
        over = isinstance(expires, int) and expires <= moment
        status = stand[waiver.id].status
        if status not in _PUT_AWAY or (status == "renewed" and not over):
            continue
        source = Path(waiver.file)
        target = folder / ARCHIVE / rfc3339(moment)[:4]
        target.mkdir(parents=True, exist_ok=True)
        for path in sorted(source.parent.glob(f"{waiver.id}.*")):
            _move(path, target / path.name)
        sys.stdout.write(f"{target / source.name}  {status}\n")
    return 0


def _move(path: Path, target: Path) -> None:
    """By Git where it knows the file, so that the history goes along."""
    if target.exists():
        raise StorageError(f"{target} is there already", remedy="mend the archive by hand")
    command = ["git", "-C", str(path.parent), "mv", str(path.resolve()), str(target.resolve())]
    try:
        done = subprocess.run(command, capture_output=True, timeout=60, check=False)
        if done.returncode == 0:
            return
    except OSError:
        pass  # no Git here; then there is no history to keep
    path.rename(target)
