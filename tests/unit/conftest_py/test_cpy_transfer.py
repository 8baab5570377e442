"""Traps of ``push`` and ``pull``, against a real small registry and real folders."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, urlsplit

import pytest

from conftest_py import PullError, PushError, UsageError

DENY = 'package main\n\ndeny contains "no"\n'


class Registry(ThreadingHTTPServer):
    """The part of the OCI distribution API that oras needs, in memory."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.blobs: dict[str, bytes] = {}
        self.manifests: dict[str, tuple[str, bytes]] = {}

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def put_blob(self, raw: bytes) -> dict[str, object]:
        digest = "sha256:" + hashlib.sha256(raw).hexdigest()
        self.blobs[digest] = raw
        return {"digest": digest, "size": len(raw)}

    def put_manifest(self, name: str, layers: list[dict[str, object]]) -> str:
        media = "application/vnd.oci.image.manifest.v1+json"
        config = {"mediaType": "application/vnd.unknown.config.v1+json", **self.put_blob(b"{}")}
        manifest = {"schemaVersion": 2, "mediaType": media, "config": config, "layers": layers}
        raw = json.dumps(manifest).encode()
        digest = "sha256:" + hashlib.sha256(raw).hexdigest()
        self.manifests[name] = self.manifests[digest] = (media, raw)
        return digest


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Registry

    def log_message(self, *args: object) -> None:
        pass

    def _answer(self, code: int, raw: bytes = b"", **headers: str) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(raw)

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def do_GET(self) -> None:
        kind, name = self.path.split("/")[-2:]
        media, raw = "application/octet-stream", self.server.blobs.get(name)
        if kind == "manifests" and name in self.server.manifests:
            media, raw = self.server.manifests[name]
        if raw is None:
            return self._answer(404)
        digest = name if ":" in name else "sha256:" + hashlib.sha256(raw).hexdigest()
        return self._answer(200, raw, Content_Type=media, Docker_Content_Digest=digest)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        self._body()
        self._answer(202, Location=urlsplit(self.path).path + "1")

    def do_PUT(self) -> None:
        raw, where = self._body(), urlsplit(self.path)
        digest = "sha256:" + hashlib.sha256(raw).hexdigest()
        if "/manifests/" in where.path:
            media = self.headers["Content-Type"]
            for name in (digest, where.path.split("/")[-1]):
                self.server.manifests[name] = (media, raw)
        else:
            assert parse_qs(where.query)["digest"] == [digest]
            self.server.blobs[digest] = raw
        self._answer(201, Location=where.path, Docker_Content_Digest=digest)


@pytest.fixture
def registry() -> Iterator[Registry]:
    with Registry() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def folder(write):
    write("b/sub/data.json", '{"limit": 5}')
    write("b/a_test.rego", "package a_test\n\ntest_a if true\n")
    write("b/README.txt", "read me")
    return write("b/a.rego", DENY).parent


def test_push_and_pull_by_digest(bare, tool, registry, folder, tmp_path, item) -> None:
    assert bare("push", f"{registry.host}/bare/b:v1", "-p", folder).code == 0
    layers = json.loads(registry.manifests["v1"][1])["layers"]
    titles = {layer["annotations"]["org.opencontainers.image.title"] for layer in layers}
    assert str(folder / "a_test.rego")[1:] in titles  # the machine's paths, and the tests
    pushed = tool.push(f"{registry.host}/team/b:v2", folder, tls=False)
    assert [file.path for file in pushed.files] == ["a.rego", "sub/data.json"]
    assert pushed.left_out == ("README.txt", "a_test.rego")
    assert pushed.digest in registry.manifests
    source = f"oci://{registry.host}/team/b@{pushed.digest}"
    pulled = tool.pull(source, tmp_path / "out", tls=False)
    assert pulled.files == pushed.files
    assert not tool.test([tmp_path / "out"], [item], data=[tmp_path / "out"]).passed


def test_push_without_a_tag(bare, tool, registry, folder) -> None:
    assert bare("push", f"{registry.host}/bare/b", "-p", folder).code == 0
    assert "latest" in registry.manifests
    for reference in ("h/b", "oci://h/b:v1", "h/b@sha256:00", "h:1/b", "b:v1"):
        with pytest.raises(UsageError, match="host/repository:tag"):
            tool.push(reference, folder)


def test_loopback_is_not_plain_http_unasked(bare, tool, registry, folder, tmp_path) -> None:
    assert bare("push", f"{registry.host}/bare/b:v1", "-p", folder).code == 0
    with pytest.raises(PushError):
        tool.push(f"{registry.host}/team/b:v1", folder)
    with pytest.raises(PullError):
        tool.pull(f"oci://{registry.host}/bare/b:v1", tmp_path / "out")


def test_push_failures(tool, folder, write, tmp_path) -> None:
    with pytest.raises(PushError, match="refused"):
        tool.push("127.0.0.1:9/team/b:v1", folder, tls=False)
    with pytest.raises(PushError, match="does not exist"):
        tool.push("127.0.0.1:9/team/b:v1", tmp_path / "none", tls=False)
    only = write("t/a_test.rego", "package a_test\n").parent
    with pytest.raises(PushError, match="no policies"):
        tool.push("127.0.0.1:9/team/b:v1", only, tls=False)


def test_tar_only_artifact_brings_nothing(bare, tool, registry, tmp_path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        info = tarfile.TarInfo("a.rego")
        info.size = len(DENY)
        archive.addfile(info, io.BytesIO(DENY.encode()))
    layer = {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip"}
    registry.put_manifest("v1", [{**layer, **registry.put_blob(packed.getvalue())}])
    source = f"oci://{registry.host}/team/b:v1"
    assert bare("pull", "--absolute-paths", "-p", tmp_path / "bare", source).code == 0
    assert list((tmp_path / "bare").iterdir()) == []
    with pytest.raises(PullError, match="brought no policies"):
        tool.pull(source, tmp_path / "out", tls=False)
    assert not (tmp_path / "out").exists()


def test_old_files_do_not_stay(bare, tool, registry, write, tmp_path) -> None:
    old = write("v1/old.rego", DENY).parent
    new = write("v2/new.rego", DENY).parent
    for tag, path in (("v1", old), ("v2", new)):
        tool.push(f"{registry.host}/team/b:{tag}", path, tls=False)
        source = f"oci://{registry.host}/team/b:{tag}"
        assert bare("pull", "--absolute-paths", "-p", tmp_path / "bare", source).code == 0
    assert {path.name for path in (tmp_path / "bare").iterdir()} == {"old.rego", "new.rego"}
    tool.pull(source, tmp_path / "out", tls=False)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"new.rego"}
    for taken in (tmp_path / "out", tmp_path / "bare"):
        with pytest.raises(PullError, match="fresh folder"):
            tool.pull(source, taken, tls=False)


def test_absolute_destination(bare, tool, write, tmp_path) -> None:
    source = f"file://{write('src/a.rego', DENY).parent}"
    target = tmp_path / "out"
    assert bare("pull", "-p", target, source).code == 0
    assert not target.exists()  # it went below the working directory
    tool.pull(source, target)
    assert (target / "a.rego").read_text() == DENY


def test_local_folder_is_copied_not_linked(bare, tool, write, tmp_path) -> None:
    original = write("src/a.rego", DENY)
    source = f"file://{original.parent}"
    assert bare("pull", "--absolute-paths", "-p", tmp_path / "bare", source).code == 0
    assert (tmp_path / "bare").is_symlink()  # later edits would change what was pulled
    report = tool.pull(source, tmp_path / "out")
    original.write_text("package main\n")
    assert (tmp_path / "out/a.rego").read_text() == DENY
    assert report.files[0].sha256 == hashlib.sha256(DENY.encode()).hexdigest()
    assert tool.pull(f"file://{original}", tmp_path / "one").files[0].path == "a.rego"


def test_empty_folder_and_links(bare, tool, write, tmp_path) -> None:
    (tmp_path / "empty").mkdir()
    source = f"file://{tmp_path / 'empty'}"
    assert bare("pull", "--absolute-paths", "-p", tmp_path / "bare", source).code == 0
    with pytest.raises(PullError, match="brought no policies"):
        tool.pull(source, tmp_path / "out")
    linked = write("src/sub/a.rego", DENY).parent
    (linked / "b.rego").symlink_to("/etc/passwd")
    with pytest.raises(PullError, match="symbolic link"):
        tool.pull(f"file://{linked.parent}", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "source",
    [
        "quay.io/a/b",
        "/srv/p",
        "../p",
        "http://h/p.rego",
        "https://h/p/",
        "s3::x",
        "oci://localhost/a",
    ],
)
def test_transport_is_named(tool, tmp_path, source) -> None:
    with pytest.raises(UsageError):
        tool.pull(source, tmp_path / "out")


def test_localhost_is_rewritten_anywhere(bare, tool) -> None:
    with TemporaryDirectory(prefix="cpy-") as name:  # pytest's folder would hold the word too
        wanted, other = Path(name, "localhost"), Path(name, "127.0.0.1")
        for path, file in ((wanted, "a.rego"), (other, "b.rego")):
            path.mkdir()
            (path / file).write_text(DENY)
        done = bare("pull", "--absolute-paths", "-p", Path(name, "bare"), f"file://{wanted}")
        assert done.code == 0
        assert Path(name, "bare", "b.rego").exists()  # not what was asked for
        with pytest.raises(UsageError, match="localhost"):
            tool.pull(f"file://{wanted}", Path(name, "out"))
