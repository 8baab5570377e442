"""RFC 3161 timestamps on kept checkpoints, by openssl."""

from __future__ import annotations

import datetime
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hallgate.publish.pack.verifier.proofs import checkpoint
from hallgate.publish.pack.verifier.state import BROKEN, Pack, Report
from hallgate.publish.pack.verifier.trusted import SKEW, text

KEPT = "log/kept"
TOKEN = re.compile(r"(\d{12}(?:\.[0-9a-f]{8})?)\.([a-z][a-z0-9-]{0,62})\.tsr")
_STAMPED = re.compile(r"^Time stamp: (\w{3} [ \d]\d \d\d:\d\d:\d\d)(?:\.\d+)? (\d{4}) GMT$", re.M)


def check_times(
    pack: Pack, entries: list[dict[str, Any]], root: Path | None, report: Report
) -> None:
    """Each token is over its own checkpoint and by the auditor's authority.

    The authority's certificate is judged at the time in the token, not now: that evidence
    outlives keys is what timestamps are for.
    """
    names = sorted(one for one in pack.files()[0] if one.startswith(f"{KEPT}/"))
    tokens = [name for name in names if name.endswith(".tsr")]
    if not tokens:
        report.unchecked.append("when the log was as it is: there is no timestamp in this pack")
    elif root is None:
        report.unchecked.append(f"{len(tokens)} timestamps: give --tsa-root")
    elif shutil.which("openssl") is None:
        report.unchecked.append(f"{len(tokens)} timestamps, for want of openssl")
    else:
        for token in tokens:
            try:
                _check(pack, token, root, entries, report)
            except BROKEN as error:
                report.wrong.append(f"{token}: no timestamp that can be read: {error}")


def _check(
    pack: Pack, token: str, root: Path, entries: list[dict[str, Any]], report: Report
) -> None:
    name = TOKEN.fullmatch(token.removeprefix(f"{KEPT}/"))
    if name is None:
        raise ValueError("its name is not <size>.<authority>.tsr")
    note = f"{KEPT}/{name[1]}.checkpoint"
    if not pack.has(note):
        raise ValueError(f"its checkpoint {note} is missing")
    pack.data(token)  # a plain file of the pack
    size = checkpoint(pack.data(note))[1]
    at = stamped_at(pack.folder / token)
    words = ["-in", pack.folder / token, "-data", pack.folder / note, "-CAfile", root]
    done = _openssl("ts", "-verify", "-attime", str(at), *words)
    if done.returncode != 0:
        why = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        why = next((one for one in done.stderr.splitlines() if "erify error" in one), why).strip()
        report.wrong.append(f"{token}: no timestamp of your authority over {note}: {why}")
        return
    last = entries[size - 1]["at"] if 0 < size <= len(entries) else 0
    report.check(
        last <= at + SKEW,
        f"{token}: your authority saw these {size} entries at {text(at)}",
        f"{token}: stamped at {text(at)}, and its last entry says {text(last)}: the log's clock was"
        " ahead",
    )


def stamped_at(token: Path) -> int:
    """The time in a timestamp answer, as it says of itself (seconds since 1970)."""
    shown = _openssl("ts", "-reply", "-in", token, "-text").stdout
    found = _STAMPED.search(shown)
    if found is None:
        raise ValueError("it holds no time")
    when = datetime.datetime.strptime(f"{found[1]} {found[2]} +0000", "%b %d %H:%M:%S %Y %z")
    return int(when.timestamp())


def _openssl(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["openssl", *map(str, words)], capture_output=True, text=True, check=False
    )
