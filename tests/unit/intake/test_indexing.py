"""Rows follow the log, and are made again where they do not lie on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hallgate.intake.indexing import refresh
from hallgate.intake.logged import record_of
from hallgate.model.trust import Key, Trust
from hallgate.record.keys import generate_key, public_pem
from hallgate.record.log.append import append
from hallgate.record.log.entry import Record
from hallgate.record.log.folder import create_log, open_log
from hallgate.record.store.folder import FolderStore
from hallgate.record.store.port import Mark, Query

NOW = 1_790_000_000
ORIGIN = "example.org/promotions"


class Folder:
    def __init__(self, folder: Path, trust: Trust) -> None:
        self.folder, self.trust, self.key = folder, trust, generate_key()
        self.keys = [Key(public_pem(self.key), 0, None, None, False)]
        create_log(folder, ORIGIN, self.key)  # type: ignore[arg-type]

    def publish(self, data: bytes) -> None:
        record = record_of(Path("x.approval.json"), data)
        append(self.folder, ORIGIN, self.keys, self.key, [record], lambda: NOW)  # type: ignore[arg-type]

    def refresh(self, store: FolderStore) -> int:
        return refresh(open_log(self.folder, ORIGIN, self.keys).sound(), store, self.trust)


@pytest.fixture
def folder(tmp_path: Path, trust: Trust) -> Folder:
    return Folder(tmp_path / "log", trust)


def test_rows_follow_the_log(folder: Folder, office: Any) -> None:
    store = FolderStore(folder.folder)
    folder.publish(office.approve("EXC-2026-0007", "sha256:" + "a" * 64, "waiver"))
    assert folder.refresh(store) == 1
    folder.publish(office.approve("EXC-2026-0008", "sha256:" + "b" * 64, "waiver"))
    assert [folder.refresh(store), folder.refresh(store)] == [1, 0]
    (row,) = store.search(Query(about="EXC-2026-0008", signer="head-of-model-risk")).rows
    assert (row.index, row.kind, row.allowed, row.digest[-1]) == (1, "approval", True, "b")
    store.close()


def test_rows_of_another_log_are_made_again(folder: Folder, office: Any) -> None:
    folder.publish(office.approve("EXC-2026-0007", "sha256:" + "a" * 64, "waiver"))
    store = FolderStore(folder.folder)
    for mark in (Mark(1, "00" * 32), Mark(9, "00" * 32)):
        store.forget()
        store.add((), mark)
        assert folder.refresh(store) == 1
        assert store.search(Query()).total == 1
    store.close()


def test_a_missing_record_has_a_row_without_words(folder: Folder, office: Any) -> None:
    data = office.approve("EXC-2026-0007", "sha256:" + "a" * 64, "waiver")
    folder.publish(data)
    (folder.folder / Record("approval", data).entry(0).path).unlink()
    store = FolderStore(folder.folder)
    folder.refresh(store)
    (row,) = store.search(Query()).rows
    assert (row.about, row.text, row.kind) == ("", "", "approval")
    store.close()
