"""Digests of what an answer rests on: the code here, programs, and folders byte for byte."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

_FLOORS = ("decide", "engine", "intake", "model", "record")
_LIBRARIES = ("cryptography", "gitpython", "jsonschema", "jsonschema-rs", "pyyaml", "rfc8785")
_LARGEST = 4 * 1024 * 1024


@lru_cache(maxsize=1)
def code_digest() -> str:
    """Over the code that reads and judges, and the libraries it does so with."""
    root = Path(__file__).parents[1]
    files = [root / "child.py", *(one for name in _FLOORS for one in (root / name).rglob("*"))]
    total = sha256(repr((sys.version, *((name, version(name)) for name in _LIBRARIES))).encode())
    for path in sorted(one for one in files if one.suffix in {".py", ".json"}):
        total.update(f"{path.relative_to(root).as_posix()}\0".encode())
        total.update(sha256(path.read_bytes()).digest())
    return total.hexdigest()


def program_facts(path: str | None) -> str:
    """Which program it is, as far as its place, size and time tell; raises OSError."""
    if path is None:
        return "none"
    real = Path(path).resolve()
    facts = real.stat()
    return f"{real} {facts.st_size} {facts.st_mtime_ns}"


def add_parts(add: Callable[[bytes], None], parts: Iterable[str]) -> None:
    """Hand over texts so that no two lists of texts give the same bytes."""
    for part in parts:
        data = part.encode("utf-8", "surrogateescape")
        add(b"%d\n" % len(data) + data)


def add_folder(add: Callable[[bytes], None], folder: Path) -> bool:
    """Hand over names, kinds and bytes of all that is below a folder, in order of name.

    False where there is a link, something that is neither file nor folder, or a file larger than
    any document: then nobody can tell. Raises OSError where something cannot be read.
    """
    if not folder.is_dir():
        add(b"nothing")
        return True
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda one: one.name)
    for entry in found:
        name = os.fsencode(entry.name)
        if entry.is_symlink():
            return False
        if entry.is_dir():
            add(b"d%d\n" % len(name) + name)
            if not add_folder(add, Path(entry.path)):
                return False
            add(b"e")
        else:
            data = _bytes(entry.path) if entry.is_file() else None
            if data is None:
                return False
            add(b"f%d,%d\n" % (len(name), len(data)) + name + data)
    return True


def _bytes(path: str) -> bytes | None:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        size = os.fstat(handle).st_size
        data = os.read(handle, size + 1) if size <= _LARGEST else b""
        return data if len(data) == size else None
    finally:
        os.close(handle)
