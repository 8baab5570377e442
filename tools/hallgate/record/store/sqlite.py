"""A store in one SQLite file, records and rows: easy to hand over, and quick to fill."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from hallgate.model.errors import Location, NotProven
from hallgate.record.store.database import transaction
from hallgate.record.store.folder import intact, missing
from hallgate.record.store.port import Found, Mark, Payload, Query, Row
from hallgate.record.store.rows import Rows


class SqliteStore:
    """A `Store` in a file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._rows = Rows(file)

    def put(self, payloads: Sequence[Payload]) -> None:
        """See Store.put."""
        with transaction(self._rows.connection, self._file) as database:
            for one in payloads:
                kept = database.execute(
                    "SELECT digest, data FROM payload WHERE path = ?", (one.path,)
                ).fetchone()
                if kept is None:
                    values = (one.path, one.digest, one.data)
                    database.execute("INSERT INTO payload VALUES (?, ?, ?)", values)
                elif kept != (one.digest, one.data):
                    raise NotProven(
                        f"another record has the name {one.path}",
                        remedy="find out who changed it, restore it from a copy, then append again",
                        where=self._where(one.path),
                    )

    def get(self, path: str, digest: str) -> bytes:
        """See Store.get."""
        found = self._rows.ask("SELECT data FROM payload WHERE path = ?", (path,))
        if not found:
            raise missing(self._where(path))
        return intact(found[0][0], digest, str(self._where(path)))

    def has(self, path: str) -> bool:
        """See Store.has."""
        return bool(self._rows.ask("SELECT 1 FROM payload WHERE path = ?", (path,)))

    def erase(self, paths: Sequence[str]) -> None:
        """See Store.erase."""
        with transaction(self._rows.connection, self._file) as database:
            database.executemany("DELETE FROM payload WHERE path = ?", [(one,) for one in paths])
        self._rows.erase_text(paths)

    def add(self, rows: Iterable[Row], mark: Mark) -> None:
        """See Store.add."""
        self._rows.add(rows, mark)

    def mark(self) -> Mark:
        """See Store.mark."""
        return self._rows.mark()

    def forget(self) -> None:
        """See Store.forget."""
        self._rows.forget()

    def search(self, query: Query) -> Found:
        """See Store.search."""
        return self._rows.search(query)

    def close(self) -> None:
        """See Store.close."""
        self._rows.close()

    def _where(self, path: str) -> Location:
        return Location(f"{self._file}#{path}")
