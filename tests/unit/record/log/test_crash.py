"""Killed, torn or crowded: what was acknowledged is there, and the log goes on.

The processes are real and are killed with SIGKILL just before one of their system calls
(an audit hook counts the files they open, rename and remove), once for each such step.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import warnings
from pathlib import Path

import pytest

from hallgate.model.errors import NotProven, StorageError
from hallgate.model.trust import Key
from hallgate.record.keys import generate_key, public_pem, write_private_key
from hallgate.record.log.append import append
from hallgate.record.log.entry import Record
from hallgate.record.log.folder import Log, create_log, open_log
from hallgate.record.log.tree import Tree

ORIGIN = "example.org/crash"
AT = 1_790_000_000

_CHILD = """
    import os, sys
    from pathlib import Path
    from hallgate.model.trust import Key
    from hallgate.record.keys import load_private_key, public_pem
    from hallgate.record.log.append import append
    from hallgate.record.log.entry import Record
    folder, key, first, count, rounds = sys.argv[1:]
    signing = load_private_key(Path(key))
    trusted = Key(public_pem(signing), 0, None, None, False)
    number = int(first)
    for _ in range(int(rounds)):
        records = [Record("evidence", b"record %d" % (number + one)) for one in range(int(count))]
        append(Path(folder), "example.org/crash", [trusted], signing, records, lambda: 1790000000)
        os.write(1, b"%d\\n" % (number + int(count)))
        number += int(count)
"""


_STEPS = ("open", "os.rename", "os.remove", "os.mkdir", "shutil.rmtree")


def _die_before(folder: str, stop: int) -> None:
    """Have this process killed just before its `stop`-th step in the folder."""
    seen = 0

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal seen
        if event in _STEPS and any(folder in str(one) for one in arguments):
            seen += 1
            if seen == stop:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


class Crash:
    def __init__(self, folder: Path) -> None:
        self.folder, self.key_file = folder / "log", folder / "key"
        self.key = generate_key()
        write_private_key(self.key_file, self.key)
        self.keys = [Key(public_pem(self.key), 0, None, None, False)]
        create_log(self.folder, ORIGIN, self.key)  # type: ignore[arg-type]

    def command(self, first: int, count: int, rounds: int = 1) -> list[str]:
        words = [self.folder, self.key_file, first, count, rounds]
        return [sys.executable, "-c", textwrap.dedent(_CHILD), *map(str, words)]

    def run(self, first: int, count: int, stop: int) -> tuple[int, int]:
        """Signal that ended the process (0: none), and how many records it was told are there.

        Forked, because starting Python for each step would take minutes.
        """
        reader, writer = os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if child == 0:
            _die_before(str(self.folder), stop)
            self.append(*(b"record %d" % (first + one) for one in range(count)))
            os.write(writer, b"%d" % (first + count))
            os._exit(0)
        os.close(writer)
        _, status = os.waitpid(child, 0)
        with os.fdopen(reader, "rb") as told:
            return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0, int(told.read() or 0)

    def append(self, *records: bytes) -> None:
        listed = [Record("evidence", one) for one in records]
        append(self.folder, ORIGIN, self.keys, self.key, listed, lambda: AT)  # type: ignore[arg-type]

    def sound(self) -> Log:
        """The log, once tiles, entries and records agree with its checkpoint."""
        log = open_log(self.folder, ORIGIN, self.keys).sound()
        tree = Tree()
        for _, entry in log.entries():
            tree.append(entry.data())
            log.record(entry)
        assert tree.root() == log.checkpoint.root
        return log


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture
def crash(tmp_path: Path) -> Crash:
    return Crash(tmp_path)


@pytest.mark.parametrize(("before", "count"), [(254, 3), (3, 6)])
def test_killed_at_every_step_nothing_acknowledged_is_lost(
    crash: Crash, before: int, count: int
) -> None:
    crash.append(*(b"early %d" % one for one in range(before)))
    size, number, killed, step = before, 0, 0, 0
    while True:
        step += 1
        code, told = crash.run(number, count, step)
        log = crash.sound()  # readable as it is, before anybody mends it
        assert log.checkpoint.size in (size, size + count)
        if told:
            assert log.checkpoint.size == size + count
        size = log.checkpoint.size
        if code == 0:
            break
        assert code == signal.SIGKILL
        killed += 1
        # What was not acknowledged may be in the log; appending it again adds nothing twice.
        crash.append(*(b"record %d" % (number + one) for one in range(count)))
        log = crash.sound()
        size = log.checkpoint.size
        number += count
        digests = [entry.record for _, entry in log.entries()]
        assert len(set(digests)) == len(digests) == before + number == size
        assert not (crash.folder / "journal").exists()
    assert killed > 10


def test_a_torn_record_of_an_unfinished_append_is_written_again(crash: Crash) -> None:
    record = Record("evidence", b"whole").entry(AT)
    torn = crash.folder / record.path
    torn.parent.mkdir(parents=True)
    torn.write_bytes(b"who")
    crash.append(b"whole")
    assert crash.sound().checkpoint.size == 1


def test_torn_tiles_beyond_the_checkpoint_do_no_harm(crash: Crash) -> None:
    crash.append(b"one")
    (crash.folder / "journal").write_text('{"from": 1, "to": 600}')
    for name in ("tile/0/000", "tile/0/000.p/2", "tile/entries/000", "tile/1/000.p/2"):
        path = crash.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"torn")
    crash.append(b"two")
    assert crash.sound().checkpoint.size == 2
    assert not (crash.folder / "tile/0/000").exists()


def test_a_torn_tile_under_the_checkpoint_is_named_and_never_built_upon(crash: Crash) -> None:
    crash.append(b"one", b"two")
    path = crash.folder / "tile/0/000.p/2"
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(NotProven, match="tile holds 57 bytes"):
        crash.append(b"three")
    (crash.folder / "tile/0/000.p/2").write_bytes(bytes(64))
    with pytest.raises(NotProven, match="do not lead to the root"):
        crash.append(b"three")


def test_a_journal_of_another_log_is_refused(crash: Crash) -> None:
    crash.append(b"one")
    (crash.folder / "journal").write_text('{"from": 7, "to": 9}')
    with pytest.raises(NotProven, match="from 7 to 9"):
        crash.append(b"two")
    (crash.folder / "journal").write_text("torn")
    with pytest.raises(StorageError, match="journal"):
        crash.append(b"two")


def test_two_writers_lose_nothing(crash: Crash) -> None:
    writers = [
        subprocess.Popen(
            crash.command(first, 3, rounds=8), stdout=subprocess.PIPE, env=environment()
        )
        for first in (0, 1000)
    ]
    told = [int(one.communicate()[0].split()[-1]) for one in writers]
    assert told == [24, 1024]
    digests = {entry.record for _, entry in crash.sound().entries()}
    assert len(digests) == crash.sound().checkpoint.size == 48


def test_who_cannot_have_the_lock_is_told(crash: Crash) -> None:
    import fcntl

    with (crash.folder / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(StorageError, match="another process"):
            append(
                crash.folder, ORIGIN, crash.keys, crash.key,  # type: ignore[arg-type]
                [Record("evidence", b"x")], lambda: AT, wait=0.05,
            )  # fmt: skip
    crash.append(b"x")
    assert crash.sound().checkpoint.size == 1


@pytest.mark.parametrize("limit", [20, 120, 400])
def test_on_a_full_disk_nothing_is_appended(crash: Crash, limit: int) -> None:
    crash.append(*(b"early %d" % one for one in range(3)))
    script = f"""
        import resource, sys
        resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
    """
    command = crash.command(0, 2)
    command[2] = textwrap.dedent(script) + command[2]
    done = subprocess.run(command, capture_output=True, check=False, text=True, env=environment())
    assert done.returncode != 0
    assert "free some space" in done.stderr
    assert crash.sound().checkpoint.size == 3
    crash.append(b"later")
    assert crash.sound().checkpoint.size == 4
