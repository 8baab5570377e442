"""Runs one child process that is never left behind."""

from __future__ import annotations

import contextlib
import logging
import os
import resource
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hallgate.model.errors import EngineMissing, EngineTimeout

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Finished:
    """What a process left: seconds is wall time, peak_kib the largest child of this run so far."""

    code: int
    stdout: bytes
    stderr: bytes
    seconds: float
    peak_kib: int


def run(
    command: Sequence[str], *, stdin: bytes, timeout: float, cwd: Path | None = None
) -> Finished:
    """Run a command in a session of its own with a scrubbed environment.

    The whole group is killed when the time is over or the caller is
    interrupted. CPU time is limited by the kernel too, so that the child ends
    even if this process is killed first.

    Raises EngineMissing where the program cannot be started and EngineTimeout
    where it does not end in time.
    """
    started = time.monotonic()
    try:
        child = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env=_environment(),
            start_new_session=True,
        )
    except OSError as error:
        raise EngineMissing(
            f"{command[0]} cannot be started: {error.strerror}",
            remedy="run `make tools`, or set HALLGATE_OPA to an opa you trust",
        ) from error
    with _ended(child):
        _limit_cpu(child.pid, timeout)
        try:
            stdout, stderr = child.communicate(stdin, timeout=timeout)
        except subprocess.TimeoutExpired as error:
            raise EngineTimeout(
                f"{Path(command[0]).name} did not answer within {timeout:g} s",
                remedy="raise --timeout, or look for a rule that walks large evidence many times",
            ) from error
    seconds = time.monotonic() - started
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    log.debug("%s: %.3f s, at most %d KiB", Path(command[0]).name, seconds, peak)
    return Finished(child.returncode, stdout, stderr, seconds, peak)


@contextlib.contextmanager
def _ended(child: subprocess.Popen[bytes]) -> Iterator[None]:
    try:
        yield
    finally:
        if child.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.communicate()


def _limit_cpu(pid: int, timeout: float) -> None:
    # prlimit is Linux's; elsewhere the wall clock above is the only limit.
    if not hasattr(resource, "prlimit"):
        return
    cores = os.cpu_count() or 1
    seconds = max(1, int(timeout * cores) + 1)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        resource.prlimit(pid, resource.RLIMIT_CPU, (seconds, seconds))


def _environment() -> dict[str, str]:
    """Only what a program needs to start: OPA reads OPA_* settings otherwise."""
    kept = ("PATH", "HOME", "TMPDIR", "SYSTEMROOT", "GOMAXPROCS", "GOGC", "GOMEMLIMIT")
    # Collecting garbage less often costs memory and saves a third of a batch's time.
    return {"GOGC": "400", **{name: os.environ[name] for name in kept if name in os.environ}}
