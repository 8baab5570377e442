"""The store of a log's folder: records as files, rows in index.sqlite beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import FileIO
from pathlib import Path

from hallgate.model.errors import Location, NotProven, StorageError
from hallgate.record.canonical import file_digest, sha256_digest
from hallgate.record.files import make_folder, write_atomic, write_batch
from hallgate.record.store.port import Found, Mark, Payload, Query, Row
from hallgate.record.store.rows import Rows

INDEX = "index.sqlite"

_FEW = 4  # so many files are flushed one by one


class FolderStore:
    """A `Store` in a folder; the index is opened when it is first needed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._rows: Rows | None = None

    def put(self, payloads: Sequence[Payload]) -> None:
        """See Store.put."""
        files = []
        for one in payloads:
            path = self.folder / one.path
            if not _kept(path, one):
                files.append((path, one.data))
        for parent in {path.parent for path, _ in files}:
            make_folder(parent)
        if len(files) > _FEW:
            write_batch(files, self.folder)
            return
        for path, data in files:
            write_atomic(path, data)

    def get(self, path: str, digest: str) -> bytes:
        """See Store.get."""
        file = f"{self.folder}/{path}"
        try:
            with FileIO(file) as opened:
                data = opened.readall()
        except FileNotFoundError as error:
            raise missing(Location(file)) from error
        except OSError as error:
            raise StorageError(
                f"cannot read the record: {error.strerror}",
                remedy="check its permissions and the disk",
                where=Location(file),
            ) from error
        return intact(data, digest, file)

    def has(self, path: str) -> bool:
        """See Store.has."""
        return (self.folder / path).exists()

    def erase(self, paths: Sequence[str]) -> None:
        """See Store.erase. A file system may keep old blocks: encrypt the disk below it."""
        for path in paths:
            try:
                (self.folder / path).unlink(missing_ok=True)
            except OSError as error:
                raise StorageError(
                    f"cannot erase the record: {error.strerror}",
                    remedy="check its permissions, then dispose again",
                    where=Location(str(self.folder / path)),
                ) from error
        self.rows.erase_text(paths)

    @property
    def rows(self) -> Rows:
        """The index."""
        if self._rows is None:
            make_folder(self.folder)
            self._rows = Rows(self.folder / INDEX)
        return self._rows

    def add(self, rows: Iterable[Row], mark: Mark) -> None:
        """See Store.add."""
        self.rows.add(rows, mark)

    def mark(self) -> Mark:
        """See Store.mark."""
        return self.rows.mark()

    def forget(self) -> None:
        """See Store.forget."""
        self.rows.forget()

    def search(self, query: Query) -> Found:
        """See Store.search."""
        return self.rows.search(query)

    def close(self) -> None:
        """See Store.close."""
        if self._rows is not None:
            self._rows.close()
            self._rows = None


def _kept(path: Path, one: Payload) -> bool:
    """Whether the bytes are there; what an unfinished append left torn is not."""
    if not path.exists():
        return False
    if file_digest(path) == one.digest:
        return True
    if one.path.startswith("blobs/"):
        return False
    raise NotProven(
        "another record has this name",
        remedy="find out who changed it, restore it from a copy, then append again",
        where=Location(str(path)),
    )


def missing(where: Location) -> NotProven:
    """A record that is not there."""
    return NotProven(
        "the record is missing",
        remedy="restore it from a copy; an erased one has a tombstone in the log",
        where=where,
    )


def intact(data: bytes, digest: str, file: str) -> bytes:
    """The bytes, once they have the digest; else NotProven."""
    if sha256_digest(data) != digest:
        raise NotProven(
            "the record was altered: its bytes do not match its entry",
            remedy="restore it from a copy and find out who changed it",
            where=Location(file),
        )
    return data
