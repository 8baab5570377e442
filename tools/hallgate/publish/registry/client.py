"""The parts of the OCI distribution API we use; whatever comes by digest is checked against it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urljoin, urlsplit

from hallgate.model.errors import InvalidDocument, Location, NotProven
from hallgate.model.values import JsonObject
from hallgate.publish.registry.auth import authorize, denied
from hallgate.publish.registry.credentials import Credentials
from hallgate.publish.registry.reference import Reference
from hallgate.publish.registry.transport import (
    Patience,
    RegistryError,
    Request,
    Response,
    Transport,
)
from hallgate.record.canonical import is_digest, parse_json, sha256_digest

log = logging.getLogger(__name__)

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST_LIMIT = 1 << 22
BLOB_LIMIT = 1 << 28
# A refusal explains itself, also where the blob asked for is two bytes long.
_REFUSAL_LIMIT = 1 << 16


@dataclass(frozen=True, slots=True)
class Options:
    """How a registry is reached; plain_http None: only to a loopback address."""

    credentials: Credentials | None = None
    plain_http: bool | None = None
    patience: Patience = field(default_factory=Patience)


class RegistryClient:
    """One repository of one registry."""

    def __init__(self, where: Reference, options: Options) -> None:
        self.where = where
        plain = where.is_loopback if options.plain_http is None else options.plain_http
        self._transport = Transport(options.patience, plain_http=plain, local=where.is_loopback)
        self._credentials = options.credentials
        self._base = f"{'http' if plain else 'https'}://{where.host}/v2/{where.repository}/"
        self._tokens: dict[bool, str] = {}

    def resolve(self, tag: str) -> str | None:
        """The digest a tag says now (one HEAD), or None; it is only a claim until pulled."""
        response = self._ask("HEAD", f"manifests/{tag}", headers={"Accept": f"{MANIFEST}, {INDEX}"})
        if response.status == 404:
            return None
        digest = response.headers.get("docker-content-digest")
        if response.status == 200 and digest is None:
            found = self._ask("GET", f"manifests/{tag}", headers={"Accept": f"{MANIFEST}, {INDEX}"})
            _expect(found, {200}, f"reading {self.where.name}:{tag}")
            return sha256_digest(found.body)
        _expect(response, {200}, f"asking for {self.where.name}:{tag}")
        if not is_digest(digest):
            raise _lying(f"{self.where.name}:{tag}", f"the digest it names is {digest!r}")
        return digest

    def manifest(self, digest: str) -> tuple[bytes, JsonObject] | None:
        """The manifest of this digest, as bytes and parsed, or None; NotProven when it differs."""
        response = self._ask(
            "GET",
            f"manifests/{digest}",
            headers={"Accept": f"{MANIFEST}, {INDEX}"},
            limit=MANIFEST_LIMIT,
        )
        if response.status == 404:
            return None
        what = f"the manifest {self.where.at(digest)}"
        _expect(response, {200}, f"reading {what}")
        _check_digest(response.body, digest, what)
        return response.body, _object(response.body, what)

    def manifest_under(self, tag: str) -> tuple[bytes, JsonObject] | None:
        """What a tag holds now, or None; only for indexes whose entries are verified one by one."""
        response = self._ask("GET", f"manifests/{tag}", headers={"Accept": f"{INDEX}, {MANIFEST}"})
        if response.status == 404:
            return None
        _expect(response, {200}, f"reading {self.where.name}:{tag}")
        return response.body, _object(response.body, f"{self.where.name}:{tag}")

    def listed_referrers(self, digest: str) -> JsonObject | None:
        """What the referrers API lists for a digest, or None where the registry has no such API."""
        response = self._ask("GET", f"referrers/{digest}", headers={"Accept": INDEX})
        if response.status in {400, 404, 405}:
            return None
        what = f"the referrers of {self.where.at(digest)}"
        _expect(response, {200}, f"reading {what}")
        return _object(response.body, what)

    def blob(self, digest: str, size: int) -> bytes:
        """The blob of this digest and size; NotProven when the registry gives other bytes."""
        response = self._ask("GET", f"blobs/{digest}", limit=max(size, _REFUSAL_LIMIT))
        what = f"the blob {digest} of {self.where.name}"
        _expect(response, {200}, f"reading {what}")
        _check_digest(response.body, digest, what)
        return response.body

    def has_blob(self, digest: str) -> bool:
        """Whether the registry says it has this blob."""
        response = self._ask("HEAD", f"blobs/{digest}", push=True)
        _expect(response, {200, 404}, f"asking for the blob {digest} of {self.where.name}")
        return response.status == 200

    def put_blob(self, data: bytes) -> str:
        """Send a blob unless it is there; returns its digest."""
        digest = sha256_digest(data)
        if self.has_blob(digest):
            return digest
        what = f"sending the blob {digest} to {self.where.name}"
        begun = self._ask("POST", "blobs/uploads/", body=b"", push=True)
        _expect(begun, {202}, what)
        place = urljoin(self._base, begun.headers.get("location", ""))
        if urlsplit(place)[:2] != urlsplit(self._base)[:2]:
            raise RegistryError(
                f"{what}: the upload would go to another server, {urlsplit(place).netloc}",
                remedy="use a registry that takes uploads itself",
            )
        mark = "&" if urlsplit(place).query else "?"
        done = self._ask(
            "PUT",
            f"{place}{mark}{urlencode({'digest': digest})}",
            body=data,
            headers={"Content-Type": "application/octet-stream"},
            push=True,
            repeatable=False,  # the upload's address serves once; the next push begins a new one
        )
        _expect(done, {201, 204}, what)
        return digest

    def put_manifest(self, data: bytes, name: str, media_type: str = MANIFEST) -> None:
        """Store a manifest under its digest or a tag, and see that it can be read back so."""
        digest = sha256_digest(data)
        what = f"storing {digest} as {name} of {self.where.name}"
        done = self._ask(
            "PUT", f"manifests/{name}", body=data, headers={"Content-Type": media_type}, push=True
        )
        _expect(done, {200, 201}, what)
        said = done.headers.get("docker-content-digest", digest)
        if said != digest:
            raise _lying(what, f"it stored {said}")

    def _ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        limit: int = MANIFEST_LIMIT,
        push: bool = False,
        repeatable: bool | None = None,
    ) -> Response:
        url = urljoin(self._base, path)
        again = method != "POST" if repeatable is None else repeatable
        asked = dict(headers or {})
        if push in self._tokens:
            asked["Authorization"] = self._tokens[push]
        response = self._transport.send(Request(method, url, asked, body, limit), repeatable=again)
        if response.status != 401:
            return response
        scope = f"repository:{self.where.repository}:{'pull,push' if push else 'pull'}"
        challenge = response.headers.get("www-authenticate", "")
        self._tokens[push] = authorize(challenge, self._credentials, self._transport, scope)
        asked["Authorization"] = self._tokens[push]
        response = self._transport.send(Request(method, url, asked, body, limit), repeatable=again)
        if response.status in {401, 403}:
            raise denied(f"{self.where.name} refuses us: {response.status}")
        return response


def _expect(response: Response, wanted: set[int], what: str) -> None:
    if response.status in wanted:
        return
    if response.status in {401, 403}:
        raise denied(f"{what}: refused with {response.status}")
    raise RegistryError(
        f"{what}: the registry answered {response.status}",
        remedy="check the reference and the registry, then repeat; what is there is not sent again",
    )


def _check_digest(data: bytes, digest: str, what: str) -> None:
    found = sha256_digest(data)
    if found != digest:
        raise _lying(what, f"its bytes are {found}")


def _lying(what: str, found: str) -> NotProven:
    return NotProven(
        f"{what}: {found}; the registry, or somebody before it, altered it",
        remedy="do not use this registry until you know why; the last good bundle stays in use",
    )


def _object(data: bytes, what: str) -> JsonObject:
    value = parse_json(data, Location(what))
    if not isinstance(value, Mapping):
        raise InvalidDocument.one(
            "not a JSON object", where=Location(what), remedy="publish the artifact again"
        )
    return value
