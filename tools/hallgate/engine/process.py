"""Runs OPA with nothing in its environment but what a program needs to start."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from hallgate import child
from hallgate.child import Finished

_REMEDIES = child.Remedies(
    missing="run `make tools`, or set HALLGATE_OPA to an opa you trust",
    slow="raise --timeout, or look for a rule that walks large evidence many times",
)
# OPA reads OPA_* settings otherwise.
_KEPT = ("PATH", "HOME", "TMPDIR", "SYSTEMROOT", "GOMAXPROCS", "GOGC", "GOMEMLIMIT")


def run(
    command: Sequence[str], *, stdin: bytes, timeout: float, cwd: Path | None = None
) -> Finished:
    """Run the engine; raises EngineMissing and EngineTimeout, see hallgate.child."""
    return child.run(
        command,
        stdin=stdin,
        timeout=timeout,
        environment=environment(),
        remedies=_REMEDIES,
        cwd=cwd,
    )


@contextlib.contextmanager
def serving(command: Sequence[str], log: Path) -> Iterator[Callable[[], bool]]:
    """Run the engine as a server, see hallgate.child.serving()."""
    with child.serving(command, log=log, environment=environment(), remedies=_REMEDIES) as running:
        yield running


def environment() -> dict[str, str]:
    """What the engine finds in its environment."""
    # Collecting garbage less often costs memory and saves a third of a batch's time.
    return {"GOGC": "400", **child.inherited(*_KEPT)}
