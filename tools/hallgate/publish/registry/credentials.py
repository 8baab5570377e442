"""Who we are to a registry: from the environment or the Docker configuration, never from flags."""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hallgate.model.errors import InvalidDocument, Location, UsageError
from hallgate.model.values import JsonValue
from hallgate.record.canonical import parse_json

log = logging.getLogger(__name__)

_HUB = {"docker.io", "index.docker.io", "registry-1.docker.io"}


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user and a password, which is never printed."""

    user: str
    password: str = field(repr=False)

    @property
    def basic(self) -> str:
        """The value of an Authorization header."""
        pair = f"{self.user}:{self.password}".encode()
        return "Basic " + base64.b64encode(pair).decode("ascii")


def find_credentials(host: str, environment: Mapping[str, str]) -> Credentials | None:
    """The credentials for a registry, or None to ask as nobody.

    HALLGATE_REGISTRY_USER and HALLGATE_REGISTRY_PASSWORD come first, for HALLGATE_REGISTRY_HOST
    alone where that is set; then `auths` of the Docker configuration.

    Raises UsageError and InvalidDocument for what cannot be used, rather than asking as nobody.
    """
    user = environment.get("HALLGATE_REGISTRY_USER")
    password = environment.get("HALLGATE_REGISTRY_PASSWORD")
    if (user is None) != (password is None):
        raise UsageError(
            "only one of HALLGATE_REGISTRY_USER and HALLGATE_REGISTRY_PASSWORD is set",
            remedy="set both or none",
        )
    meant = environment.get("HALLGATE_REGISTRY_HOST", host)
    if user is not None and password is not None and meant == host:
        return Credentials(user, password)
    folder = environment.get("DOCKER_CONFIG")
    home = environment.get("HOME")
    if folder is None and home is None:
        return None
    return _docker(Path(folder) if folder else Path(home or "") / ".docker", host)


def _docker(folder: Path, host: str) -> Credentials | None:
    path = folder / "config.json"
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _unusable(path, f"cannot be read: {error.strerror}") from error
    config = parse_json(data, Location(str(path)))
    if not isinstance(config, Mapping):
        raise _unusable(path, "is no JSON object")
    helpers = config.get("credHelpers")
    if isinstance(helpers, Mapping) and host in helpers:
        raise _helper(path, host)
    auths = config.get("auths", {})
    entry = _entry(auths, host) if isinstance(auths, Mapping) else None
    if entry is None:
        return None
    if not isinstance(entry, Mapping) or entry.get("identitytoken"):
        raise _unusable(path, f"holds a token for {host} that only Docker can use")
    written = entry.get("auth")
    if not written:
        if config.get("credsStore"):
            raise _helper(path, host)
        return None
    return _decoded(written, path, host)


def _entry(auths: Mapping[str, JsonValue], host: str) -> JsonValue:
    names = _HUB if host in _HUB else {host}
    for key in sorted(auths):
        bare = key.removeprefix("https://").removeprefix("http://").split("/")[0]
        if bare in names:
            return auths[key]
    return None


def _decoded(written: JsonValue, path: Path, host: str) -> Credentials:
    try:
        text = base64.b64decode(str(written), validate=True).decode("utf-8")
    except (binascii.Error, ValueError) as error:
        raise _unusable(path, f"holds no base64 for {host}") from error
    user, colon, password = text.partition(":")
    if not colon or not user:
        raise _unusable(path, f"holds no user:password for {host}")
    return Credentials(user, password)


def _helper(path: Path, host: str) -> InvalidDocument:
    return _unusable(path, f"keeps the credentials for {host} in a helper, which is not run")


def _unusable(path: Path, what: str) -> InvalidDocument:
    return InvalidDocument.one(
        f"the Docker configuration {what}",
        where=Location(str(path)),
        remedy="set HALLGATE_REGISTRY_USER and HALLGATE_REGISTRY_PASSWORD instead",
    )
