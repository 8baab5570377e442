"""Asks a consumer's OPA server what it decides: the real one, with the policies it loaded.

Cases without exceptions go through the Data API with strict builtin errors, as a promotion does,
and rest on the waiver bundle that the server loaded: without one everything is denied. Waivers
and overrides of a case are put in place of the server's own, which only the Query API can do.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from hallgate.decide.compose import exceptions
from hallgate.decide.judge import read_decision
from hallgate.engine.served import UnixConnection
from hallgate.model.errors import EngineError, UsageError
from hallgate.model.values import JsonObject, JsonValue
from hallgate.testing.runner import Answer, Decide, Group

_DATA = "/v1/data/promotion/replay/decision?strict-builtin-errors=true"
_QUERY = (
    "answer := data.promotion.replay.decision with input as input.document"
    " with data.waivers as input.waivers"
)
_AT_ONCE = 4
_LARGEST = 64 * 1024 * 1024
_REMEDY = "see what the server says: /health?bundles, /v1/status and its log"


@dataclass(frozen=True, slots=True)
class Server:
    """An OPA server: http(s)://host:port, or unix:///path; a token is sent as a bearer's."""

    address: str
    token: str | None = None
    timeout: float = 60.0

    def __post_init__(self) -> None:
        parts = urlsplit(self.address)
        good = parts.scheme in {"http", "https"} and parts.hostname
        if not good and not (parts.scheme == "unix" and parts.path):
            raise UsageError(
                f"{self.address!r} is no address of an OPA server",
                remedy="write http://127.0.0.1:8181, or unix:///run/opa.sock",
            )

    def post(self, path: str, document: JsonValue) -> JsonObject:
        """The answer to a POST; raises EngineError for anything but 200 and an object."""
        body = json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
        headers = {"Content-Type": "application/json"}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        connection = self._connection()
        try:
            base = "" if self.address.startswith("unix:") else urlsplit(self.address).path
            connection.request("POST", base.rstrip("/") + path, body, headers)
            answer = connection.getresponse()
            data = answer.read(_LARGEST + 1)
        except (OSError, http.client.HTTPException) as error:
            raise EngineError(f"{self.address} does not answer: {error}", remedy=_REMEDY) from error
        finally:
            connection.close()
        try:
            value: object = json.loads(data)
        except ValueError:
            value = None
        if answer.status != 200 or not isinstance(value, Mapping):
            said = value.get("message", "") if isinstance(value, Mapping) else ""
            raise EngineError(
                f"{self.address} answers {answer.status} {said}".rstrip(), remedy=_REMEDY
            )
        return cast(JsonObject, value)

    def _connection(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.address)
        if parts.scheme == "unix":
            return UnixConnection(Path(parts.path), self.timeout)
        host, port = parts.hostname or "", parts.port
        if parts.scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=self.timeout)
        return http.client.HTTPConnection(host, port, timeout=self.timeout)


def by_server(server: Server) -> Decide:
    """Decides by a server; a case without a whole decision is an EngineError of its own."""

    def decide(group: Group) -> Sequence[Answer]:
        # A server answers several at once; each has a connection of its own.
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(
                pool.map(lambda number: _one(server, group, number), range(len(group.members)))
            )

    return decide


def _one(server: Server, group: Group, number: int) -> Answer:
    case = group.members[number]
    try:
        if not case.waivers and not case.overrides:
            said = server.post(_DATA, {"input": case.document})
            if "result" not in said:
                raise EngineError(
                    "the server has no decision",
                    remedy="it loaded no Hallgate bundle, or another one: see /v1/status",
                )
            answer = said["result"]
        else:
            waivers = exceptions(case.waivers, case.scenario.now, overrides=case.overrides)
            asked: JsonObject = {"document": case.document, "waivers": waivers}
            found = server.post("/v1/query", {"query": _QUERY, "input": asked})
            rows = cast("list[JsonObject]", found.get("result") or [])
            if len(rows) != 1:
                raise EngineError("the server has no decision under waivers", remedy=_REMEDY)
            answer = rows[0]["answer"]
        return read_decision(cast(JsonObject, answer))
    except EngineError as error:
        return error
    except (KeyError, TypeError, ValueError) as error:
        return EngineError(f"the decision cannot be read: {error!r}", remedy=_REMEDY)
