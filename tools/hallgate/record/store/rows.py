"""Rows in SQLite: adding and searching them. Shared by every store that searches by SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any

from hallgate.record.store.database import connect, failed, transaction
from hallgate.record.store.port import Found, Mark, Query, Row

_RECORD = "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_VERDICT = "INSERT INTO verdict VALUES (?, ?, ?)"
_TEXT = "INSERT INTO text VALUES (?, ?)"
_WORDS = "INSERT INTO words (rowid, body) VALUES (?, ?)"
_COLUMNS = "idx, at, kind, record, path, about, digest, stage, signer, allowed"

_columns = attrgetter(
    "index", "at", "kind", "record", "path", "about", "digest", "stage", "signer", "allowed"
)


class Rows:
    """The rows of one SQLite file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connection = connect(path)

    def add(self, rows: Iterable[Row], mark: Mark) -> None:
        """See Store.add."""
        kept = tuple(rows)
        records = [_columns(row) for row in kept]
        verdicts = [
            (policy, row.index, outcome) for row in kept for policy, outcome in row.verdicts
        ]
        texts = [(row.index, row.text) for row in kept]
        with transaction(self.connection, self.path) as database:
            database.executemany(_RECORD, records)
            database.executemany(_VERDICT, verdicts)
            database.executemany(_TEXT, texts)
            database.executemany(_WORDS, texts)
            database.execute("UPDATE mark SET size = ?, root = ?", (mark.size, mark.root))

    def mark(self) -> Mark:
        """See Store.mark."""
        return Mark(*self.ask("SELECT size, root FROM mark", ())[0])

    def forget(self) -> None:
        """See Store.forget."""
        with transaction(self.connection, self.path) as database:
            for table in ("record", "verdict", "text"):
                database.execute(f"DELETE FROM {table}")
            database.execute("INSERT INTO words (words) VALUES ('rebuild')")
            database.execute("UPDATE mark SET size = 0, root = ''")

    def erase_text(self, paths: Sequence[str]) -> None:
        """Remove the text of the records under these paths; the rows stay."""
        with transaction(self.connection, self.path) as database:
            for path in paths:
                found = database.execute(
                    "SELECT idx FROM text WHERE idx IN (SELECT idx FROM record WHERE path = ?)",
                    (path,),
                ).fetchall()
                for (index,) in found:
                    database.execute("DELETE FROM words WHERE rowid = ?", (index,))
                    database.execute("DELETE FROM text WHERE idx = ?", (index,))
            # A deleted row's words stay in the full-text index until it is made again.
            database.execute("INSERT INTO words (words) VALUES ('rebuild')")
        # What the write-ahead log still holds of it goes too.
        self.ask("PRAGMA wal_checkpoint(TRUNCATE)", ())

    def search(self, query: Query) -> Found:
        """See Store.search."""
        conditions, values = _conditions(query)
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        ((total,),) = self.ask(f"SELECT count(*) FROM record{where}", values)
        found = self.ask(
            f"SELECT {_COLUMNS} FROM record{where} ORDER BY idx LIMIT ?", (*values, query.limit)
        )
        return Found(tuple(self._row(one) for one in found), total)

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def _row(self, found: tuple[Any, ...]) -> Row:
        index, at, kind, record, path, about, digest, stage, signer, allowed = found
        texts = self.ask("SELECT body FROM text WHERE idx = ?", (index,))
        verdicts = self.ask(
            "SELECT policy, outcome FROM verdict WHERE idx = ? ORDER BY policy", (index,)
        )
        return Row(
            index, at, kind, record, path, about, digest, stage, signer,
            None if allowed is None else bool(allowed),
            tuple((policy, outcome) for policy, outcome in verdicts),
            texts[0][0] if texts else "",
        )  # fmt: skip

    def ask(self, sql: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        """All rows of an answer; raises StorageError."""
        try:
            return self.connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise failed(self.path, error) from error


def _conditions(query: Query) -> tuple[list[str], list[object]]:
    asked: list[tuple[str, object]] = [
        ("about = ?", query.about),
        ("digest = ?", query.digest),
        ("kind = ?", query.kind),
        ("signer = ?", query.signer),
        ("stage = ?", query.stage),
        ("allowed = ?", query.allowed),
        ("at >= ?", query.since),
        ("at < ?", query.until),
    ]
    conditions = [sql for sql, value in asked if value is not None]
    values = [value for _, value in asked if value is not None]
    if query.policies is not None or query.outcome is not None:
        inner = []
        if query.policies is not None:
            inner.append(f"policy IN ({', '.join('?' * len(query.policies))})")
            values += query.policies
        if query.outcome is not None:
            inner.append("outcome = ?")
            values.append(query.outcome)
        conditions.append(f"idx IN (SELECT idx FROM verdict WHERE {' AND '.join(inner)})")
    if query.text is not None:
        # Each word quoted: FTS5's own syntax is no business of whoever searches.
        words = " ".join('"' + word.replace('"', '""') + '"' for word in query.text.split())
        conditions.append("idx IN (SELECT rowid FROM words WHERE words MATCH ?)")
        values.append(words or '""')
    return conditions, values
