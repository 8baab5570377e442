"""One manifest that OPA and conftest both read: the bundle first, then its policies by title.

OPA takes the first tar layer, conftest the titled ones. The titled layers are made from the
bundle's own entries, and a pull checks that again, so the two can never read different rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hallgate.model.errors import NotProven
from hallgate.model.values import JsonObject, JsonValue
from hallgate.publish.bundle.archive import unpack
from hallgate.publish.registry.client import BLOB_LIMIT, MANIFEST
from hallgate.record.canonical import canonical_bytes, is_digest, sha256_digest

CONFIG = "application/vnd.oci.image.config.v1+json"
BUNDLE_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
POLICY_LAYER = "application/vnd.cncf.openpolicyagent.policy.layer.v1+rego"
TITLE = "org.opencontainers.image.title"
EMPTY = b"{}"


@dataclass(frozen=True, slots=True)
class Descriptor:
    """What a manifest says of a blob."""

    media_type: str
    digest: str
    size: int
    title: str | None = None

    @classmethod
    def read(cls, value: JsonValue) -> Descriptor:
        """A descriptor from JSON; NotProven when it is none."""
        if isinstance(value, Mapping):
            kind, digest, size = (value.get(name) for name in ("mediaType", "digest", "size"))
            notes = value.get("annotations", {})
            title = notes.get(TITLE) if isinstance(notes, Mapping) else None
            sound = isinstance(kind, str) and isinstance(digest, str) and is_digest(digest)
            sized = isinstance(size, int) and not isinstance(size, bool)
            if sound and sized and 0 <= int(str(size)) <= BLOB_LIMIT:
                return cls(
                    str(kind), str(digest), int(str(size)), None if title is None else str(title)
                )
        raise not_ours("holds something that is no descriptor of a blob")


@dataclass(frozen=True, slots=True)
class Artifact:
    """A manifest and the blobs it names; the same bundle gives the same bytes."""

    manifest: bytes
    digest: str
    blobs: Mapping[str, bytes]


def pack_artifact(bundle: bytes, annotations: Mapping[str, str] | None = None) -> Artifact:
    """The artifact of a bundle; raises InvalidDocument where it is no published bundle."""
    policies = {path: data for path, data in unpack(bundle).items() if path.endswith(".rego")}
    layers = [describe(bundle, BUNDLE_LAYER)]
    layers += [describe(policies[path], POLICY_LAYER, path) for path in sorted(policies)]
    manifest: dict[str, JsonValue] = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": describe(EMPTY, CONFIG),
        "layers": layers,
    }
    if annotations:
        manifest["annotations"] = dict(annotations)
    data = canonical_bytes(manifest)
    blobs = {sha256_digest(one): one for one in (EMPTY, bundle, *policies.values())}
    return Artifact(data, sha256_digest(data), blobs)


def read_layers(manifest: JsonObject) -> tuple[Descriptor, tuple[Descriptor, ...]]:
    """The bundle's layer and the titled ones; NotProven where it is not such a manifest."""
    layers = manifest.get("layers")
    if manifest.get("mediaType", MANIFEST) != MANIFEST or not isinstance(layers, list):
        raise not_ours("is no image manifest")
    found = [Descriptor.read(layer) for layer in layers]
    bundles = [layer for layer in found if layer.media_type == BUNDLE_LAYER]
    if not found or bundles != [found[0]]:
        raise not_ours("does not hold exactly one bundle, as its first layer")
    return found[0], tuple(found[1:])


def check_layers(bundle: bytes, titled: tuple[Descriptor, ...]) -> dict[str, bytes]:
    """The bundle's policies by path; NotProven where the titled layers say anything else."""
    policies = {path: data for path, data in unpack(bundle).items() if path.endswith(".rego")}
    held = {path: sha256_digest(data) for path, data in policies.items()}
    shown = {layer.title: layer.digest for layer in titled}
    kinds = {layer.media_type for layer in titled} <= {POLICY_LAYER}
    if shown != held or len(titled) != len(held) or not kinds:
        raise not_ours("shows conftest other policies than OPA")
    return policies


def describe(data: bytes, media_type: str, title: str | None = None) -> dict[str, JsonValue]:
    """A descriptor as JSON."""
    descriptor: dict[str, JsonValue] = {
        "mediaType": media_type,
        "digest": sha256_digest(data),
        "size": len(data),
    }
    if title is not None:
        descriptor["annotations"] = {TITLE: title}
    return descriptor


def not_ours(what: str) -> NotProven:
    """An error about a manifest that Hallgate did not publish."""
    return NotProven(
        f"the artifact {what}", remedy="pull what `hallgate bundle push` published, by digest"
    )
