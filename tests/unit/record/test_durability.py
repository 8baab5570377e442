"""Full disks, kills and two writers: what is in a record folder is whole."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

from hallgate.record.canonical import sha256_digest
from hallgate.record.decision_proof import verify_record
from hallgate.record.decision_record import write_record
from hallgate.record.keys import write_private_key

_FULL = """
    import resource, sys
    from pathlib import Path
    sys.path.insert(0, str(Path({folder!r})))
    from worker import material, key
    from hallgate.model.errors import StorageError
    from hallgate.record.decision_record import write_record
    resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
    try:
        write_record(Path(sys.argv[1]), material(0), key(), "gate")
    except StorageError as error:
        print(error)
        raise SystemExit(error.exit_code)
"""

_WORKER = """
    import pickle, sys
    from dataclasses import replace
    from pathlib import Path
    from hallgate.record.decision_record import Material
    from hallgate.record.keys import load_private_key
    HERE = Path({folder!r})
    def key():
        return load_private_key(HERE / "key")
    def material(number):
        saved = pickle.loads((HERE / "material").read_bytes())
        at = saved.decision.decided_at + number
        decision = replace(
            saved.decision, decided_at=at, body={{**saved.decision.body, "decided_at": at}}
        )
        return replace(saved, decision=decision, waivers=b"w" * 200_000 + str(number).encode())
"""

_LOOP = """
    import sys
    from pathlib import Path
    sys.path.insert(0, {folder!r})
    from worker import material, key
    from hallgate.record.decision_record import write_record
    signing, number = key(), 0
    while True:
        write_record(Path(sys.argv[1]), material(number), signing, "gate")
        number += 1
        if number == 1:  # imports and caches are warm: whatever comes now is writing
            print("ready", flush=True)
"""


@pytest.fixture
def worker(tmp_path: Path, house: Any) -> Path:
    """A folder with key, material and a module that a child process imports."""
    folder = tmp_path / "worker"
    folder.mkdir()
    write_private_key(folder / "key", house.keys["gate"])
    (folder / "material").write_bytes(pickle.dumps(house.material()))
    module = textwrap.dedent(_WORKER.format(folder=str(folder)))
    (folder / "worker.py").write_text(module, encoding="utf-8")
    return folder


def child(script: str, folder: Path) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(script), str(folder)]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.mark.parametrize("limit", [4, 2_000, 100_000])
def test_a_full_disk_leaves_no_record(tmp_path: Path, house: Any, worker: Path, limit: int) -> None:
    records = tmp_path / "records"
    before = write_record(records, house.material(), house.keys["gate"], "gate")
    known = set(records.rglob("*"))
    done = subprocess.run(
        child(_FULL.format(folder=str(worker), limit=limit), records),
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
    )
    assert done.returncode == 4, done.stderr
    assert "free some space" in done.stdout
    left = set(records.rglob("*")) - known
    assert all(sha256_digest(one.read_bytes())[7:] == one.name for one in left)
    verify_record(before, house.trust, house.now)


def test_killed_at_any_moment_there_are_only_whole_records(
    tmp_path: Path, house: Any, worker: Path
) -> None:
    records = tmp_path / "records"
    for attempt in range(8):
        process = subprocess.Popen(
            child(_LOOP.format(folder=str(worker)), records),
            stdout=subprocess.PIPE,
            env=environment(),
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(0.02 + 0.013 * attempt)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    found = sorted(records.glob("*.record.json"))
    assert found
    for path in found:
        verify_record(path, house.trust, house.now + 10_000)


def test_two_writers_lose_nothing(tmp_path: Path, house: Any, worker: Path) -> None:
    script = f"""
        import sys
        from pathlib import Path
        sys.path.insert(0, {str(worker)!r})
        from worker import material, key
        from dataclasses import replace
        from hallgate.record.decision_record import write_record
        signing = key()
        for number in range(20):
            one = replace(material(0), policies=f"{{sys.argv[2]}} {{number}}".encode())
            write_record(Path(sys.argv[1]), one, signing, "gate")
    """
    running = [
        subprocess.Popen([*child(script, tmp_path / "records"), name], env=environment())
        for name in ("a", "b")
    ]
    assert [one.wait() for one in running] == [0, 0]
    found = list((tmp_path / "records").glob("*.record.json"))
    policies = {verify_record(one, house.trust, house.now).claims.policies for one in found}
    assert len(found) == len(policies) == 40
