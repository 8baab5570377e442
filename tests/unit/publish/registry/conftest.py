"""A registry in memory on 127.0.0.1 that can be told to lie, cut off, drag or break."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from hallgate.publish.bundle.archive import pack
from hallgate.publish.registry.client import Options, RegistryClient
from hallgate.publish.registry.reference import Reference
from hallgate.publish.registry.transport import Patience

POLICY = b'package promotion.main\n\ndeny contains {"msg": "no"} if input.bad\n'


def digest_of(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def make_bundle(text: bytes = POLICY) -> bytes:
    manifest = json.dumps({"revision": digest_of(text), "roots": ["promotion"]}).encode()
    return pack({".manifest": manifest, "promotion/main/main.rego": text})


class Hostile:
    """blobs, manifests, tags; asked holds every request; wrong(method, path) may spoil one."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self.manifests: dict[str, bytes] = {}
        self.types: dict[str, str] = {}
        self.tags: dict[str, str] = {}
        self.asked: list[str] = []
        self.seen: list[dict[str, str]] = []
        self.wrong: Callable[[str, str], dict[str, Any] | None] = lambda _m, _p: None
        self.referrers: dict[str, list[Any]] | None = None
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server.server_port}"

    def answer(self, method: str, path: str, body: bytes, kind: str) -> tuple[int, dict, bytes]:
        path, _, query = path.partition("?")
        name = path.removeprefix("/v2/hallgate/policies/")
        if name == "blobs/uploads/":
            return 202, {"Location": f"{path}1?state=x"}, b""
        if name.startswith("blobs/uploads/"):
            digest = re.search(r"digest=(sha256%3A[0-9a-f]+)", query)
            assert digest is not None
            self.blobs[digest[1].replace("%3A", ":")] = body
            return 201, {}, b""
        group, _, key = name.partition("/")
        if group == "blobs":
            return (200, {}, self.blobs[key]) if key in self.blobs else (404, {}, b"{}")
        if group == "referrers" and self.referrers is not None:
            return 200, {}, json.dumps({"manifests": self.referrers.get(key, [])}).encode()
        if group == "manifests" and method == "PUT":
            self.manifests[digest_of(body)] = body
            self.types[digest_of(body)] = kind
            if not key.startswith("sha256:"):
                self.tags[key] = digest_of(body)
            return 201, {"Docker-Content-Digest": digest_of(body)}, b""
        digest_now = self.tags.get(key, key)
        if group == "manifests" and digest_now in self.manifests:
            headers = {
                "Docker-Content-Digest": digest_now,
                "Content-Type": self.types[digest_now],
            }
            return 200, headers, self.manifests[digest_now]
        return 404, {}, b"{}"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        hostile = self

        class Handler(BaseHTTPRequestHandler):
            def _any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                hostile.asked.append(f"{self.command} {self.path}")
                hostile.seen.append(dict(self.headers))
                twist = hostile.wrong(self.command, self.path) or {}
                if twist.get("drop"):
                    self.close_connection = True
                    return
                status, headers, data = twist.get("reply") or hostile.answer(
                    self.command, self.path, body, self.headers.get("Content-Type", "")
                )
                data = twist.get("data", data)
                self.send_response(status)
                for name, value in {**headers, **twist.get("headers", {})}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                if self.command == "HEAD":
                    return
                data = data[: twist.get("cut", len(data))]
                pause = twist.get("pause", 0)
                for start in range(0, len(data), 10) if pause else [0]:
                    self.wfile.write(data[start : start + 10] if pause else data)
                    self.wfile.flush()
                    time.sleep(pause)

            do_GET = do_HEAD = do_PUT = do_POST = _any  # noqa: N815

            def handle(self) -> None:
                with contextlib.suppress(OSError):  # the client hung up, as it should
                    super().handle()

            def log_message(self, *_: object) -> None:
                pass

        return Handler


@pytest.fixture
def hostile() -> Iterator[Hostile]:
    registry = Hostile()
    yield registry
    registry.server.shutdown()
    registry.server.server_close()


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def connect(hostile: Hostile, waits: list[float]) -> Callable[..., RegistryClient]:
    def make(suffix: str = ":stable", **more: Any) -> RegistryClient:
        patience = more.pop("patience", Patience(silence=2, whole=5, sleep=waits.append))
        where = Reference.parse(f"{hostile.host}/hallgate/policies{suffix}")
        return RegistryClient(where, Options(patience=patience, **more))

    return make


@pytest.fixture
def bundle() -> Callable[..., bytes]:
    return make_bundle
