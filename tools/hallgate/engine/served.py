"""The pinned opa as a server on a private UNIX socket, for long loops.

It compiles each schema once, where `opa eval` does for every statement, and answers several
questions at once. Same program, same bundles, same strictness.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import tempfile
import time
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from hallgate.engine.bundle import Bundle
from hallgate.engine.opa import Opa
from hallgate.engine.process import serving
from hallgate.model.errors import EngineAborted, EngineTimeout
from hallgate.model.values import JsonValue

_STARTS_WITHIN = 30.0


@dataclass(frozen=True, slots=True)
class ServedOpa:
    """A running server; timeout is in seconds for one answer."""

    socket: Path
    timeout: float

    def answers(self) -> bool:
        """Whether the server still speaks; after an error that tells a rule's from its own."""
        return _answers(self.socket)

    def value(self, path: str, document: JsonValue) -> JsonValue:
        """The value of a rule (`promotion/main/decision`) for an input document.

        Raises EngineAborted where the rule errs or has no value, and EngineTimeout where
        there is no answer in time.
        """
        body = json.dumps({"input": document}, ensure_ascii=False, allow_nan=False).encode()
        where = f"/v1/data/{urllib.parse.quote(path)}?strict-builtin-errors=true"
        connection = UnixConnection(self.socket, self.timeout)
        try:
            connection.request("POST", where, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            status, data = answer.status, answer.read()
        except TimeoutError as error:
            raise EngineTimeout(
                f"the opa server did not answer within {self.timeout:g} s",
                remedy="raise --timeout, or look for a rule that walks large evidence many times",
            ) from error
        except (OSError, http.client.HTTPException) as error:
            raise EngineAborted(
                f"the opa server went away: {error or type(error).__name__}",
                remedy="run again; `opa eval` names the policy if one makes it stop",
            ) from error
        finally:
            connection.close()
        return _result(status, data)


@contextlib.contextmanager
def served(
    engine: Opa, bundles: Sequence[Bundle], *, starts_within: float = _STARTS_WITHIN
) -> Iterator[ServedOpa]:
    """Serve bundles for the time of a `with`. Raises EngineMissing and EngineAborted.

    starts_within is in seconds; thousands of modules take their time to compile.
    """
    with tempfile.TemporaryDirectory(prefix="hallgate-") as name:
        folder = Path(name)
        address, log = folder / "opa.sock", folder / "log"
        command = [str(engine.program), "run", "--server", "--disable-telemetry"]
        command += ["--v1-compatible", "--log-level", "error", "--addr", f"unix://{address}"]
        for number, bundle in enumerate(bundles):
            path = folder / f"{number}.tar.gz"
            path.write_bytes(bundle.data)
            command += ["--bundle", str(path)]
        with serving(command, log) as running:
            _await(address, running, log, starts_within)
            yield ServedOpa(address, engine.timeout)


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a UNIX socket; timeout is in seconds."""

    def __init__(self, path: Path, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket instead of a host."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def _await(address: Path, running: Callable[[], bool], log: Path, within: float) -> None:
    ends = time.monotonic() + within
    while not _answers(address):
        if not running() or time.monotonic() > ends or _failed(log):
            words = " ".join(log.read_text(errors="replace").split())[-2000:]
            raise EngineAborted(
                f"the opa server did not start: {words or 'without a word'}",
                remedy="this is a fault of the bundle; run `hallgate check`",
            )
        time.sleep(0.02)


def _failed(log: Path) -> bool:
    return b"error:" in log.read_bytes()


def _answers(address: Path) -> bool:
    connection = UnixConnection(address, 2)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _result(status: int, data: bytes) -> JsonValue:
    try:
        answer = json.loads(data)
    except ValueError:
        answer = None
    if status == 200 and isinstance(answer, dict) and "result" in answer:
        return cast(JsonValue, answer["result"])
    words = " ".join(data.decode(errors="replace").split())[:2000]
    raise EngineAborted(
        f"the opa server answered {status}: {words or 'without a word'}",
        remedy="`opa eval` names the policy if one makes it stop",
    )
