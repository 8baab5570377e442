"""Migrations: each form can become the next, and what is newer or broken is refused."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from hallgate.model.errors import StorageError
from hallgate.record.store.database import connect, migrations, version

NEWEST = migrations()[-1][0]


def test_numbers_have_no_gap() -> None:
    assert [number for number, _ in migrations()] == list(range(1, NEWEST + 1))


@pytest.mark.parametrize("form", range(NEWEST))
def test_every_older_form_becomes_the_newest_and_keeps_its_rows(tmp_path: Path, form: int) -> None:
    path = tmp_path / "index.sqlite"
    older = sqlite3.connect(path)
    for number, sql in migrations()[:form]:
        older.executescript(f"BEGIN; {sql} PRAGMA user_version = {number}; COMMIT;")
    if form:
        older.execute("INSERT INTO record VALUES (7,1,'decision','r','p','a','d',NULL,'s',1)")
        older.commit()
    older.close()
    for _ in range(2):
        connection = connect(path)
        assert version(connection) == NEWEST
        found = connection.execute("SELECT idx FROM record").fetchall()
        assert found == ([(7,)] if form else [])
        connection.close()


def test_a_migration_that_stops_halfway_leaves_the_older_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "index.sqlite"
    broken = (*migrations(), (NEWEST + 1, "CREATE TABLE more (x); INSERT INTO nowhere VALUES (1);"))
    monkeypatch.setattr("hallgate.record.store.database.migrations", lambda: broken)
    with pytest.raises(StorageError, match="nowhere"):
        connect(path)
    left = sqlite3.connect(path)
    assert left.execute("PRAGMA user_version").fetchone() == (NEWEST,)
    assert not left.execute("SELECT 1 FROM sqlite_master WHERE name = 'more'").fetchall()
    left.close()


def test_a_newer_form_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite"
    newer = sqlite3.connect(path)
    newer.execute(f"PRAGMA user_version = {NEWEST + 1}")
    newer.close()
    with pytest.raises(StorageError, match="use a newer Hallgate") as error:
        connect(path)
    assert str(path) in str(error.value)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite"
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(StorageError, match="the file is damaged"):
        connect(path)


def test_a_commit_is_durable(tmp_path: Path) -> None:
    connection = connect(tmp_path / "index.sqlite")
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA secure_delete").fetchone() == (1,)
    connection.close()
