"""Publishing one bundle: artifact, SBOM, provenance and signature by digest; then its channel.

Order is the point: until the tag moves, last, nobody follows what is not whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hallgate.model.errors import UsageError
from hallgate.publish.bundle.pointer import CHANNELS, Pointer, read_pointer, sign_pointer
from hallgate.publish.bundle.provenance import PREDICATE, Builder, provenance
from hallgate.publish.bundle.sbom import MEDIA_TYPE as SBOM
from hallgate.publish.bundle.sbom import bundle_sbom
from hallgate.publish.bundle.signing import artifact_trust, verify_bundle
from hallgate.publish.bundle.version import version_order
from hallgate.publish.registry.artifact import Artifact, pack_artifact
from hallgate.publish.registry.channel import (
    Channel,
    Signed,
    pointer_attachment,
    published_pointer,
)
from hallgate.publish.registry.client import RegistryClient
from hallgate.publish.registry.cosign import SIGNATURE, signed_attachment
from hallgate.publish.registry.kit import kit_attachments
from hallgate.publish.registry.push import move_tag, push
from hallgate.publish.registry.referrers import Attachment
from hallgate.record.canonical import sha256_digest
from hallgate.record.keys import PrivateKey, public_pem

_DAY = 86_400

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Release:
    """What is published: a signed bundle of a track, its version, and who built it; its kit.

    channel: which tag moves to it, None for none; its pointer counts for days, with the serial
    after the published one unless one is given.
    """

    bundle: bytes
    track: str
    version: str
    channel: str | None = None
    days: int = 14
    serial: int | None = None
    builder: Builder = field(default_factory=Builder)
    kit: bytes | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """What was published: digests of artifact and bundle, the pointer, and what is attached."""

    digest: str
    bundle: str
    pointer: Pointer | None
    attached: tuple[str, ...]


def publish(
    client: RegistryClient,
    release: Release,
    key: PrivateKey,
    trusted: tuple[str, ...],
    now: int,
    progress: Progress = lambda _step: None,
) -> Published:
    """Publish a release; repeated, it sends only what is missing.

    trusted are public keys (PEM) whose signature of the bundle and of the channel's present
    pointer counts, beside the key's own. Raises NotProven where the bundle or that pointer does
    not hold, RegistryError where the registry fails or another release moved the channel.
    """
    version_order(release.version)
    believed = (*trusted, public_pem(key))
    verified = verify_bundle(release.bundle, believed, release.track)
    channel, before, signed = _channel(client, release, believed, now)
    artifact = pack_artifact(release.bundle)
    attachments = attachments_of(artifact, release, client.where.name, key)
    pointer = None
    if channel is not None:
        older = None if signed is None else signed.data
        pointer = next_pointer(release, verified.digest, older, now)
        attachments.append(pointer_attachment(sign_pointer(pointer, key, older)))
    push(client, artifact, attachments, progress)
    if channel is not None:
        progress(f"the channel {channel.name} moves")
        move_tag(client, artifact, channel.name, before)
    kinds = tuple(one.kind for one in attachments)
    return Published(artifact.digest, verified.digest, pointer, kinds)


def attachments_of(
    artifact: Artifact, release: Release, name: str, key: PrivateKey
) -> list[Attachment]:
    """SBOM, SLSA provenance, signature and kit of an artifact; the same release, the same bytes."""
    sbom = bundle_sbom(release.bundle, release.version)
    built = provenance(release.bundle, release.version, sha256_digest(sbom), release.builder)
    kits: list[Attachment] = []
    if release.kit is not None:
        kits = kit_attachments(release.kit, release.track, sha256_digest(release.bundle), key)
    return [
        Attachment(SBOM, SBOM, sbom),
        signed_attachment(name, artifact.digest, PREDICATE, built, key),
        signed_attachment(name, artifact.digest, SIGNATURE, {}, key),
        *kits,
    ]


def _channel(
    client: RegistryClient, release: Release, believed: tuple[str, ...], now: int
) -> tuple[Channel | None, str | None, Signed | None]:
    if release.channel is None:
        return None, None, None
    channel = Channel(release.channel, release.track, artifact_trust(believed))
    before = client.resolve(channel.name)
    if before is None:
        return channel, None, None
    if release.serial is not None:
        # Said by hand: for a channel whose present pointer nobody can believe any more.
        return channel, before, None
    return channel, before, published_pointer(client, channel, before, now)


def next_pointer(release: Release, bundle: str, older: bytes | None, now: int) -> Pointer:
    """The pointer of a release's channel to a bundle of this digest, after a verified older one.

    Raises UsageError where the release has no channel, or would go back in version or time.
    """
    if release.channel is None:
        raise UsageError("no channel is named", remedy=f"use {' or '.join(CHANNELS)}")
    before = None if older is None else read_pointer(older)
    serial = release.serial or (1 if before is None else before.serial + 1)
    if before is not None and before.issued > now:
        raise UsageError(
            f"the pointer of {release.channel} was issued after this machine's time",
            remedy="set the clock; a release must not be older than the one it replaces",
        )
    if before is not None and version_order(release.version) < version_order(before.version):
        raise UsageError(
            f"{release.version} is older than {before.version}, which {release.channel} has",
            remedy="to go back, release the older rules under a new version",
        )
    expires = now + release.days * _DAY
    return Pointer(release.channel, release.track, serial, now, expires, bundle, release.version)
