"""A SQLite file brought to the newest form: numbered migrations, forward only.

Each `migrations/NNNN_*.sql` runs once, in its own transaction together with the number
that says so, so that a kill between leaves the old form or the new one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hallgate.model.errors import Location, StorageError

_MIGRATIONS = Path(__file__).with_name("migrations")
_SETTINGS = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA busy_timeout = 30000;
PRAGMA secure_delete = ON;
"""


def connect(path: Path) -> sqlite3.Connection:
    """The database in a file, made or migrated; raises StorageError.

    Every commit is on the disk before it is acknowledged.
    """
    where = Location(str(path))
    try:
        # Transactions are ours: `with transaction(...)`.
        connection = sqlite3.connect(path, isolation_level=None)
    except sqlite3.Error as error:
        raise failed(path, error) from error
    try:
        connection.executescript(_SETTINGS)
        _migrate(connection, where)
    except sqlite3.Error as error:
        connection.close()
        raise failed(path, error) from error
    except StorageError:
        connection.close()
        raise
    return connection


def version(connection: sqlite3.Connection) -> int:
    """The number of the newest migration that ran."""
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    return int(found)


@contextmanager
def transaction(connection: sqlite3.Connection, path: Path) -> Iterator[sqlite3.Connection]:
    """All or nothing; raises StorageError."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise failed(path, error) from error


def failed(path: Path, error: sqlite3.Error) -> StorageError:
    """What a failure of SQLite means to people."""
    if isinstance(error, sqlite3.OperationalError):
        remedy = "check the folder, the free space, and whether another process holds it"
    else:
        remedy = "the file is damaged: rows are made again by `hallgate records index --anew`"
    return StorageError(f"the index failed: {error}", remedy=remedy, where=Location(str(path)))


def migrations() -> tuple[tuple[int, str], ...]:
    """Number and SQL of every migration, in order."""
    files = sorted(_MIGRATIONS.glob("[0-9][0-9][0-9][0-9]_*.sql"))
    return tuple((int(one.name[:4]), one.read_text(encoding="utf-8")) for one in files)


def _migrate(connection: sqlite3.Connection, where: Location) -> None:
    steps = migrations()
    newest = steps[-1][0]
    if version(connection) > newest:
        raise StorageError(
            f"the index has the form {version(connection)}, this version knows {newest}",
            remedy="use a newer Hallgate, or remove the index: it is made again",
            where=where,
        )
    for number, sql in steps:
        if version(connection) >= number:
            continue
        # executescript would commit first: the script brings its own transaction.
        try:
            connection.executescript(
                f"BEGIN IMMEDIATE;\n{sql}\nPRAGMA user_version = {number};\nCOMMIT;"
            )
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if version(connection) < number:  # else another process migrated it meanwhile
                raise
