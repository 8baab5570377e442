"""A release in a plain directory (consumers/directory), with the guards of one in a registry."""

from __future__ import annotations

from pathlib import Path

from hallgate.publish.bundle.pointer import Pointer, sign_pointer
from hallgate.publish.bundle.sbom import bundle_sbom
from hallgate.publish.bundle.signing import artifact_trust, verify_bundle
from hallgate.publish.consumers.directory import publish_directory
from hallgate.publish.registry.channel import Channel
from hallgate.publish.registry.kit import kit_statement
from hallgate.publish.registry.publish import Release, next_pointer
from hallgate.record.keys import PrivateKey, public_pem

SBOM = "sbom.cdx.json"
KIT = "kit.tar.gz"
KIT_STATEMENT = "kit.statement.json"


def publish_in_directory(
    root: Path, release: Release, key: PrivateKey, trusted: tuple[str, ...], now: int
) -> tuple[str, Pointer | None]:
    """Make a signed bundle the newest of its track below root; returns its digest and pointer.

    The channel's pointer lies beside it as `<channel>.json`. Raises as registry.publish does.
    """
    believed = (*trusted, public_pem(key))
    verified = verify_bundle(release.bundle, believed, release.track)
    beside = {SBOM: bundle_sbom(release.bundle, release.version)}
    if release.kit is not None:
        beside[KIT] = release.kit
        beside[KIT_STATEMENT] = kit_statement(release.kit, release.track, verified.digest, key)
    pointer = None
    if release.channel is not None:
        path = root / release.track / f"{release.channel}.json"
        older = path.read_bytes() if path.is_file() else None
        if older is not None and release.serial is None:
            channel = Channel(release.channel, release.track, artifact_trust(believed))
            channel.read(older, now, expired=True)
        pointer = next_pointer(release, verified.digest, older, now)
        beside[path.name] = sign_pointer(pointer, key, older)
    return publish_directory(root, release.track, release.bundle, beside), pointer
