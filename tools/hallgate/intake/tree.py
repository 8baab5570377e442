"""A policy repository at a commit, from Git objects alone.

Nothing is checked out: no filter, hook, submodule or link of the commit is ever followed.
What the gate reads must be plain files with plain names; it is laid read-only into a
private folder, so that the readers of a work tree serve here as well.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hallgate.intake.commit_signatures import CommitCheck
from hallgate.intake.history import _FORMAT, TOUCHING, History, _merged, _text, _touched
from hallgate.intake.tree_objects import LIST_LIMIT, Entry, Objects
from hallgate.model.errors import Fault, InvalidDocument, Location

GUARDED = (
    "policies", "exceptions", "evidence-schemas", "trust", "frameworks", "tracks",
    "inventory", "tests/scenarios",
)  # fmt: skip
OWNER_FILES = ("CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS")
_TOOLS = (".tools", ".venv")
_MOST_ENTRIES = 200_000
_MOST_BYTES = 256 * 1024 * 1024
_LARGEST = 4 * 1024 * 1024
_LONGEST_PATH, _LONGEST_NAME = 1000, 200
_SHOWN, _FAULTS = 200, 200
_PLAIN = frozenset({"100644", "100755"})


@dataclass(frozen=True, slots=True)
class Blob:
    """A file of the tree by Git's mode and object id; a link or submodule has its own modes."""

    mode: str
    oid: str
    size: int


@dataclass(frozen=True, slots=True)
class Tree:
    """All files of a commit by path; commit is its full id."""

    commit: str
    files: Mapping[str, Blob]

    def under(self, *folders: str) -> dict[str, Blob]:
        """The files in these folders, or of these names."""
        return {path: blob for path, blob in self.files.items() if _inside(path, folders)}

    def same(self, other: Tree, *folders: str) -> bool:
        """Whether two trees agree in these folders, byte for byte."""
        return self.under(*folders) == other.under(*folders)


def read_tree(objects: Objects, name: str) -> Tree:
    """The tree of a commit; raises UsageError without one, InvalidDocument with every fault.

    Refused anywhere: names that a file system could confuse or a terminal obey, and files
    where built tools lie. Refused in what the gate reads: all but plain files of bounded size.
    """
    commit = objects.commit(name)
    entries = objects.entries(commit)
    if len(entries) > _MOST_ENTRIES:
        raise InvalidDocument.one(
            f"the commit has {len(entries)} files, more than {_MOST_ENTRIES}",
            remedy="keep data and models elsewhere",
        )
    faults = [*(fault for entry in entries for fault in _faults(entry)), *_collisions(entries)]
    if faults:
        kept = tuple(faults[:_FAULTS])
        if len(faults) > _FAULTS:
            more = f"{len(faults) - _FAULTS} more faults of this kind"
            kept += (Fault(more, None, "mend the first ones, then look again"),)
        raise InvalidDocument(kept)
    files = {
        entry.path.decode("utf-8"): Blob(entry.mode, entry.oid, entry.size or 0)
        for entry in entries
    }
    total = sum(blob.size for path, blob in files.items() if _inside(path, GUARDED))
    if total > _MOST_BYTES:
        raise InvalidDocument.one(
            f"what the gate would read has {total} bytes, more than {_MOST_BYTES}",
            remedy="keep data and models elsewhere",
        )
    return Tree(commit, files)


def materialise(objects: Objects, tree: Tree, folder: Path) -> Path:
    """Lay what the gate reads into an empty private folder, read-only; returns the folder."""
    wanted = tree.under(*GUARDED, *OWNER_FILES)
    contents = objects.blobs([blob.oid for blob in wanted.values()])
    for path, blob in wanted.items():
        target = folder / path
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(target, flags, 0o400), "wb") as file:
            file.write(contents[blob.oid])
    (folder / "policies" / "promotion").mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def history_of(
    objects: Objects, tree: Tree, folder: str, check: CommitCheck | None = None
) -> History:
    """Who touched the files of a folder, as of a commit; paths are relative to the folder.

    check is given where commits must be signed.
    """
    plain = ("--no-textconv", "--no-ext-diff")
    arguments = ["log", *TOUCHING, *plain, f"--format={_FORMAT}", tree.commit, "--", folder]
    line = [
        "log", "-z", "--first-parent", "-m", "--no-renames", "--name-only", "--no-notes",
        "--no-textconv", "--no-ext-diff", "--format=%x01%ct", tree.commit, "--", folder,
    ]  # fmt: skip
    log, merges = (_text(objects.read(one, LIST_LIMIT)) for one in (arguments, line))
    prefix = f"{folder}/"
    touched = {name.removeprefix(prefix): who for name, who in _touched(log).items()}
    merged = {name.removeprefix(prefix): when for name, when in _merged(merges).items()}

    def asked(settings: Sequence[str], words: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        command = [*settings, "log", *TOUCHING, *plain, *words, "--", folder]
        found = _touched(_text(objects.read(command, LIST_LIMIT)))
        return {name.removeprefix(prefix): who for name, who in found.items()}

    unsigned = check.unsigned(tree.commit, asked) if check is not None else {}
    return History(tree.commit, None, frozenset(), touched, merged, unsigned=unsigned)


def shown(path: bytes) -> str:
    """A path that is safe to print: what is no printable character becomes an escape."""
    text = path[:_SHOWN].decode("utf-8", "backslashreplace")
    safe = "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text
    )
    return safe + ("…" if len(path) > _SHOWN else "")


def _inside(path: str, folders: tuple[str, ...]) -> bool:
    return any(path == folder or path.startswith(f"{folder}/") for folder in folders)


def _faults(entry: Entry) -> Iterator[Fault]:
    where = Location(shown(entry.path))
    try:
        path = entry.path.decode("utf-8")
    except UnicodeDecodeError:
        yield Fault("the name is not UTF-8", where, "rename it")
        return
    parts = path.split("/")
    if not path.isprintable():
        yield Fault("the name holds control or invisible characters", where, "rename it")
    if len(entry.path) > _LONGEST_PATH or any(len(one.encode()) > _LONGEST_NAME for one in parts):
        most = f"{_LONGEST_PATH} bytes, and {_LONGEST_NAME} to a name"
        yield Fault(f"the path has more than {most}", where, "shorten it")
    folded = [_folded(one).rstrip(". ") for one in parts]
    if any(one in {"", ".git"} for one in folded) or "\\" in path or ":" in path:
        yield Fault("the name means another place to some system", where, "rename it")
    if folded[0] in _TOOLS:
        words = "take it out of the commit; tools are built, never committed"
        yield Fault("lies where the gate's own tools are looked for", where, words)
    yield from _guarded(entry, path, where)


def _guarded(entry: Entry, path: str, where: Location) -> Iterator[Fault]:
    """Faults of what the gate reads, also under another spelling or in place of a folder."""
    folded = _folded(path)
    alias = next((one for one in (*GUARDED, *OWNER_FILES) if _same_place(folded, one)), None)
    if alias is None:
        return
    if not _inside(path, (alias,)) and not alias.startswith(f"{path}/"):
        yield Fault(f"is another spelling of {alias}", where, "spell it alike")
    if entry.mode == "120000":
        yield Fault("is a symbolic link, which could point anywhere", where, "put the file here")
    elif entry.kind != "blob":
        yield Fault("is a submodule, which nobody would fetch", where, "put the files here")
    elif entry.mode not in _PLAIN:
        yield Fault(f"has Git's mode {entry.mode}", where, "make it a plain file")
    elif alias.startswith(f"{path}/") or path in GUARDED:
        yield Fault("is a file where a folder belongs", where, "make it a folder")
    elif entry.size is None or entry.size > _LARGEST:
        words = f"keep it below {_LARGEST} bytes"
        yield Fault(f"has {entry.size} bytes", where, words)


def _same_place(folded: str, guarded: str) -> bool:
    """Whether a path is, lies in, or stands in the way of a guarded one, whatever its case."""
    other = guarded.casefold()
    return folded == other or folded.startswith(f"{other}/") or other.startswith(f"{folded}/")


def _collisions(entries: tuple[Entry, ...]) -> Iterator[Fault]:
    """Files and folders that one file system would take for one another."""
    first: dict[str, bytes] = {}
    told: set[bytes] = set()
    for entry in entries:
        parts = entry.path.split(b"/")
        for depth in range(1, len(parts) + 1):
            prefix = b"/".join(parts[:depth])
            known = first.setdefault(_folded(prefix.decode("utf-8", "backslashreplace")), prefix)
            if known != prefix and prefix not in told:
                told.add(prefix)
                words = f"differs from {shown(known)} only by case or composition"
                yield Fault(words, Location(shown(prefix)), "keep one of them")


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold())
