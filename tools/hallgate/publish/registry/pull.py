"""Pull by digest into a folder that is there whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from hallgate.model.errors import Location, StorageError, UsageError
from hallgate.publish.registry.artifact import check_layers, read_layers
from hallgate.publish.registry.client import RegistryClient
from hallgate.publish.registry.transport import RegistryError
from hallgate.record.files import make_folder, write_atomic

BUNDLE = "bundle.tar.gz"
MANIFEST = "manifest.json"
POLICIES = "policies"

# Called with the bundle before it is used; raises to refuse it (signature, scope, serial).
Accept = Callable[[bytes], None]


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


def install_copy(held: Path, folder: Path) -> Path:
    """Copy a pulled artifact, verified by its caller, into a fresh folder: whole or not at all.

    Raises UsageError where the folder is there, StorageError.
    """
    if folder.exists() or folder.is_symlink():
        raise UsageError(f"{folder} is there already", remedy="pull into a folder that is not")
    names = sorted(path for path in held.rglob("*") if path.is_file())
    _install(folder, {path.relative_to(held).as_posix(): path.read_bytes() for path in names})
    return folder


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
