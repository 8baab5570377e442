"""A real OPA server takes our signed bundles, keeps the last good one, and changes keys.

Everything runs on loopback: a file server for the bundle, and OPA on a UNIX socket.
"""

from __future__ import annotations

import functools
import http.server
import json
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from hallgate.engine.bundle import build_bundle
from hallgate.engine.opa import find_opa
from hallgate.engine.served import UnixConnection
from hallgate.publish.bundle.archive import SIGNATURES, pack, unpack
from hallgate.publish.bundle.signing import sign_bundle
from hallgate.record.files import write_atomic
from hallgate.record.keys import key_id, public_pem

pytestmark = pytest.mark.services

ROOT = Path(__file__).parents[2]
WAIT = 20.0


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Says nothing on standard error."""

    def log_message(self, format, *args):
        pass


def bundle(version, track="mlops"):
    rule = f"package promotion.main\n\nversion := {version}\n".encode()
    return build_bundle({"promotion/main/main.rego": rule}, ("promotion",), {"track": track}).data


@pytest.fixture
def keys():
    return [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]


@pytest.fixture
def published():
    with tempfile.TemporaryDirectory() as name:
        handler = functools.partial(Quiet, directory=name)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Path(name) / "bundle.tar.gz", server.server_address[1]
        server.shutdown()
        thread.join()
        server.server_close()


class Server:
    """One `opa run --server` and what it says of itself."""

    def __init__(self, folder, port, keys):
        self.socket = folder / "opa.sock"
        config = {
            "services": {"files": {"url": f"http://127.0.0.1:{port}"}},
            "keys": {
                key_id(key): {"algorithm": "ES256", "key": public_pem(key)} for key in keys
            },
            "bundles": {
                "policies": {
                    "service": "files", "resource": "bundle.tar.gz",
                    "signing": {"scope": "mlops"},
                    "polling": {"min_delay_seconds": 1, "max_delay_seconds": 1},
                }
            },
            "status": {"console": False},
        }  # fmt: skip
        (folder / "config.json").write_text(json.dumps(config))
        self.process = subprocess.Popen(
            [find_opa(ROOT), "run", "--server", "--addr", f"unix://{self.socket}",
             "--config-file", folder / "config.json", "--log-level", "error",
             "--disable-telemetry"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def get(self, path):
        connection = UnixConnection(self.socket, 5)
        try:
            connection.request("GET", path)
            return json.loads(connection.getresponse().read() or b"{}")
        finally:
            connection.close()

    def version(self):
        try:
            return self.get("/v1/data/promotion/main/version").get("result")
        except OSError:
            return None

    def until(self, version):
        end = time.monotonic() + WAIT
        while time.monotonic() < end:
            if self.version() == version:
                return
            time.sleep(0.05)
        pytest.fail(f"the server has {self.version()!r}, not {version!r}: {self.errors()}")

    def errors(self):
        state = self.get("/v1/status")["result"]["bundles"].get("policies", {})
        return state.get("message", "")

    def until_refused(self, words):
        end = time.monotonic() + WAIT
        while time.monotonic() < end:
            if words in self.errors():
                return
            time.sleep(0.05)
        pytest.fail(f"the server did not refuse for {words!r}: {self.errors()!r}")

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture
def start(published):
    servers, folders = [], []

    def start(keys):
        # A short path: the name of a UNIX socket has a bound.
        folders.append(tempfile.TemporaryDirectory(prefix="opa-"))
        servers.append(Server(Path(folders[-1].name), published[1], keys))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()
    for folder in folders:
        folder.cleanup()


def test_keys_change_without_a_gap(published, start, keys):
    path, _ = published
    old, new = keys
    write_atomic(path, sign_bundle(bundle(1), "mlops", old).data)
    early, both = start([old]), start([old, new])
    early.until(1)
    both.until(1)
    # From here on releases are signed with the new key; who knows both follows at once.
    write_atomic(path, sign_bundle(bundle(2), "mlops", new).data)
    seen = set()
    end = time.monotonic() + WAIT
    while both.version() != 2 and time.monotonic() < end:
        seen.add(both.version())
        time.sleep(0.02)
    assert both.version() == 2
    assert seen <= {1, 2}
    # Who was not told of the new key keeps the last good bundle.
    early.until_refused("verification key corresponding to ID")
    assert early.version() == 1
    late = start([new])
    late.until(2)


def test_what_does_not_hold_leaves_the_last_good_bundle(published, start, keys):
    path, _ = published
    old, stranger = keys
    good = sign_bundle(bundle(1), "mlops", old).data
    write_atomic(path, good)
    server = start([old])
    server.until(1)
    other = sign_bundle(bundle(2, "security"), "security", old).data
    entries = unpack(good)
    altered = {**entries, "promotion/main/main.rego": b"package promotion.main\n\nversion := 2\n"}
    for data, words in (
        (bundle(2), "signature"),
        (sign_bundle(bundle(2), "mlops", stranger).data, "ID"),
        (other, "scope"),
        (pack(altered), "digest"),
        (pack({**altered, SIGNATURES: b'{"signatures":[]}'}), "signatures"),
    ):
        write_atomic(path, data)
        server.until_refused(words)
        assert server.version() == 1
    write_atomic(path, sign_bundle(bundle(3), "mlops", old).data)
    server.until(3)


def test_a_cold_server_takes_nothing_that_does_not_hold(published, start, keys):
    path, _ = published
    old, _ = keys
    write_atomic(path, bundle(2))
    server = start([old])
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        try:
            if server.errors():
                break
        except OSError:
            pass
        time.sleep(0.05)
    assert server.errors()
    assert server.version() is None
