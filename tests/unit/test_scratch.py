"""Test files go to memory only where they fit."""

import os

import pytest

from .. import scratch

PLENTY = "MemTotal:       24000000 kB\nMemAvailable:   20000000 kB\n"
LITTLE = "MemTotal:       24000000 kB\nMemAvailable:    7000000 kB\n"


def test_a_large_memory_file_system_will_do():
    assert scratch.fits(scratch.ROOM, PLENTY, 0)


@pytest.mark.parametrize(
    ("free", "memory", "flags"),
    [
        (scratch.ROOM - 1, PLENTY, 0),
        (64 << 20, PLENTY, 0),  # what Docker gives a container
        (scratch.ROOM, LITTLE, 0),
        (scratch.ROOM, "", 0),
        (scratch.ROOM, PLENTY, os.ST_NOEXEC),
        (scratch.ROOM, PLENTY, os.ST_RDONLY | os.ST_NOSUID),
    ],
)
def test_another_will_not(free, memory, flags):
    assert not scratch.fits(free, memory, flags)


def test_where_nothing_can_be_known_the_disk_is_taken(tmp_path):
    facts = tmp_path / "meminfo"
    facts.write_text(PLENTY)
    assert scratch.chosen(tmp_path / "missing", facts) is None
    assert scratch.chosen(tmp_path, tmp_path / "missing") is None
