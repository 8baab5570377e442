"""Runs the commands of build.py: progress, errors with a remedy, nothing left running.

Standard library only: this runs before there is an environment.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROGRESS_SECONDS = 10.0


class BuildError(Exception):
    """The tools cannot be built; the text says why and what to do."""


def say(text: str) -> None:
    """Print one line at once, even into a pipe."""
    print(f"tools: {text}", flush=True)


def ask(
    command: Sequence[str], cwd: Path, environ: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a short command and return what it says; Go never fetches another Go."""
    environ = {**environ, "GOTOOLCHAIN": "local"}
    return subprocess.run(
        command, cwd=cwd, env=environ, capture_output=True, text=True, errors="replace", check=False
    )


def tail_of(output: str) -> str:
    """Indent the last lines of what a command said."""
    return "\n".join(f"    {line}" for line in output.strip().splitlines()[-12:])


def stop(child: subprocess.Popen[bytes]) -> None:
    """End a child and everything it started."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(5)
    child.wait()


def run_with_progress(
    command: Sequence[str],
    environ: Mapping[str, str],
    log: Path,
    doing: str,
    total: int = 0,
    folder: Path = HERE,
) -> None:
    """Run a command whose standard error has a line per step, and say how far it is."""
    began = shown = time.monotonic()
    with log.open("wb") as errors, log.with_suffix(".out").open("wb") as output:
        child = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            start_new_session=True,  # so that all it starts can be ended with it
        )
        try:
            while child.poll() is None:
                time.sleep(0.1)
                now = time.monotonic()
                if now - shown >= PROGRESS_SECONDS:
                    shown = now
                    say(progress_line(doing, log.read_bytes().count(b"\n"), total, now - began))
        finally:
            if child.poll() is None:
                stop(child)
    if child.returncode:
        raise BuildError(explain(doing, log.read_text("utf-8", "replace")))
    say(f"{doing}: done in {time.monotonic() - began:.0f} s")


def progress_line(doing: str, count: int, total: int, elapsed: float) -> str:
    """Write how far a phase has come."""
    steps = f"{count} of {total} packages" if total else f"{count} modules so far"
    return f"{doing}: {steps}, {elapsed:.0f} s"


def explain(doing: str, output: str) -> str:
    """Turn what a failed command said into a message with a remedy."""
    if "no space left on device" in output.lower():
        remedy = "The disk is full: free some, or point TMPDIR at a disk with room."
    elif "SECURITY ERROR" in output or "checksum mismatch" in output:
        remedy = "A module is not what go.sum promises: do not use it; ask who serves GOPROXY."
    elif "missing go.sum entry" in output or "updates to go.mod" in output:
        remedy = "go.mod and go.sum do not agree: restore both with `git checkout tools/go`."
    else:
        remedy = "Check the network (or GOPROXY, HTTPS_PROXY), then run `make tools` again."
    return f"{doing} failed:\n{tail_of(output)}\n{remedy}"
