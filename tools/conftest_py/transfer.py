"""``push`` and ``pull``: explicit references, fresh folders, and a list of what was moved."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from conftest_py.data import NOT_DATA, SUFFIXES, read_data_file
from conftest_py.errors import PullError, PushError, UsageError, missing
from conftest_py.policies import TEST_SUFFIX, read_sources, walk
from conftest_py.process import Completed
from conftest_py.results import PullReport, TransferredFile

_REFERENCE = re.compile(
    r"^[A-Za-z0-9.-]+(:[0-9]+)?/[a-z0-9]+([._/-]+[a-z0-9]+)*:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$"
)
_PUSHED = re.compile(r"pushed bundle with digest: (sha256:[0-9a-f]{64})\s*$", re.MULTILINE)
_SCHEMES = ("oci://", "https://", "file:///", "git::https://", "git::ssh://", "git::file:///")


def check_reference(reference: str) -> str:
    """Refuse a push reference without a tag (conftest adds ``latest``) or with a scheme."""
    if not _REFERENCE.match(reference):
        raise UsageError(f"{reference!r} is not host/repository:tag")
    return reference


def check_source(source: str, tls: bool) -> str:
    """Refuse a pull source whose transport conftest would have to guess, or may rewrite."""
    schemes = _SCHEMES if tls else (*_SCHEMES, "http://")
    if not source.startswith(schemes) or any(mark.isspace() for mark in source):
        raise UsageError(f"{source!r} must begin with one of {', '.join(schemes)}")
    if "localhost" in source:
        raise UsageError("conftest rewrites `localhost` anywhere in a source: write 127.0.0.1")
    if source.startswith(("https://", "http://")) and source.split("?")[0].endswith("/"):
        raise UsageError("a source ending in / may be redirected to another transport")
    return source


def stage_bundle(
    folder: Path, target: Path, include_tests: bool
) -> tuple[tuple[TransferredFile, ...], tuple[str, ...]]:
    """Copy what a push may hold; returns the files, and the names of those left out."""
    if not folder.is_dir():
        raise PushError(f"{folder} is not a folder" if folder.exists() else missing(folder))
    kept, left = [], []
    sources = {source.origin for source in read_sources([folder])}
    for path in walk(folder):
        name = path.relative_to(folder).as_posix()
        is_policy = str(path) in sources
        is_test = is_policy and path.name.endswith(TEST_SUFFIX)
        if path.suffix in SUFFIXES and path.name not in NOT_DATA:
            read_data_file(path)
        elif not is_policy or (is_test and not include_tests):
            left.append(name)
            continue
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target / name)
        kept.append(describe(target / name, name))
    if not any(item.path.endswith(".rego") for item in kept):
        raise PushError(f"{folder} holds no policies to push")
    return tuple(sorted(kept)), tuple(sorted(left))


def read_pushed(done: Completed) -> str:
    """The digest conftest printed; anything but exactly one is an error."""
    digests = _PUSHED.findall(done.stdout.decode("utf-8", "replace") + "\n" + done.stderr)
    if done.code != 0:
        raise PushError(f"conftest push failed: {done.stderr or 'no reason given'}")
    if len(digests) != 1:
        raise PushError("conftest push printed no digest")
    return str(digests[0])


def describe(path: Path, name: str) -> TransferredFile:
    """Size and digest of a file under the name it has in the artifact."""
    raw = path.read_bytes()
    return TransferredFile(name, hashlib.sha256(raw).hexdigest(), len(raw))


def present(path: Path) -> bool:
    """Whether something stands at a path, even a dangling symbolic link."""
    return path.exists() or path.is_symlink()


def deliver(pulled: Path, destination: Path, source: str) -> PullReport:
    """Copy what was pulled into ``destination``, which must not exist, in one rename."""
    staging = Path(tempfile.mkdtemp(prefix=f".{destination.name}.", dir=destination.parent))
    try:
        files = []
        for name, path in _pulled_files(pulled, source):
            (staging / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, staging / name)
            files.append(describe(staging / name, name))
        if not any(item.path.endswith(".rego") for item in files):
            raise PullError(f"{source} brought no policies")
        staging.chmod(0o755)
        if present(destination):
            raise PullError(f"{destination} exists")
        staging.rename(destination)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return PullReport(source, str(destination), tuple(sorted(files)))


def _pulled_files(pulled: Path, source: str) -> Iterator[tuple[str, Path]]:
    local = source.startswith("file://")
    if pulled.is_symlink() and not local:
        raise PullError(f"{source} brought a symbolic link")
    if not pulled.is_dir():
        raise PullError(f"{source} brought nothing")
    base = pulled.resolve()
    for root, folders, files in os.walk(base):
        folders[:] = sorted(name for name in folders if name != ".git")
        for name in sorted(files + folders):
            path = Path(root) / name
            # go-getter links a local file instead of copying it; nothing else may be a link
            linked = local and path.parent == pulled and path.is_file()
            if path.is_symlink() and not linked:
                raise PullError(f"{source} brought a symbolic link: {name}")
            if name in files:
                yield path.relative_to(base).as_posix(), path
