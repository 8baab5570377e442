"""What is attached to an artifact: SBOM, provenance, signatures, pointers.

Registries disagree about the referrers API: some have none, some leave entries out or report
another type. So API and fallback tag are united, and each entry's own manifest is read: what it
says of itself, under its own digest, is what counts. That it is attached proves nothing about
who attached it; the content carries its own signature.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hallgate.model.errors import NotProven
from hallgate.model.values import JsonObject, JsonValue
from hallgate.publish.registry.artifact import Descriptor, describe
from hallgate.publish.registry.client import INDEX, MANIFEST, RegistryClient
from hallgate.publish.registry.transport import RegistryError
from hallgate.record.canonical import canonical_bytes, is_digest, sha256_digest

EMPTY_TYPE = "application/vnd.oci.empty.v1+json"
_EMPTY = b"{}"
_MOST = 1000
_TRIES = 6


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document to attach: what it is, its bytes, and notes for readers that look for them."""

    artifact_type: str
    media_type: str
    data: bytes
    notes: tuple[tuple[str, str], ...] = ()

    @property
    def kind(self) -> str:
        """What it says: the type of a signed statement, else of the document."""
        return dict(self.notes).get("dev.sigstore.bundle.predicateType", self.artifact_type)


@dataclass(frozen=True, slots=True)
class Referrer:
    """A document that is attached: digest of its manifest, what it says it is, its layers."""

    digest: str
    artifact_type: str
    layers: tuple[Descriptor, ...]


def attach(client: RegistryClient, subject: bytes, attachment: Attachment) -> str:
    """Attach a document to a manifest that is stored already; returns the referrer's digest.

    Also writes the fallback tag, for registries and readers without the API.
    """
    manifest: dict[str, JsonValue] = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": attachment.artifact_type,
        "config": describe(_EMPTY, EMPTY_TYPE),
        "layers": [describe(attachment.data, attachment.media_type)],
        "subject": describe(subject, MANIFEST),
    }
    if attachment.notes:
        manifest["annotations"] = dict(attachment.notes)
    data = canonical_bytes(manifest)
    digest = sha256_digest(data)
    client.put_blob(_EMPTY)
    client.put_blob(attachment.data)
    client.put_manifest(data, digest)
    entry = {**describe(data, MANIFEST), "artifactType": attachment.artifact_type}
    if attachment.notes:
        entry["annotations"] = dict(attachment.notes)
    _list(client, fallback_tag(sha256_digest(subject)), entry)
    return digest


def _list(client: RegistryClient, tag: str, entry: JsonObject) -> None:
    """Add an entry to the fallback tag's index, again where another writer was faster."""
    for _ in range(_TRIES):
        found = client.manifest_under(tag)
        listed = [] if found is None else list(_entries(found[1]))
        if any(one.get("digest") == entry["digest"] for one in listed):
            return
        index: JsonObject = {
            "schemaVersion": 2,
            "mediaType": INDEX,
            "manifests": [*listed, entry],
        }
        client.put_manifest(canonical_bytes(index), tag, INDEX)
    raise RegistryError(
        f"{client.where.name}:{tag} does not keep what is attached: others write there too",
        remedy="let one release finish, then repeat the command",
    )


def referrers(client: RegistryClient, subject: str) -> tuple[Referrer, ...]:
    """Everything attached to a digest, in order of digest; each manifest is read and verified.

    An entry that is gone, or whose manifest is about another subject, is left out. Raises
    NotProven where a manifest is not what its digest says.
    """
    listed = client.listed_referrers(subject)
    fallback = client.manifest_under(fallback_tag(subject))
    digests = set()
    for index in (listed, fallback[1] if fallback else None):
        if index is not None:
            digests |= {one.get("digest") for one in _entries(index)}
    if len(digests) > _MOST:
        raise NotProven(
            f"{len(digests)} documents are attached to {subject}",
            remedy=f"no artifact has more than {_MOST}; remove what strangers attached",
        )
    found = (_read(client, str(digest), subject) for digest in sorted(map(str, digests)))
    return tuple(one for one in found if one is not None)


def content(client: RegistryClient, referrer: Referrer) -> bytes:
    """The bytes of an attached document; NotProven where it is not exactly one."""
    if len(referrer.layers) != 1:
        raise NotProven(
            f"{referrer.digest} attaches {len(referrer.layers)} documents, not one",
            remedy="attach each document by itself",
        )
    return client.blob(referrer.layers[0].digest, referrer.layers[0].size)


def fallback_tag(digest: str) -> str:
    """The tag that lists referrers where there is no API: sha256-<hex>."""
    return digest.replace(":", "-", 1)


def _read(client: RegistryClient, digest: str, subject: str) -> Referrer | None:
    found = client.manifest(digest) if is_digest(digest) else None
    if found is None:
        return None
    manifest = found[1]
    about, config, layers = (manifest.get(name) for name in ("subject", "config", "layers"))
    if not isinstance(about, Mapping) or about.get("digest") != subject:
        return None
    kind = manifest.get("artifactType")
    if not kind and isinstance(config, Mapping):
        kind = config.get("mediaType")
    if not isinstance(layers, list):
        return None
    return Referrer(digest, str(kind), tuple(Descriptor.read(layer) for layer in layers))


def _entries(index: JsonObject) -> Iterator[JsonObject]:
    manifests = index.get("manifests")
    for one in manifests if isinstance(manifests, list) else []:
        if isinstance(one, Mapping):
            yield one
