"""Pull by digest into a folder that is there whole or not at all."""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hallgate.model.errors import (
    InvalidDocument,
    Location,
    NotProven,
    StorageError,
    UsageError,
)
from hallgate.model.values import JsonValue
from hallgate.publish.registry.artifact import check_layers, read_layers
from hallgate.publish.registry.client import RegistryClient
from hallgate.publish.registry.transport import RegistryError
from hallgate.record.canonical import canonical_bytes, parse_json, sha256_digest
from hallgate.record.files import make_folder, write_atomic

log = logging.getLogger(__name__)

BUNDLE = "bundle.tar.gz"
MANIFEST = "manifest.json"
POLICIES = "policies"

# Called with the bundle before it is used; raises to refuse it (signature, scope, serial).
Accept = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Held:
    """A pulled artifact. fault: why it is not the newest, where the registry could not say."""

    folder: Path
    digest: str
    fetched_at: int
    fault: str | None = None

    @property
    def bundle(self) -> Path:
        """The bundle, for OPA."""
        return self.folder / BUNDLE

    @property
    def policies(self) -> Path:
        """The policies as files, for conftest."""
        return self.folder / POLICIES


def pull(client: RegistryClient, digest: str, folder: Path, accept: Accept) -> Path:
    """Pull an artifact into a fresh folder; everything is verified before the folder appears.

    Raises NotProven (other bytes than the digest says), RegistryError, StorageError (disk full),
    and what accept raises; then nothing is left.
    """
    if folder.exists() or folder.is_symlink():
        raise UsageError(f"{folder} is there already", remedy="pull into a folder that is not")
    found = client.manifest(digest)
    if found is None:
        raise RegistryError(
            f"{client.where.at(digest)} is not there",
            remedy="check the digest and whether the registry cleans up; nothing was installed",
        )
    layer, titled = read_layers(found[1])
    bundle = client.blob(layer.digest, layer.size)
    policies = check_layers(bundle, titled)
    accept(bundle)
    files = {f"{POLICIES}/{path}": data for path, data in policies.items()}
    _install(folder, {**files, BUNDLE: bundle, MANIFEST: found[0]})
    return folder


class Cache:
    """Pulled artifacts by digest, and which of them each reference meant last."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def fetch(self, client: RegistryClient, now: int, accept: Accept) -> Held:
        """What the client's reference means: one HEAD for a tag, nothing for a digest, when held.

        Where the registry is down, slow or lying, what it gives is refused, or the disk is full,
        the last good artifact of the same reference is returned with the fault; without one the
        error is raised.
        A held copy is verified and accepted again each time.
        """
        where = client.where
        try:
            digest = where.digest or _resolved(client)
            folder = self._by_digest(digest)
            self._hold(client, digest, folder, accept)
            held = Held(folder, digest, now)
        except (RegistryError, NotProven, InvalidDocument, StorageError) as error:
            last = self._last(str(where), accept)
            if last is None or where.digest:
                raise
            log.warning("%s: %s", where, error.what)
            return Held(last.folder, last.digest, last.fetched_at, error.what)
        self._remember(str(where), held)
        return held

    def _hold(self, client: RegistryClient, digest: str, folder: Path, accept: Accept) -> None:
        if not folder.exists():
            try:
                pull(client, digest, folder, accept)
                return
            except (StorageError, UsageError):
                if not folder.exists():  # else another process was faster; its copy is verified
                    raise
        self._verify(folder, digest, accept)

    def _by_digest(self, digest: str) -> Path:
        folder = self._folder / "sha256"
        make_folder(folder)
        return folder / digest.removeprefix("sha256:")

    def _verify(self, folder: Path, digest: str, accept: Accept) -> None:
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

    def _last(self, name: str, accept: Accept) -> Held | None:
        try:
            said = parse_json((self._folder / "newest" / _key(name)).read_bytes())
        except FileNotFoundError:
            return None
        digest, fetched_at = (
            (said.get("digest"), said.get("fetched_at")) if isinstance(said, dict) else (None, None)
        )
        if not isinstance(digest, str) or not isinstance(fetched_at, int):
            return None
        folder = self._by_digest(digest)
        self._verify(folder, digest, accept)
        return Held(folder, digest, fetched_at)

    def _remember(self, name: str, held: Held) -> None:
        make_folder(self._folder / "newest")
        note: dict[str, JsonValue] = {
            "digest": held.digest,
            "fetched_at": held.fetched_at,
            "reference": name,
        }
        write_atomic(self._folder / "newest" / _key(name), canonical_bytes(note))


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


def _install(folder: Path, files: dict[str, bytes]) -> None:
    make_folder(folder.parent)
    try:
        staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    except OSError as error:
        raise _unwritten(folder, error) from error
    try:
        for name, data in files.items():
            make_folder((staging / name).parent)
            write_atomic(staging / name, data)
        staging.chmod(0o755)
        staging.rename(folder)
    except OSError as error:
        raise _unwritten(folder, error) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _unwritten(folder: Path, error: OSError) -> StorageError:
    return StorageError(
        f"the folder could not be made: {error.strerror}",
        remedy="check its parent, permissions and the disk; nothing was installed",
        where=Location(str(folder)),
    )


def _damaged(where: Location, what: str) -> NotProven:
    return NotProven(
        f"a bundle in the cache is damaged: {what}",
        where=where,
        remedy="find out who wrote there, remove that folder, then pull again",
    )
