"""Bundles over HTTP on loopback, for an OPA that polls: GET and HEAD of a shelf, nothing else."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from hallgate.publish.consumers.directory import Answer
from hallgate.publish.consumers.shelf import Shelf

LOOPBACK = ("127.0.0.1", "::1")
_PATIENCE = 30.0


class BundleServer(ThreadingHTTPServer):
    """Listens on a loopback address; port 0 takes any that is free."""

    daemon_threads = True

    def __init__(self, host: str, port: int, shelf: Shelf, clock: Callable[[], int]) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.shelf, self.clock = shelf, clock
        super().__init__((host, port), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Who hangs up is no news; anything else is."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    @property
    def address(self) -> str:
        """Where OPA finds it."""
        host, port = self.server_address[:2]
        named = host.decode() if isinstance(host, bytes | bytearray) else str(host)
        return f"http://[{named}]:{port}" if ":" in named else f"http://{named}:{port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _PATIENCE
    server: BundleServer

    def do_GET(self) -> None:
        """A file of the layout, or 304, 404, 503."""
        self._send(self._asked(), body=True)

    def do_HEAD(self) -> None:
        """The same without its body."""
        self._send(self._asked(), body=False)

    def version_string(self) -> str:
        """No versions for strangers."""
        return "hallgate"

    def log_message(self, format: str, *args: object) -> None:
        """Polls are no news; what is refused is told by the shelf."""

    def _asked(self) -> Answer:
        wanted = self.headers.get("If-None-Match")
        return self.server.shelf.answer(self.path, wanted, self.server.clock())

    def _send(self, said: Answer, *, body: bool) -> None:
        self.send_response(said.status)
        for name, value in said.headers.items():
            self.send_header(name, value)
        self.send_header("X-Content-Type-Options", "nosniff")
        if said.status != 304:
            self.send_header("Content-Length", str(len(said.body)))
        self.end_headers()
        if body and said.status != 304:
            self.wfile.write(said.body)
