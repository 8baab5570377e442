"""The installed command in a process of its own, forked from one that has imported it.

A fresh interpreter spends half of a short command's time on imports. So one process per test
run loads the installed `hallgate` once, does nothing, and forks for every call: each call still
has a process, an environment, a folder, files and an exit code of its own, and ends as a
program does. What Python reads when it starts cannot be given that way: then, and for the first
call of each command in a run, a new interpreter is started as a shell would.
"""

from __future__ import annotations

import array
import atexit
import gc
import importlib
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path

COMMAND = Path(sys.executable).with_name("hallgate")
# Read by the interpreter, the loader or GitPython before any line of ours runs.
_AT_START = ("PYTHON", "LC_", "LANG", "LD_", "MALLOC_", "PATH", "GIT_PYTHON_")
# They start threads, or need what may not be installed; a command that wants them imports them.
_NOT_YET = ("hallgate.measure", "hallgate.testing.plugin", "hallgate.cli.measure")
# What many commands import where they use it.
_USED_LATER = ("git", "jsonschema_rs", "cryptography.hazmat.backends.openssl.backend")
_LENGTH = 8
_RUN: list[Path] = []


def run(
    arguments: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str], timeout: float
) -> subprocess.CompletedProcess[bytes]:
    """Run the command; raises subprocess.TimeoutExpired, and then nothing of it is left."""
    words = [str(word) for word in arguments]
    known = all(env.get(name) == os.environ.get(name) for name in _at_start({**env, **os.environ}))
    if not known or not words or _first(words[0]):
        return fresh(words, cwd=cwd, env=env, timeout=timeout)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        code = _parent().call(words, cwd, env, (out.fileno(), err.fileno()), timeout)
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read())
    return subprocess.CompletedProcess([str(COMMAND), *words], code, *texts)


def fresh(
    words: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str], timeout: float
) -> subprocess.CompletedProcess[bytes]:
    """Run the command as a shell would, by a new interpreter."""
    return subprocess.run(
        [str(COMMAND), *words], capture_output=True, cwd=cwd, env=dict(env), timeout=timeout,
        stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip


def _first(command: str) -> bool:
    """Whether this is the first call of a command in the run, in whichever of its processes."""
    if not _RUN or not command.isalpha():
        return True
    try:
        (_RUN[0] / f"{command}.started").touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def within(folder: Path) -> None:
    """Say which folder the processes of this run share; before, every call is a fresh one."""
    _RUN[:] = [folder]


def _at_start(names: Mapping[str, str]) -> list[str]:
    return [name for name in names if name.startswith(_AT_START)]


class _Parent:
    """The process that forks; it ends when this one does, because its socket closes."""

    def __init__(self) -> None:
        self._line, theirs = socket.socketpair()
        self._lock = threading.Lock()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, __file__, str(theirs.fileno())],
                pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, cwd="/",
            )  # fmt: skip

    def end(self) -> None:
        self._line.close()
        self._process.wait(timeout=60)

    def call(
        self,
        words: Sequence[str],
        cwd: Path,
        env: Mapping[str, str],
        files: tuple[int, int],
        timeout: float,
    ) -> int:
        """The exit code, negative for a signal as subprocess has it."""
        asked = json.dumps([list(words), str(cwd), dict(env)]).encode()
        with self._lock:
            socket.send_fds(self._line, [len(asked).to_bytes(_LENGTH, "big")], list(files))
            self._line.sendall(asked)
            pid = _number(self._line)
            self._line.settimeout(timeout)
            try:
                return _number(self._line)
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)
                self._line.settimeout(None)
                _number(self._line)
                raise subprocess.TimeoutExpired([str(COMMAND), *words], timeout) from None
            finally:
                self._line.settimeout(None)


_FOUND: list[_Parent] = []


def end() -> None:
    """End the process that forks, if there is one."""
    while _FOUND:
        _FOUND.pop().end()


def _parent() -> _Parent:
    if not _FOUND:
        _FOUND.append(_Parent())
    return _FOUND[0]


def _number(line: socket.socket) -> int:
    return int.from_bytes(_exactly(line, _LENGTH), "big", signed=True)


def _exactly(line: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = line.recv(size - len(data))
        if not more:
            raise EOFError("the process that forks is gone")
        data += more
    return data


# --- in the process that forks -------------------------------------------------------------


def _serve(line: socket.socket) -> None:
    """Answer calls until the socket closes; in a forked process, return with its call ready."""
    while True:
        files = array.array("i")
        size, passed, _, _ = socket.recv_fds(line, _LENGTH, 2)
        if not size:
            os._exit(0)
        files.extend(passed)
        words, cwd, env = json.loads(_exactly(line, int.from_bytes(size, "big")))
        pid = os.fork()
        if pid == 0:
            line.close()
            _become(words, cwd, env, files)
            return
        for file in files:
            os.close(file)
        line.sendall(pid.to_bytes(_LENGTH, "big", signed=True))
        _, status = os.waitpid(pid, 0)
        line.sendall(os.waitstatus_to_exitcode(status).to_bytes(_LENGTH, "big", signed=True))


def _become(words: list[str], cwd: str, env: dict[str, str], files: Sequence[int]) -> None:
    for file, place in zip(files, (1, 2), strict=True):
        os.dup2(file, place)
        os.close(file)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = [str(COMMAND), *words]


def _load() -> None:
    """Import what the command may import, save what starts threads."""
    import hallgate

    for found in pkgutil.walk_packages(hallgate.__path__, "hallgate."):
        if not found.name.startswith(_NOT_YET):
            importlib.import_module(found.name)
    for name in _USED_LATER:
        importlib.import_module(name)
    tasks = Path("/proc/self/task")
    if threading.active_count() != 1 or (tasks.is_dir() and len([*tasks.iterdir()]) != 1):
        raise RuntimeError("something that was imported runs a thread: it would be lost in a fork")
    gc.collect()
    gc.freeze()


def _call() -> int:
    """Run the installed script's own lines, end as the interpreter does, save freeing memory."""
    code: object = 0
    try:
        exec(
            compile(COMMAND.read_text(encoding="utf-8"), str(COMMAND), "exec"),
            {"__name__": "__main__"},
        )
    except SystemExit as error:
        code = error.code
    except BaseException:
        traceback.print_exc()
        code = 1
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return code if isinstance(code, int) else int(code is not None)


if __name__ == "__main__":
    sys.path[0] = ""
    _load()
    _serve(socket.socket(fileno=int(sys.argv[1])))
    os._exit(_call())
