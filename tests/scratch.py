"""Prints a new folder for the files of one test run: in memory where there is room, else on disk.

Tests write, flush and remove small files all the time; a disk makes them wait a quarter of it.
`make test` sets TMPDIR to the folder, and removes it when the tests have passed.
"""

import os
import re
import sys
import tempfile
from pathlib import Path

IN_MEMORY = Path("/dev/shm")
ROOM = 4 << 30  # a run leaves less than 1 GiB behind
SPARE = 8 << 30


def fits(free: int, memory: str, flags: int) -> bool:
    """Whether a memory file system will do.

    free: its bytes left; memory: the text of /proc/meminfo; flags: how it is mounted.
    """
    available = re.search(r"^MemAvailable:\s+(\d+) kB$", memory, re.MULTILINE)
    enough = available is not None and int(available[1]) << 10 >= SPARE
    return enough and free >= ROOM and not flags & (os.ST_NOEXEC | os.ST_RDONLY)


def chosen(folder: Path = IN_MEMORY, memory: Path = Path("/proc/meminfo")) -> str | None:
    """Where to make the folder; None for where the system makes temporary files."""
    try:
        facts = os.statvfs(folder)
        text = memory.read_text(encoding="ascii")
    except (OSError, ValueError):
        return None
    fit = fits(facts.f_bavail * facts.f_frsize, text, facts.f_flag)
    return str(folder) if fit and os.access(folder, os.W_OK | os.X_OK) else None


if __name__ == "__main__":
    asked = os.environ.get("TMPDIR")  # who says where, is right
    sys.stdout.write(tempfile.mkdtemp(prefix="ht-", dir=asked or chosen()))
