"""Channels in a registry: a tag says which artifact is current, a signed pointer proves it.

A tag is a claim that whoever holds the registry can change. The pointer (bundle/pointer.py) is
attached to the artifact before the tag moves to it; its serial stops rollback, its expiry bounds
how long a registry can hold newer releases back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hallgate.model.errors import InvalidDocument, NotProven, UsageError
from hallgate.model.trust import Trust
from hallgate.publish.bundle.pointer import CHANNELS, Pointer, read_pointer, verify_pointer
from hallgate.publish.registry.client import RegistryClient
from hallgate.publish.registry.reference import Reference
from hallgate.publish.registry.referrers import Attachment, content, referrers

POINTER_TYPE = "application/vnd.hallgate.channel.v1+json"
_LARGEST = 1 << 16


@dataclass(frozen=True, slots=True)
class Signed:
    """A pointer that verified, and the bytes it came in."""

    pointer: Pointer
    data: bytes

    def is_fresh(self, now: int) -> bool:
        """Whether it need not be looked for again: less than half of its time has passed."""
        one = self.pointer
        return one.issued <= now < one.issued + (one.expires - one.issued) // 2


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel of one track, and the keys whose pointers count."""

    name: str
    track: str
    trust: Trust

    def read(self, data: bytes, now: int, *, expired: bool = False) -> Signed:
        """A pointer of this channel; expired: judged at the time it was issued.

        Raises InvalidDocument, NotProven where it does not hold.
        """
        found = verify_pointer(data, self.trust, read_pointer(data).issued if expired else now)
        if (found.channel, found.track) != (self.name, self.track):
            raise NotProven(
                f"the pointer is for channel {found.channel} of {found.track},"
                f" not {self.name} of {self.track}",
                remedy="follow the repository of your track",
            )
        return Signed(found, data)

    def find(
        self,
        client: RegistryClient,
        digest: str,
        now: int,
        kept: bytes | None,
        *,
        expired: bool = False,
    ) -> Signed:
        """The newest pointer attached to this manifest that holds; kept is one seen before.

        expired: who publishes the next one counts on from an expired one too. Raises NotProven
        where none holds, naming why the last one tried does not.
        """
        candidates = [*_attached(client, digest), *([kept] if kept is not None else [])]
        found, why = self._holding(candidates, now, expired)
        if not found:
            raise NotProven(
                f"{client.where.at(digest)}: no pointer says that it is {self.name} of"
                f" {self.track}{f' ({why})' if why else ''}",
                remedy="ask the publisher to point the channel again; the last good bundle"
                " stays in use",
            )
        return max(found, key=lambda one: one.pointer.serial)

    def _holding(
        self, candidates: Iterable[bytes], now: int, expired: bool
    ) -> tuple[list[Signed], str]:
        found: list[Signed] = []
        why = ""
        for data in candidates:
            try:
                found.append(self.read(data, now, expired=expired))
            except (InvalidDocument, NotProven) as error:
                # What a stranger attached must not hide what is good.
                why = error.what
        return found, why


def channel_of(where: Reference) -> str | None:
    """The channel a reference follows, None for a digest; raises UsageError for another tag."""
    if where.digest is not None:
        return None
    if where.tag not in CHANNELS:
        raise UsageError(
            f"{where} follows no channel",
            remedy=f"pin @sha256:…, or follow :{' or :'.join(CHANNELS)}; other tags prove nothing",
        )
    return where.tag


def pointer_attachment(data: bytes) -> Attachment:
    """A signed pointer as it is attached."""
    return Attachment(POINTER_TYPE, "application/json", data)


def published_pointer(client: RegistryClient, channel: Channel, digest: str, now: int) -> Signed:
    """The pointer of what a channel's tag says now, expired or not.

    Raises NotProven where nothing proves it: a release must not guess the next serial.
    """
    return channel.find(client, digest, now, None, expired=True)


def _attached(client: RegistryClient, digest: str) -> Iterator[bytes]:
    for one in referrers(client, digest):
        # Anybody who may push can attach anything; what is too large is no pointer.
        if one.artifact_type == POINTER_TYPE and sum(it.size for it in one.layers) <= _LARGEST:
            yield content(client, one)
