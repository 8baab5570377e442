"""HTTP with limits: one request, whole or an error; what may be repeated is.

TLS is checked by the system's defaults. A redirect is followed without our credentials and never
from https to http. Proxies are taken from the environment, except for loopback.
"""

from __future__ import annotations

import http.client
import logging
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urljoin, urlsplit

from hallgate.model.errors import HallgateError

log = logging.getLogger(__name__)

_CHUNK = 1 << 16
_AGAIN = {429, 500, 502, 503, 504}
_MOVED = {301, 302, 303, 307, 308}
_REDIRECTS = 3


class RegistryError(HallgateError):
    """A registry could not be asked, or its answer is no answer; nothing was installed."""


class TooSlow(RegistryError):
    """A registry took longer than allowed."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked; limit is the most bytes an answer may have."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    limit: int = 1 << 22


@dataclass(frozen=True, slots=True)
class Response:
    """What came back, whole; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how often: seconds for a silent socket, for a whole answer, and between tries.

    sleep and elapsed are given by tests that do not wait.
    """

    silence: float = 20.0
    whole: float = 300.0
    waits: tuple[float, ...] = (0.5, 2.0, 5.0)
    sleep: Callable[[float], None] = time.sleep
    elapsed: Callable[[], float] = time.monotonic


class _AsIs(urllib.request.HTTPErrorProcessor):
    """Hands every status to the caller: no exception, and no redirect followed unseen."""

    def http_response(
        self, request: urllib.request.Request, response: http.client.HTTPResponse
    ) -> http.client.HTTPResponse:
        return response

    https_response = http_response


def _opener(*handlers: urllib.request.BaseHandler) -> urllib.request.OpenerDirector:
    opener = urllib.request.OpenerDirector()
    for handler in handlers:
        opener.add_handler(handler)
    return opener


class Transport:
    """Sends requests; local means a loopback host, which no proxy may stand before."""

    def __init__(self, patience: Patience, *, plain_http: bool, local: bool) -> None:
        self._patience = patience
        self._plain_http = plain_http
        self._proxies = urllib.request.ProxyHandler({} if local else None)
        self._local = local

    def send(self, request: Request, *, repeatable: bool) -> Response:
        """Send a request, again after a pause where it is repeatable and might then succeed.

        Raises RegistryError when there is no whole answer, TooSlow when it takes too long.
        """
        waits = self._patience.waits if repeatable else ()
        for wait in waits:
            try:
                response = self._follow(request)
                if response.status not in _AGAIN:
                    return response
                log.debug("%s %s: %d, again", request.method, request.url, response.status)
            except RegistryError as error:
                log.debug("%s %s: %s, again", request.method, request.url, error.what)
            self._patience.sleep(wait)
        return self._follow(request)

    def _follow(self, request: Request) -> Response:
        response = self._once(request)
        left = _REDIRECTS
        while response.status in _MOVED and request.method in {"GET", "HEAD"}:
            target = urljoin(request.url, response.headers.get("location", ""))
            if not left or not response.headers.get("location"):
                raise _failed(request, "it redirects without end")
            left -= 1
            headers = dict(request.headers)
            if urlsplit(target)[:2] != urlsplit(request.url)[:2]:
                headers.pop("Authorization", None)
            request = Request(request.method, target, headers, None, request.limit)
            response = self._once(request)
        return response

    @cached_property
    def _plain(self) -> urllib.request.OpenerDirector:
        """For http on loopback, where no proxy stands before it that could speak TLS."""
        return _opener(urllib.request.HTTPHandler(), _AsIs())

    @cached_property
    def _secure(self) -> urllib.request.OpenerDirector:
        """Also for https; the system's certificates are many, and read once."""
        tls = urllib.request.HTTPSHandler(context=ssl.create_default_context())
        return _opener(self._proxies, urllib.request.HTTPHandler(), tls, _AsIs())

    def _once(self, request: Request) -> Response:
        self._check(request.url)
        plain = self._local and urlsplit(request.url).scheme == "http"
        opener = self._plain if plain else self._secure
        asked = urllib.request.Request(
            request.url, data=request.body, headers=dict(request.headers), method=request.method
        )
        try:
            with opener.open(asked, timeout=self._patience.silence) as answer:
                return self._read(request, answer)
        except TimeoutError as error:
            raise self._slow(request) from error
        except urllib.error.URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise self._slow(request) from error
            raise _failed(request, f"it cannot be reached: {error.reason}") from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            detail = str(error) or type(error).__name__
            raise _failed(request, f"the connection broke: {detail}") from error

    def _read(self, request: Request, answer: http.client.HTTPResponse) -> Response:
        started = self._patience.elapsed()
        headers = {name.lower(): value for name, value in answer.headers.items()}
        parts: list[bytes] = []
        size = 0
        while request.method != "HEAD" and (part := answer.read1(_CHUNK)):
            parts.append(part)
            size += len(part)
            if size > request.limit:
                raise _failed(request, f"its answer is longer than {request.limit} bytes")
            if self._patience.elapsed() - started > self._patience.whole:
                raise self._slow(request)
        stated = headers.get("content-length", "")
        if request.method != "HEAD" and stated.isdecimal() and int(stated) != size:
            raise _failed(request, f"its answer ends after {size} of {stated} bytes")
        return Response(answer.status, headers, b"".join(parts))

    def _check(self, url: str) -> None:
        scheme = urlsplit(url).scheme
        if scheme != "https" and not (scheme == "http" and self._plain_http):
            raise RegistryError(
                f"{_shown(url)} is not https",
                remedy="use TLS; plain HTTP is for loopback, or where --plain-http is said",
            )

    def _slow(self, request: Request) -> TooSlow:
        return TooSlow(
            f"{request.method} {_shown(request.url)}: no whole answer in time",
            remedy="try again later; nothing was installed, the last good bundle stays in use",
        )


def _failed(request: Request, what: str) -> RegistryError:
    return RegistryError(
        f"{request.method} {_shown(request.url)}: {what}",
        remedy="check the registry and the network, then repeat the command; nothing was installed",
    )


def _shown(url: str) -> str:
    # The query may hold a token or the signature of a storage service.
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
