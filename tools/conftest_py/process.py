"""Running a binary: nothing inherited, a time limit, and the whole group killed after it."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from conftest_py.errors import BinaryError, RunError, RunKilledError, RunTimeoutError, UsageError
from conftest_py.workspace import Workspace

NETWORK_VARIABLES = (
    "PATH",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "https_proxy",
    "http_proxy",
    "no_proxy",
)


@dataclass(frozen=True, slots=True)
class Completed:
    """A process that ended with exit code 0 or 1, the only two that carry an answer."""

    code: int
    stdout: bytes
    stderr: str


def check_binary(binary: Path) -> Path:
    """Refuse anything but the absolute path of an executable file; PATH is never searched."""
    if not isinstance(binary, Path):
        raise UsageError("the binary must be a pathlib.Path")
    if not binary.is_absolute():
        raise UsageError(f"the path of the binary must be absolute, not {binary}")
    if not binary.is_file() or not os.access(binary, os.X_OK):
        raise BinaryError(f"{binary} is not an executable file")
    return binary


def network_environment(docker_config: Path | None) -> dict[str, str]:
    """The few variables a download needs: PATH (git), certificates, proxies, credentials."""
    found = {name: os.environ[name] for name in NETWORK_VARIABLES if name in os.environ}
    if docker_config is not None:
        found["DOCKER_CONFIG"] = str(docker_config)
    return found


def run(
    binary: Path,
    arguments: Sequence[str],
    place: Workspace,
    timeout: float,
    *,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Completed:
    """Run a binary in a workspace, with a scrubbed environment and no standard input."""
    scrubbed = {
        # Collecting garbage less often costs memory and saves a third of a run's time.
        "GOGC": "400",
        **(environment or {}),
        "HOME": str(place.home),
        "XDG_DATA_HOME": str(place.plugins),
        "TMPDIR": str(place.temporary),
    }
    try:
        process = subprocess.Popen(
            [str(binary), *arguments],
            cwd=cwd or place.cwd,
            env=scrubbed,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise BinaryError(f"{binary} cannot be started: {error}") from error
    try:
        stdout, stderr = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired as error:
        _kill_group(process)
        raise RunTimeoutError(f"{binary.name} {arguments[0]} took more than {timeout} s") from error
    except BaseException:
        _kill_group(process)
        raise
    said = stderr.decode("utf-8", "replace").strip()
    if process.returncode < 0:
        raise RunKilledError(
            f"{binary.name} {arguments[0]} was ended by signal {-process.returncode}"
        )
    if process.returncode > 1:
        raise RunError(f"{binary.name} {arguments[0]} ended with {process.returncode}: {said}")
    return Completed(process.returncode, stdout, said)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(OSError):
        process.communicate()
