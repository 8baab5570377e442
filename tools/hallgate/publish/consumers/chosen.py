"""The bundle a consumer decides by: a file, or an artifact pinned by digest; signed, always."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hallgate.engine.bundle import Bundle
from hallgate.intake.files import read_file
from hallgate.model.errors import NotProven, UsageError
from hallgate.model.trust import Trust
from hallgate.model.values import JsonObject
from hallgate.publish.bundle.archive import unpack
from hallgate.publish.bundle.pointer import Pointer, Seen, follow, verify_pointer
from hallgate.publish.bundle.signing import Verified, artifact_trust, refuse_deciders, verify_bundle
from hallgate.publish.registry.client import Options
from hallgate.publish.registry.reference import Reference
from hallgate.publish.registry.subscription import Subscription, bundle_in_use
from hallgate.record.keys import load_public_key

_LARGEST = 64 * 1024 * 1024
_LARGEST_POINTER = 64 * 1024
OCI = "oci://"


@dataclass(frozen=True, slots=True)
class Choice:
    """What a consumer asks for: an address, the track it is signed for, the keys believed.

    address is a file, or oci://host/repository@sha256:…; pointer is a file of the channel's
    signed pointer, whose expiry then counts.
    """

    address: str
    scope: str
    trusted: tuple[str, ...]
    pointer: Path | None = None
    channel: str = "stable"

    def __post_init__(self) -> None:
        if not self.trusted:
            raise UsageError(
                "no key is trusted, so no bundle could be believed",
                remedy="name the publisher's public key: --trusted release.pub.pem",
            )
        if self.is_oci and Reference.parse(self.address).digest is None:
            raise UsageError(
                f"{self.address} can be moved to other policies",
                remedy="pin it: oci://host/repository@sha256:…, as `bundle pull` prints it",
            )

    @property
    def is_oci(self) -> bool:
        """Whether it lies in a registry."""
        return self.address.startswith(OCI)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A verified bundle. age: seconds since it was pulled, None for a file."""

    address: str
    bundle: Bundle
    verified: Verified
    age: int | None
    pointer: Pointer | None

    @property
    def sources(self) -> dict[str, bytes]:
        """Its policies by path."""
        entries = unpack(self.bundle.data)
        return {path: data for path, data in entries.items() if path.endswith(".rego")}

    def require_current(self, now: int) -> None:
        """Raise NotProven where its pointer has expired by a time (seconds)."""
        if self.pointer is not None and self.pointer.expires <= now:
            raise NotProven(
                f"the pointer of channel {self.pointer.channel} expired",
                remedy="fetch the pointer again from where it is published",
            )

    def refuse_deciders(self, trust: Trust, trusted: tuple[str, ...]) -> None:
        """Raise UsageError where a key believed for bundles signs decisions as well."""
        refuse_deciders(trust, (load_public_key(pem).key_id for pem in trusted))

    @property
    def told(self) -> tuple[str, ...]:
        """A line about each source, where an organisation added to an upstream."""
        said = self.verified.manifest.metadata.get("sources")
        return tuple(map(str, said)) if isinstance(said, list) else ()

    @property
    def facts(self) -> JsonObject:
        """Which bundle this is, for reports."""
        said, pointer = self.verified.manifest, self.pointer
        return {
            "address": self.address,
            "digest": self.verified.digest,
            "track": said.track,
            "commit": said.metadata.get("commit"),
            "signed_by": self.verified.key_id,
            "age": self.age,
            "version": pointer.version if pointer else None,
            "serial": pointer.serial if pointer else None,
            "expires": pointer.expires if pointer else None,
        }


def choose_bundle(
    choice: Choice, cache: Path, now: int, options: Options | None = None, seen: Seen | None = None
) -> Chosen:
    """The bundle, once it holds; cache is a folder for artifacts: what is there needs no network.

    Raises NotProven where a signature, the scope or the pointer does not hold, RegistryError
    where nothing was ever pulled and the registry does not answer, InvalidDocument, UsageError.
    """
    if choice.is_oci:
        wanted = Subscription.read(choice.address, choice.scope, choice.trusted)
        used = bundle_in_use(wanted, options or Options(), cache, now)
        bundle, verified, age = used.bundle, used.verified, used.age(now)
    else:
        data = read_file(Path(choice.address), _LARGEST)
        verified = verify_bundle(data, choice.trusted, choice.scope)
        bundle, age = Bundle(data, verified.digest), None
    pointer = None
    if choice.pointer is not None:
        trust = artifact_trust(choice.trusted)
        pointer = verify_pointer(read_file(choice.pointer, _LARGEST_POINTER), trust, now)
        follow(pointer, choice.scope, choice.channel, verified.digest, seen)
    return Chosen(choice.address, bundle, verified, age, pointer)
