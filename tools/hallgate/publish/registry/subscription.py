"""What a consumer takes from a registry: pulled by digest, signed for its track, never older.

The one way in for `hallgate bundle pull`, `hallgate decide --bundle` and the Python API.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hallgate.engine.bundle import Bundle
from hallgate.model.errors import UsageError
from hallgate.publish.bundle.pointer import Pointer
from hallgate.publish.bundle.signing import Verified, artifact_trust, verify_bundle
from hallgate.publish.registry.cache import Cache, Held
from hallgate.publish.registry.channel import Channel, channel_of
from hallgate.publish.registry.client import Options, RegistryClient
from hallgate.publish.registry.reference import Reference


@dataclass(frozen=True, slots=True)
class Subscription:
    """A repository by channel or digest, the track consumed, and the keys (PEM) believed."""

    where: Reference
    scope: str
    trusted: tuple[str, ...]

    @classmethod
    def read(cls, address: str, scope: str, trusted: tuple[str, ...]) -> Subscription:
        """From `oci://host/repository:stable` or `…@sha256:…`; raises UsageError."""
        where = Reference.parse(address)
        channel_of(where)
        if not trusted:
            raise UsageError(
                "no key is trusted, so nothing could be believed",
                remedy="name the publisher's public key: --trusted release.pub.pem",
            )
        return cls(where, scope, trusted)

    @property
    def channel(self) -> Channel | None:
        """The channel it follows; None for a digest, which needs none."""
        name = channel_of(self.where)
        return None if name is None else Channel(name, self.scope, artifact_trust(self.trusted))


@dataclass(frozen=True, slots=True)
class InUse:
    """The bundle to use now, verified; fault says why it is not the newest, where it may not be."""

    bundle: Bundle
    verified: Verified
    held: Held

    @property
    def digest(self) -> str:
        """The digest of the artifact: what to pin, as `…@sha256:…`."""
        return self.held.digest

    @property
    def pointer(self) -> Pointer | None:
        """What proves that the channel means it; None where a digest was asked for."""
        return self.held.pointer

    @property
    def fault(self) -> str | None:
        """Why the registry was not believed or not reached; None where this is the newest."""
        return self.held.fault

    def age(self, now: int) -> int:
        """Seconds since the registry last confirmed it (for a digest: since it was pulled)."""
        return max(0, now - self.held.fetched_at)


def bundle_in_use(wanted: Subscription, options: Options, cache: Path, now: int) -> InUse:
    """Fetch what is wanted, or the last good one with its age and the fault.

    cache is a folder of its own for artifacts; it is made where it is not there. Warm it costs one
    HEAD for a channel and no request for a digest. Everything is verified on each call, so a key
    that is no longer trusted takes its bundles with it.

    Raises RegistryError (nothing was ever pulled and the registry does not answer), NotProven (what
    is there does not hold, and no last good one does), InvalidDocument, StorageError, UsageError.
    """
    found: list[tuple[Bundle, Verified]] = []

    def accept(data: bytes) -> None:
        verified = verify_bundle(data, wanted.trusted, wanted.scope)
        found.append((Bundle(data, verified.digest), verified))

    held = Cache(cache).fetch(RegistryClient(wanted.where, options), now, accept, wanted.channel)
    bundle, verified = found[-1]
    return InUse(bundle, verified, held)
