"""Runs ssh-keygen without a terminal, a prompt or a process left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hallgate.model.errors import EngineError, EngineTimeout

TIMEOUT = 20.0
_KEPT = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True)
class Answer:
    """What ssh-keygen left."""

    code: int
    stdout: bytes
    stderr: str


def run(
    program: str,
    arguments: Sequence[str],
    stdin: bytes,
    *,
    agent: bool = False,
    timeout: float = TIMEOUT,
) -> Answer:
    """Run ssh-keygen in a session of its own; timeout in seconds.

    It gets no terminal and no askpass program, and the SSH agent only when asked for.
    Raises EngineError where it cannot be started or a signal ended it, EngineTimeout where
    it does not end in time; its whole group is killed then.
    """
    try:
        child = subprocess.Popen(
            [program, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(agent),
            start_new_session=True,
        )
    except OSError as error:
        raise EngineError(
            f"{program} cannot be started: {error.strerror}",
            remedy="install OpenSSH 8.2 or later (Debian: openssh-client)",
        ) from error
    with _ended(child):
        try:
            stdout, stderr = child.communicate(stdin, timeout=timeout)
        except subprocess.TimeoutExpired as error:
            raise EngineTimeout(
                f"{program} did not answer within {timeout:g} s",
                remedy="check the SSH agent and the load of this machine, then try again",
            ) from error
    if child.returncode < 0:
        raise EngineError(f"{program} was ended by signal {-child.returncode}", remedy="try again")
    return Answer(child.returncode, stdout, stderr.decode("utf-8", "replace").strip())


@contextlib.contextmanager
def _ended(child: subprocess.Popen[bytes]) -> Iterator[None]:
    try:
        yield
    finally:
        if child.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.communicate()


def _environment(agent: bool) -> dict[str, str]:
    kept = (*_KEPT, "SSH_AUTH_SOCK") if agent else _KEPT
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    return environment | {"LC_ALL": "C", "SSH_ASKPASS_REQUIRE": "never"}
