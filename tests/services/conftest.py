"""Debian's docker-registry, started on loopback and stopped after; the pinned opa and conftest.

Where a program is missing the test fails under CI and is skipped, by name, elsewhere.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest

from .released import World, release_first

ROOT = Path(__file__).resolve().parents[2]
CONFIG = """version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {folder}}}, redirect: {{disable: true}}}}
http: {{addr: '127.0.0.1:{port}', secret: only-for-tests}}
"""


def not_here(program: str, remedy: str) -> NoReturn:
    message = f"not run: {program} is missing; {remedy}"
    if os.environ.get("CI", "").lower() in {"1", "true", "yes"}:
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Running:
    """A server and where its output goes; stopped by its own process id."""

    process: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)

    def wait_for(self, ready: Callable[[], bool], what: str, seconds: float = 30) -> None:
        ends = time.monotonic() + seconds
        while not ready():
            if self.process.poll() is not None or time.monotonic() > ends:
                pytest.fail(f"{what} did not happen:\n{self.log.read_text()[-4000:]}")
            time.sleep(0.05)


Start = Callable[..., Running]


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    started: list[Running] = []

    def begin(command: Sequence[str | Path]) -> Running:
        log = tmp_path_factory.mktemp("server") / "log"
        home = log.parent
        with log.open("wb") as out:
            process = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=home,
                env={"PATH": os.defpath, "HOME": str(home)},
                start_new_session=True,
            )
        started.append(Running(process, log))
        return started[-1]

    yield begin
    for one in reversed(started):
        one.stop()


def answers(url: str, wanted: int = 200) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2) as answer:
            return bool(answer.status == wanted)
    except urllib.error.HTTPError as error:
        with error:
            return error.code == wanted
    except OSError:
        return False


@dataclass(frozen=True)
class Registry:
    """host is 127.0.0.1:port; folder is the registry's own disk."""

    host: str
    folder: Path
    server: Running


@pytest.fixture(scope="session")
def registry(start: Start, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    program = os.environ.get("HALLGATE_DOCKER_REGISTRY") or shutil.which("docker-registry")
    if program is None:
        not_here("docker-registry", "apt-get install docker-registry")
    folder = tmp_path_factory.mktemp("registry")
    port = free_port()
    config = folder / "config.yml"
    config.write_text(CONFIG.format(folder=folder / "data", port=port))
    server = start([program, "serve", config])
    server.wait_for(lambda: answers(f"http://127.0.0.1:{port}/v2/"), "the registry's answer")
    return Registry(f"127.0.0.1:{port}", folder / "data", server)


@pytest.fixture(scope="session")
def world(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A house that released 1.0.0, with the kit of every scenario."""
    tool("opa")
    return release_first(registry.host, tmp_path_factory.mktemp("story"))


def tool(name: str) -> Path:
    path = Path(os.environ.get(f"HALLGATE_{name.upper()}") or ROOT / ".tools" / "bin" / name)
    if not path.is_file():
        not_here(name, "make tools")
    return path.resolve()


@pytest.fixture(scope="session")
def opa() -> Path:
    return tool("opa")


@pytest.fixture(scope="session")
def conftest_program() -> Path:
    return tool("conftest")
