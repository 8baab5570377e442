"""What a registry asks for in `WWW-Authenticate`: Basic, or a token from its realm."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from hallgate.model.errors import InvalidDocument
from hallgate.publish.registry.credentials import Credentials
from hallgate.publish.registry.transport import RegistryError, Request, Transport
from hallgate.record.canonical import parse_json

log = logging.getLogger(__name__)

_FIELD = re.compile(r'([A-Za-z_]+)="([^"]*)"')


def authorize(
    challenge: str, credentials: Credentials | None, transport: Transport, scope: str
) -> str:
    """The Authorization header that answers a challenge.

    scope is what we need (`repository:x:pull`); what the registry says wins. Raises RegistryError
    where there are no credentials, or the realm gives no token.
    """
    kind, _, rest = challenge.partition(" ")
    if kind.lower() == "basic":
        if credentials is None:
            raise denied("the registry asks who we are")
        return credentials.basic
    fields = dict(_FIELD.findall(rest))
    realm = fields.get("realm", "")
    if kind.lower() != "bearer" or not urlsplit(realm).netloc:
        raise denied(f"the registry asks for {kind or 'nothing known'}, which is not supported")
    query = {"scope": fields.get("scope") or scope}
    if "service" in fields:
        query["service"] = fields["service"]
    headers = {"Authorization": credentials.basic} if credentials else {}
    mark = "&" if urlsplit(realm).query else "?"
    url = f"{realm}{mark}{urlencode(sorted(query.items()))}"
    answer = transport.send(Request("GET", url, headers, limit=1 << 18), repeatable=True)
    if answer.status != 200:
        raise denied(f"the registry's realm answered {answer.status}")
    return f"Bearer {_token(answer.body)}"


def denied(what: str) -> RegistryError:
    """An error about who we are."""
    return RegistryError(
        what,
        remedy="set HALLGATE_REGISTRY_USER and HALLGATE_REGISTRY_PASSWORD, or run docker login",
    )


def _token(body: bytes) -> str:
    try:
        said = parse_json(body)
    except InvalidDocument as error:
        raise denied("the registry's realm gave no JSON") from error
    if isinstance(said, Mapping):
        for name in ("token", "access_token"):
            token = said.get(name)
            if isinstance(token, str) and re.fullmatch(r"[\x21-\x7e]+", token):
                return token
    raise denied("the registry's realm gave no token")
