"""Runs child processes that are never left behind: opa, ssh-keygen, git."""

from __future__ import annotations

import contextlib
import logging
import os
import resource
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
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


@dataclass(frozen=True, slots=True)
class Remedies:
    """What to do where the program is missing, and where it takes too long."""

    missing: str
    slow: str


def run(
    command: Sequence[str],
    *,
    stdin: bytes,
    timeout: float,
    environment: Mapping[str, str],
    remedies: Remedies,
    cwd: Path | None = None,
) -> Finished:
    """Run a command in a session of its own, with this environment and no other.

    The whole group is killed when the time (seconds) is over or the caller is
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
            env=dict(environment),
            start_new_session=True,
        )
    except OSError as error:
        raise EngineMissing(
            f"{command[0]} cannot be started: {error.strerror}", remedy=remedies.missing
        ) from error
    with _ended(child):
        _limit_cpu(child.pid, timeout)
        try:
            stdout, stderr = child.communicate(stdin, timeout=timeout)
        except subprocess.TimeoutExpired as error:
            raise EngineTimeout(
                f"{Path(command[0]).name} did not answer within {timeout:g} s",
                remedy=remedies.slow,
            ) from error
    seconds = time.monotonic() - started
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    log.debug("%s: %.3f s, at most %d KiB", Path(command[0]).name, seconds, peak)
    return Finished(child.returncode, stdout, stderr, seconds, peak)


# Ends the server when its standard input closes, which also a killed parent brings about.
_WATCH = '"$@" </dev/null & server=$!; read -r _; kill -KILL "$server"'


@contextlib.contextmanager
def serving(
    command: Sequence[str], *, log: Path, environment: Mapping[str, str], remedies: Remedies
) -> Iterator[Callable[[], bool]]:
    """Run a server for the time of a `with`; yields a question: is it still running?

    Its output goes to the log. It ends with the block, and also when this process is killed.
    Raises EngineMissing where it cannot be started.
    """
    if not os.access(command[0], os.X_OK):
        raise EngineMissing(f"{command[0]} cannot be started", remedy=remedies.missing)
    with log.open("wb") as out:
        watch = subprocess.Popen(
            ["/bin/sh", "-c", f"{_WATCH}; wait", "sh", *command],
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            start_new_session=True,
        )
    with _ended(watch):
        yield lambda: watch.poll() is None


def inherited(*names: str) -> dict[str, str]:
    """The named variables of this process's environment, where they are set."""
    return {name: os.environ[name] for name in names if name in os.environ}


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
