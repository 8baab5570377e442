"""Writes files that must not be there yet."""

from __future__ import annotations

from pathlib import Path

from hallgate.model.errors import UsageError
from hallgate.record.files import write_new


def write_fresh(path: Path, text: str) -> Path:
    """Write a new file whole; raises UsageError where one is there already."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not write_new(path, text.encode()):
        raise UsageError(f"{path} is there already", remedy="move it away, or choose another name")
    return path
