"""A real OPA server with the configuration we generate, and with those our lint warns of."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import ec

from hallgate.cli import app
from hallgate.engine.bundle import build_bundle
from hallgate.engine.served import UnixConnection
from hallgate.publish.bundle.archive import SIGNATURES, pack, unpack
from hallgate.publish.bundle.signing import sign_bundle
from hallgate.publish.consumers.directory import answer, publish_directory
from hallgate.publish.consumers.opa import ACCEPTED
from hallgate.publish.registry.artifact import Artifact, pack_artifact
from hallgate.publish.registry.client import Options, RegistryClient
from hallgate.publish.registry.push import move_tag, push
from hallgate.publish.registry.reference import Reference
from hallgate.record.keys import public_pem

pytestmark = pytest.mark.services

_COUNT = itertools.count()


class Server:
    """OPA on a private socket; version() is what its policies say, None where there are none."""

    def __init__(self, running, socket_path: Path) -> None:
        self.running, self._socket = running, socket_path

    def get(self, path: str) -> tuple[int, dict]:
        connection = UnixConnection(self._socket, 5)
        try:
            connection.request("GET", path)
            found = connection.getresponse()
            return found.status, json.loads(found.read() or b"{}")
        except OSError:
            return 0, {}
        finally:
            connection.close()

    def version(self) -> int | None:
        return self.get("/v1/data/promotion/main/version")[1].get("result")

    def until(self, version: int | None) -> None:
        self.running.wait_for(lambda: self.version() == version, f"version {version}")


@pytest.fixture
def serve(start, opa) -> Iterator:
    folders, servers = [], []

    def begin(config: Path) -> Server:
        # A socket's path is short, and pytest's folders are not.
        folder = Path(tempfile.mkdtemp(prefix="hg-"))
        folders.append(folder)
        path = folder / "opa.sock"
        words = ["run", "--server", f"--addr=unix://{path}", "--config-file", config]
        server = Server(start([opa, *words, "--disable-telemetry"]), path)
        servers.append(server)
        server.running.wait_for(lambda: server.get("/health")[0] == 200, "OPA's answer")
        return server

    yield begin
    for one in servers:
        one.running.stop()
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def key(tmp_path) -> ec.EllipticCurvePrivateKey:
    made = ec.generate_private_key(ec.SECP256R1())
    (tmp_path / "key.pem").write_text(public_pem(made))
    return made


def signed(version: int, key: ec.EllipticCurvePrivateKey) -> bytes:
    rule = f"package promotion.main\n\nversion := {version}\n".encode()
    built = build_bundle({"promotion/main/main.rego": rule}, ("promotion",), {"track": "mlops"})
    return sign_bundle(built.data, "mlops", key).data


def unsigned(version: int, key: ec.EllipticCurvePrivateKey) -> bytes:
    entries = unpack(signed(version, key))
    return pack({path: data for path, data in entries.items() if path != SIGNATURES})


def publish(repository: str, bundle: bytes) -> Artifact:
    client = RegistryClient(Reference.parse(f"{repository}:stable"), Options())
    artifact = pack_artifact(bundle)
    push(client, artifact)
    move_tag(client, artifact, "stable", client.resolve("stable"))
    return artifact


def configure(tmp_path: Path, address: str, **changes) -> Path:
    """The generated configuration; polling is hastened for the test.

    By a digest, or on this machine, it is clean by its own lint. What can go back is refused unless
    that is accepted.
    """
    path = tmp_path / f"opa-{next(_COUNT)}.yaml"
    words = ["--kind", "opa", "--bundle", address, "--scope", "mlops"]
    words += ["--key", str(tmp_path / "key.pem"), "--persistence", str(tmp_path / "kept")]
    moves = "@sha256:" not in address and not address.startswith("http://127.0.0.1:")
    if moves:
        assert app.main(["consumer", "config", *words, "--output", str(path)]) == 2
        words += [ACCEPTED]
    assert app.main(["consumer", "config", *words, "--output", str(path)]) == 0
    assert app.main(["consumer", "check", str(path), "--opa-version", "1.22.0"]) == int(moves)
    config = yaml.safe_load(path.read_text())
    bundle = config["bundles"]["hallgate"]
    bundle["polling"] = {"min_delay_seconds": 1, "max_delay_seconds": 1}
    bundle.update(changes)
    path.write_text(yaml.safe_dump(config))
    return path


@pytest.fixture
def repository(registry) -> str:
    return f"{registry.host}/hallgate/served-{next(_COUNT)}"


def test_opa_accepts_the_generated_file_as_it_is(tmp_path, repository, key, serve):
    artifact = publish(repository, signed(1, key))
    path = tmp_path / "opa.yaml"
    words = ["--bundle", f"{repository}@{artifact.digest}", "--key", str(tmp_path / "key.pem")]
    words += ["--persistence", str(tmp_path / "kept"), "--output", str(path)]
    assert app.main(["consumer", "config", "--kind", "opa", "--scope", "mlops", *words]) == 0
    serve(path).until(1)


def test_opa_follows_the_tag_refuses_the_unsigned_and_keeps_the_last_good(
    tmp_path, repository, key, serve
):
    publish(repository, signed(1, key))
    server = serve(configure(tmp_path, f"oci://{repository}:stable"))
    server.until(1)
    publish(repository, signed(2, key))
    server.until(2)
    publish(repository, unsigned(3, key))
    server.running.wait_for(
        lambda: "bundle missing .signatures.json" in server.running.log.read_text(), "the refusal"
    )
    assert server.version() == 2
    server.running.stop()


def test_opa_takes_the_very_digest(tmp_path, repository, key, serve):
    first = publish(repository, signed(1, key))
    publish(repository, signed(2, key))
    serve(configure(tmp_path, f"{repository}@{first.digest}")).until(1)


def test_a_restart_without_the_registry_serves_the_kept_bundle(
    tmp_path, served_directory, key, serve
):
    root, address, server = served_directory
    publish_directory(root, "mlops", signed(4, key))
    config = configure(tmp_path, f"{address}/mlops/bundle.tar.gz")
    first = serve(config)
    first.until(4)
    first.running.wait_for(
        lambda: any(path.is_file() for path in (tmp_path / "kept").rglob("*")), "the kept copy"
    )
    first.running.stop()
    server.shutdown()
    server.server_close()
    serve(config).until(4)


def test_what_the_lint_calls_unsigned_accepted_is_so(tmp_path, repository, key, serve):
    publish(repository, unsigned(9, key))
    config = configure(tmp_path, f"{repository}:stable", signing=None)
    assert app.main(["consumer", "check", str(config)]) == 1
    serve(config).until(9)


RULE = """package promotion.main

deny contains {"msg": "bad", "id": "X-001"} if input.bad
"""


@pytest.mark.parametrize(
    ("rule", "document", "code"),
    [
        (RULE, '{"bad": false}', 0),
        (RULE, '{"bad": true}', 1),
        (RULE, "[]", 4),
        (RULE, "{", 4),
        (RULE.replace("promotion.main", "promotion.other"), '{"bad": true}', 4),
        (RULE.replace("input.bad", "to_number(input.bad) > 0"), '{"bad": "x"}', 4),
    ],
)
def test_the_conftest_script_tells_denied_from_broken(
    tmp_path, repository, conftest_program, rule, document, code
):
    built = build_bundle(
        {"promotion/main/main.rego": rule.encode()}, ("promotion",), {"track": "mlops"}
    )
    pushed = publish(repository, built.data)
    script, sheet = tmp_path / "gate.sh", tmp_path / "input.json"
    words = ["--kind", "conftest", "--bundle", f"{repository}@{pushed.digest}"]
    words += ["--scope", "mlops", "--output", str(script)]
    assert app.main(["consumer", "config", *words]) == 0
    sheet.write_text(document)
    (tmp_path / "conftest.toml").write_text("no-fail = true\n")
    environment = {
        "PATH": f"{conftest_program.parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "CONFTEST_NO_FAIL": "true",
    }
    done = subprocess.run(
        ["bash", script, sheet],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    if code == 1:
        assert "X-001" in done.stdout


@pytest.fixture
def served_directory(tmp_path):
    root = tmp_path / "published"
    root.mkdir()

    class Handler(BaseHTTPRequestHandler):
        statuses: list[int] = []  # noqa: RUF012

        def do_GET(self) -> None:
            said = answer(root, self.path, self.headers.get("If-None-Match"))
            self.statuses.append(said.status)
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said.body)))
            self.end_headers()
            self.wfile.write(said.body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.statuses = Handler.statuses  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield root, f"http://127.0.0.1:{server.server_port}", server
    with suppress(OSError):
        server.shutdown()
        server.server_close()


def test_a_directory_with_etags_is_asked_and_not_fetched_again(
    tmp_path, served_directory, key, serve
):
    root, address, directory = served_directory
    publish_directory(root, "mlops", signed(5, key))
    server = serve(configure(tmp_path, f"{address}/mlops/bundle.tar.gz"))
    server.until(5)
    server.running.wait_for(lambda: 304 in directory.statuses, "a 304")
    assert directory.statuses.count(200) == 1
    publish_directory(root, "mlops", signed(6, key))
    server.until(6)
