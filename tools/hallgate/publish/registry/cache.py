"""Pulled artifacts by digest, and which of them each reference meant last.

sha256/<hex>/            an artifact: bundle, manifest, policies as files
newest/<hex>.json        by reference: digest, when the registry last said so, the signed pointer

What is kept is verified again each time it is used: a cache is no place of trust.
"""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hallgate.model.errors import InvalidDocument, Location, NotProven, StorageError, UsageError
from hallgate.model.values import JsonObject
from hallgate.publish.bundle.pointer import Pointer, Seen, follow, read_pointer
from hallgate.publish.registry.artifact import check_layers, read_layers
from hallgate.publish.registry.channel import Channel, Signed
from hallgate.publish.registry.client import RegistryClient
from hallgate.publish.registry.pull import BUNDLE, MANIFEST, POLICIES, Accept, pull
from hallgate.publish.registry.transport import RegistryError
from hallgate.record.canonical import canonical_bytes, is_digest, parse_json, sha256_digest
from hallgate.record.files import make_folder, write_atomic

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Held:
    """A pulled artifact, as it was accepted.

    fetched_at: when the registry last confirmed it; fault: why it is not the newest, where the
    registry could not say; pointer: what proves that the channel means it.
    """

    folder: Path
    digest: str
    fetched_at: int
    pointer: Pointer | None = None
    fault: str | None = None
    signed: bytes | None = None

    @property
    def bundle(self) -> Path:
        """The bundle, for OPA."""
        return self.folder / BUNDLE

    @property
    def policies(self) -> Path:
        """The policies as files, for conftest."""
        return self.folder / POLICIES


@dataclass(frozen=True, slots=True)
class _Note:
    digest: str
    fetched_at: int
    pointer: bytes | None


class Cache:
    """A folder of artifacts; several processes may use it at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def fetch(
        self, client: RegistryClient, now: int, accept: Accept, channel: Channel | None = None
    ) -> Held:
        """What the client's reference means: one HEAD for a tag, nothing for a digest, when held.

        Where the registry is down, slow or lying, what it gives is refused, or the disk is full,
        the last good artifact of the same reference is returned with the fault; without one, or
        once its pointer has expired, the error is raised.
        """
        where = client.where
        note = self._note(str(where))
        try:
            held = self._newest(client, now, accept, channel, note)
        except (RegistryError, NotProven, InvalidDocument, StorageError) as error:
            if note is None or where.digest:
                raise
            last = self._last(note, now, accept, channel, error)
            log.info("%s: %s", where, error.what)
            return last
        return held

    def _newest(
        self,
        client: RegistryClient,
        now: int,
        accept: Accept,
        channel: Channel | None,
        note: _Note | None,
    ) -> Held:
        where = client.where
        digest = where.digest or _resolved(client)
        signed = None
        if channel is not None:
            signed = _pointer(client, channel, digest, now, note)
        folder = self._by_digest(digest)
        bundle_digest = self._hold(client, digest, folder, accept)
        if signed is not None and channel is not None:
            seen = _seen(note, channel)
            follow(signed.pointer, channel.track, channel.name, bundle_digest, seen)
        # A digest means the same for ever: its age counts from when it was pulled.
        kept = note.fetched_at if note is not None and where.digest else now
        pointer, data = (signed.pointer, signed.data) if signed else (None, None)
        self._remember(str(where), _Note(digest, kept, data), note)
        return Held(folder, digest, kept, pointer, signed=data)

    def _last(
        self,
        note: _Note,
        now: int,
        accept: Accept,
        channel: Channel | None,
        error: RegistryError | NotProven | InvalidDocument | StorageError,
    ) -> Held:
        pointer = None
        folder = self._by_digest(note.digest)
        try:
            bundle_digest = self._verify(folder, note.digest, accept)
            if channel is not None:
                pointer = channel.read(note.pointer or b"", now).pointer
                follow(pointer, channel.track, channel.name, bundle_digest, None)
        except (NotProven, InvalidDocument) as worse:
            raise NotProven(
                f"{error.what}; and the last good bundle cannot be used: {worse.what}",
                remedy=error.remedy,
                where=worse.where,
            ) from error
        return Held(folder, note.digest, note.fetched_at, pointer, error.what, note.pointer)

    def _hold(self, client: RegistryClient, digest: str, folder: Path, accept: Accept) -> str:
        if not folder.exists():
            try:
                pull(client, digest, folder, accept)
            except (StorageError, UsageError):
                if not folder.exists():  # else another process was faster; its copy is verified
                    raise
        return self._verify(folder, digest, accept)

    def _by_digest(self, digest: str) -> Path:
        folder = self._folder / "sha256"
        make_folder(folder)
        return folder / digest.removeprefix("sha256:")

    def _verify(self, folder: Path, digest: str, accept: Accept) -> str:
        where = Location(str(folder))
        try:
            manifest = (folder / MANIFEST).read_bytes()
            bundle = (folder / BUNDLE).read_bytes()
        except OSError as error:
            raise _damaged(where, f"cannot be read: {error.strerror}") from error
        if sha256_digest(manifest) != digest:
            raise _damaged(where, "its manifest was altered")
        value = parse_json(manifest, where)
        layer, titled = read_layers(value if isinstance(value, dict) else {})
        if sha256_digest(bundle) != layer.digest:
            raise _damaged(where, "its bundle was altered")
        policies = check_layers(bundle, titled)
        base = folder / POLICIES
        lying = [path for path in base.rglob("*") if not path.is_dir() or path.is_symlink()]
        held = {path.relative_to(base).as_posix(): path for path in lying}
        if held.keys() != policies.keys() or any(
            held[name].is_symlink() or held[name].read_bytes() != policies[name] for name in held
        ):
            raise _damaged(where, "its policies were altered")
        accept(bundle)
        return layer.digest

    def _note(self, name: str) -> _Note | None:
        path = self._folder / "newest" / _key(name)
        try:
            said = parse_json(path.read_bytes(), Location(str(path)))
        except FileNotFoundError:
            return None
        if isinstance(said, Mapping):
            digest, fetched_at, pointer = (
                said.get(member) for member in ("digest", "fetched_at", "pointer")
            )
            if is_digest(digest) and type(fetched_at) is int:
                return _Note(str(digest), fetched_at, _decoded(pointer))
        raise _damaged(Location(str(path)), "the note of what was in use is none")

    def _remember(self, name: str, note: _Note, before: _Note | None) -> None:
        if note == before:
            return
        make_folder(self._folder / "newest")
        pointer = None if note.pointer is None else base64.b64encode(note.pointer).decode("ascii")
        facts: JsonObject = {
            "digest": note.digest,
            "fetched_at": note.fetched_at,
            "pointer": pointer,
            "reference": name,
        }
        write_atomic(self._folder / "newest" / _key(name), canonical_bytes(facts))


def _pointer(
    client: RegistryClient, channel: Channel, digest: str, now: int, note: _Note | None
) -> Signed:
    kept = note.pointer if note is not None and note.digest == digest else None
    if kept is not None:
        try:
            signed = channel.read(kept, now)
        except (NotProven, InvalidDocument):
            kept = None
        else:
            if signed.is_fresh(now):
                return signed
    return channel.find(client, digest, now, kept)


def _seen(note: _Note | None, channel: Channel) -> Seen | None:
    if note is None or note.pointer is None:
        return None
    try:
        # It was accepted once; that it has expired since, or its key is gone, undoes no serial.
        before = read_pointer(note.pointer)
    except InvalidDocument:
        return None
    return Seen(channel.name, channel.track, before.serial, before.digest)


def _decoded(pointer: object) -> bytes | None:
    if not isinstance(pointer, str):
        return None
    try:
        return base64.b64decode(pointer, validate=True)
    except binascii.Error:
        return None


def _key(name: str) -> str:
    return sha256_digest(name.encode()).removeprefix("sha256:") + ".json"


def _resolved(client: RegistryClient) -> str:
    tag = client.where.tag
    if tag is None:
        raise UsageError(
            f"{client.where} names neither a tag nor a digest",
            remedy="add @sha256:…, or :stable to follow releases",
        )
    digest = client.resolve(tag)
    if digest is None:
        raise RegistryError(f"{client.where} is not there", remedy="check the repository and tag")
    return digest


def _damaged(where: Location, what: str) -> NotProven:
    return NotProven(
        f"a bundle in the cache is damaged: {what}",
        where=where,
        remedy="find out who wrote there, remove that folder, then pull again",
    )
