"""Runs ssh-keygen without a terminal, a prompt or a process left behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hallgate import child
from hallgate.model.errors import EngineError

TIMEOUT = 20.0
_KEPT = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH")
_REMEDIES = child.Remedies(
    missing="install OpenSSH 8.2 or later (Debian: openssh-client)",
    slow="check the SSH agent and the load of this machine, then try again",
)


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
    kept = (*_KEPT, "SSH_AUTH_SOCK") if agent else _KEPT
    done = child.run(
        [program, *arguments],
        stdin=stdin,
        timeout=timeout,
        environment=child.inherited(*kept) | {"LC_ALL": "C", "SSH_ASKPASS_REQUIRE": "never"},
        remedies=_REMEDIES,
    )
    if done.code < 0:
        raise EngineError(f"{program} was ended by signal {-done.code}", remedy="try again")
    return Answer(done.code, done.stdout, done.stderr.decode("utf-8", "replace").strip())
