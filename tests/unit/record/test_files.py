from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from hallgate.model.errors import NotProven, StorageError
from hallgate.record.canonical import sha256_digest
from hallgate.record.files import blob_path, read_blob, write_atomic, write_blob, write_new


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def test_written_whole_and_replaced(tmp_path: Path) -> None:
    write_atomic(tmp_path / "f", b"one")
    write_atomic(tmp_path / "f", b"two")
    assert (tmp_path / "f").read_bytes() == b"two"
    assert names(tmp_path) == ["f"]


def test_new_files_never_replace(tmp_path: Path) -> None:
    assert write_new(tmp_path / "f", b"one")
    assert not write_new(tmp_path / "f", b"two")
    assert (tmp_path / "f").read_bytes() == b"one"
    assert names(tmp_path) == ["f"]


def test_a_missing_folder_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        write_atomic(tmp_path / "no" / "f", b"one")
    assert caught.value.remedy
    (tmp_path / "file").touch()
    with pytest.raises(StorageError):
        write_blob(tmp_path / "file", b"one")


def test_blobs_lie_under_their_digest(tmp_path: Path) -> None:
    digest = write_blob(tmp_path, b"one")
    assert digest == sha256_digest(b"one")
    assert (tmp_path / "blobs/sha256" / digest[7:]).read_bytes() == b"one"
    before = blob_path(tmp_path, digest).stat().st_mtime_ns
    assert write_blob(tmp_path, b"one") == digest
    assert blob_path(tmp_path, digest).stat().st_mtime_ns == before
    assert read_blob(tmp_path, digest) == b"one"


def test_damaged_blobs_are_neither_read_nor_reused(tmp_path: Path) -> None:
    digest = write_blob(tmp_path, b"one")
    blob_path(tmp_path, digest).write_bytes(b"onE")
    with pytest.raises(NotProven, match="altered"):
        read_blob(tmp_path, digest)
    with pytest.raises(StorageError, match="does not match"):
        write_blob(tmp_path, b"one")


@pytest.mark.parametrize("digest", ["../../etc/passwd", "sha256:../x", "", "sha512:" + "a" * 64])
def test_a_digest_is_no_path(tmp_path: Path, digest: str) -> None:
    with pytest.raises(NotProven):
        read_blob(tmp_path, digest)


def test_missing_blob(tmp_path: Path) -> None:
    with pytest.raises(NotProven, match="missing"):
        read_blob(tmp_path, sha256_digest(b"one"))


_FULL = """
    import sys
    from pathlib import Path
    from hallgate.model.errors import StorageError
    from hallgate.record.files import write_atomic
    {limit}
    write_atomic(Path(sys.argv[1]) / "small", b"kept")
    try:
        write_atomic(Path(sys.argv[1]) / "small", b"x" * 3_000_000)
    except StorageError as error:
        print(error)
        raise SystemExit(error.exit_code)
"""
_LIMIT = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))"


def run_full(command: list[str], script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*command, sys.executable, "-c", textwrap.dedent(script), str(folder)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def test_a_file_too_large_leaves_the_old_one(tmp_path: Path) -> None:
    done = run_full([], _FULL.format(limit=_LIMIT), tmp_path)
    assert done.returncode == 4, done.stderr
    assert "free some space" in done.stdout
    assert (tmp_path / "small").read_bytes() == b"kept"
    assert names(tmp_path) == ["small"]


def _own_mounts() -> list[str]:
    """What gives a command mounts of its own: being root, else a user namespace.

    Some containers allow neither, to root as little; there no disk can be filled.
    """
    probe = ["sh", "-c", "mount -t tmpfs none /mnt"]
    for ways in (["unshare", "--mount"], ["unshare", "--map-root-user", "--mount"]):
        if not subprocess.run([*ways, *probe], capture_output=True, check=False).returncode:
            return ways
    pytest.skip("neither root nor a user namespace may mount a small disk here")


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    mount = f'mount -t tmpfs -o size=1m none {tmp_path} && "$@"; code=$?; ls -A {tmp_path}; '
    mount += f"cat {tmp_path}/small; exit $code"
    command = [*_own_mounts(), "sh", "-c", mount, "sh"]
    done = run_full(command, _FULL.format(limit=""), tmp_path)
    assert done.returncode == 4, done.stderr
    assert "No space left" in done.stdout
    assert "free some space" in done.stdout
    assert done.stdout.endswith("small\nkept")
