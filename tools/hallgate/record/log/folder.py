"""A log on disk: its checkpoint, its tiles, and the records its entries name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hallgate.model.errors import Location, NotProven, StorageError, UsageError
from hallgate.model.trust import Key
from hallgate.record.files import make_folder, write_new
from hallgate.record.log.entry import Entry, read_entry
from hallgate.record.log.note import (
    LARGEST,
    Checkpoint,
    open_checkpoint,
    sign_checkpoint,
    valid_origin,
)
from hallgate.record.log.tiles import Tiles
from hallgate.record.log.tree import EMPTY_ROOT, root
from hallgate.record.store.folder import FolderStore

CHECKPOINT = "checkpoint"
LOCK = "lock"
JOURNAL = "journal"


@dataclass(frozen=True, slots=True)
class Log:
    """A log as of its signed checkpoint. Entries are believed once `sound()` has returned.

    note is the checkpoint's bytes; signed_by are the log's keys that signed it, whatever
    their dates.
    """

    folder: Path
    checkpoint: Checkpoint
    note: bytes
    signed_by: tuple[Key, ...]
    tiles: Tiles

    @property
    def where(self) -> Location:
        """The checkpoint's file."""
        return Location(str(self.folder / CHECKPOINT))

    def sound(self) -> Log:
        """The log, once its tiles lead to the root that was signed; else NotProven.

        Reads the right edge alone; `audit` looks at every entry.
        """
        if root(self.tiles.node, self.checkpoint.size) != self.checkpoint.root:
            raise NotProven(
                "the log's tiles do not lead to the root of its checkpoint",
                remedy="restore the log from a copy; `hallgate log verify` says what was altered",
                where=self.where,
            )
        return self

    def entry(self, index: int) -> Entry:
        """One entry; UsageError where there is none."""
        if not 0 <= index < self.checkpoint.size:
            raise UsageError(
                f"there is no entry {index}",
                remedy=f"the log has {self.checkpoint.size}, counted from 0",
                where=self.where,
            )
        return read_entry(self.tiles.entry(index), Location(f"{self.folder}#{index}"))

    def entries(self, start: int = 0) -> Iterator[tuple[int, Entry]]:
        """Index and entry, in order."""
        for index, data in self.tiles.all_entries(start):
            yield index, read_entry(data, Location(f"{self.folder}#{index}"))

    def record(self, entry: Entry) -> bytes:
        """The bytes of an entry's record, held against its digest.

        Raises NotProven when they are missing or altered.
        """
        return FolderStore(self.folder).get(entry.path, entry.record)


def is_log(folder: Path) -> bool:
    """Whether there is a log in a folder."""
    return (folder / CHECKPOINT).is_file()


def open_log(folder: Path, origin: str, keys: Sequence[Key]) -> Log:
    """The log in a folder, its checkpoint's signature verified.

    Raises UsageError where there is none, InvalidDocument, SignatureFault like
    open_checkpoint, StorageError when it cannot be read.
    """
    path = folder / CHECKPOINT
    note = read_note(path)
    checkpoint, signed_by = open_checkpoint(note, origin, keys, Location(str(path)))
    return Log(folder, checkpoint, note, signed_by, Tiles(folder, checkpoint.size))


def read_note(path: Path) -> bytes:
    """The bytes of a checkpoint file, at most a little more than one may have."""
    where = Location(str(path))
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UsageError(
            "there is no log here: its checkpoint is missing",
            remedy="make one with `hallgate log init`, or name its folder with --log",
            where=where,
        ) from error
    except OSError as error:
        raise StorageError(
            f"cannot read the checkpoint: {error.strerror}",
            remedy="check its permissions and the disk",
            where=where,
        ) from error


def create_log(folder: Path, origin: str, key: Ed25519PrivateKey) -> Checkpoint:
    """An empty log; raises UsageError where there is one, or the origin is no name."""
    if not valid_origin(origin):
        raise UsageError(
            f"{origin!r} is no name for a log",
            remedy="write it like example.org/promotions: letters, digits and . / _ -",
        )
    make_folder(folder)
    checkpoint = Checkpoint(origin, 0, EMPTY_ROOT)
    if not write_new(folder / CHECKPOINT, sign_checkpoint(checkpoint, key)):
        raise UsageError(
            "there is a log already; it is never begun again",
            remedy="choose another folder, or append to this one",
            where=Location(str(folder / CHECKPOINT)),
        )
    return checkpoint
