"""What every store must do. An adapter for another store is added to STORES and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hallgate.model.errors import NotProven, StorageError
from hallgate.record.canonical import sha256_digest
from hallgate.record.store.folder import FolderStore
from hallgate.record.store.port import Mark, Payload, Query, Row, Store
from hallgate.record.store.sqlite import SqliteStore

STORES: dict[str, Callable[[Path], Store]] = {
    "folder": FolderStore,
    "sqlite": lambda folder: SqliteStore(folder / "store.sqlite"),
}
NAMED = "1790000000-credit-risk-aaaaaaaaaaaa.record.json"


@pytest.fixture(params=sorted(STORES))
def opened(request: Any, tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Opens the store; again for each call, as after a restart."""
    held: list[Store] = []

    def opening() -> Store:
        for one in held:
            one.close()
        held.append(STORES[request.param](tmp_path))
        return held[-1]

    yield opening
    for one in held:
        one.close()


@pytest.fixture
def store(opened: Callable[[], Store]) -> Store:
    return opened()


def payload(data: bytes, path: str | None = None) -> Payload:
    digest = sha256_digest(data)
    return Payload(path or f"blobs/sha256/{digest[7:]}", digest, data)


def row(index: int, **facts: Any) -> Row:
    data = {
        "index": index, "at": 1000 + index, "kind": "decision", "record": f"sha256:{index}",
        "path": f"{index}.record.json", "about": "credit-risk", "digest": "sha256:m",
        "stage": "production", "signer": "gate", "allowed": True,
        "verdicts": (("FAIR-001", "pass"), ("PRV-001", "pass")), "text": "nothing to see",
    }  # fmt: skip
    return Row(**{**data, **facts})


ROWS = (
    row(0),
    row(1, allowed=False, verdicts=(("FAIR-001", "fail"),), text="the rate of young people"),
    row(2, about="triage", digest="sha256:t", stage="staging", signer="other"),
    row(3, kind="evidence", stage=None, allowed=None, verdicts=(), text="Zürich, 10% of rows"),
    row(4, verdicts=(("FAIR-001", "waived"),), text='an owner said "yes" to young people'),
)


@pytest.fixture
def filled(store: Store) -> Store:
    store.add(ROWS, Mark(5, "ab"))
    return store


def test_bytes_come_back_also_after_a_restart(opened: Callable[[], Store]) -> None:
    many = [payload(b"%d" % number) for number in range(20)]
    opened().put([*many, payload(b"decision", NAMED)])
    again = opened()
    assert [again.get(one.path, one.digest) for one in many] == [one.data for one in many]
    assert again.get(NAMED, sha256_digest(b"decision")) == b"decision"
    assert again.has(NAMED)
    assert not again.has("blobs/sha256/00")


def test_the_same_again_is_no_error_and_another_is(store: Store) -> None:
    store.put([payload(b"decision", NAMED)])
    store.put([payload(b"decision", NAMED)])
    with pytest.raises(NotProven, match="another record has th"):
        store.put([payload(b"another", NAMED)])
    assert store.get(NAMED, sha256_digest(b"decision")) == b"decision"


def test_what_is_missing_or_of_another_digest_is_refused(store: Store) -> None:
    with pytest.raises(NotProven, match="missing"):
        store.get(NAMED, sha256_digest(b"decision"))
    store.put([payload(b"decision", NAMED)])
    with pytest.raises(NotProven, match="altered"):
        store.get(NAMED, sha256_digest(b"other"))


def test_rows_come_back_as_they_were_also_after_a_restart(opened: Callable[[], Store]) -> None:
    opened().add(ROWS, Mark(5, "ab"))
    again = opened()
    found = again.search(Query())
    assert (found.rows, found.total, again.mark()) == (ROWS, 5, Mark(5, "ab"))


def test_rows_and_mark_are_added_all_or_nothing(filled: Store) -> None:
    with pytest.raises(StorageError):
        filled.add([row(5), row(5)], Mark(7, "cd"))
    assert filled.search(Query()).total == 5
    assert filled.mark() == Mark(5, "ab")


@pytest.mark.parametrize(
    ("query", "indexes"),
    [
        (Query(), [0, 1, 2, 3, 4]),
        (Query(about="triage"), [2]),
        (Query(digest="sha256:t"), [2]),
        (Query(kind="evidence"), [3]),
        (Query(signer="other"), [2]),
        (Query(stage="staging"), [2]),
        (Query(allowed=False), [1]),
        (Query(policies=("FAIR-001",)), [0, 1, 2, 4]),
        (Query(policies=("FAIR-001",), outcome="waived"), [4]),
        (Query(policies=("NONE-001",)), []),
        (Query(policies=()), []),
        (Query(outcome="fail"), [1]),
        (Query(since=1003), [3, 4]),
        (Query(until=1001), [0]),
        (Query(since=1001, until=1003), [1, 2]),
        (Query(text="young people"), [1, 4]),
        (Query(text="people YOUNG rate"), [1]),
        (Query(text="zürich"), [3]),
        (Query(text='"yes'), [4]),
        (Query(text="* OR NEAR("), []),
        (Query(text="   "), []),
        (Query(text="young", allowed=True), [4]),
    ],
)
def test_search(filled: Store, query: Query, indexes: list[int]) -> None:
    found = filled.search(query)
    assert [one.index for one in found.rows] == indexes
    assert found.total == len(indexes)


def test_a_limit_says_how_many_there_are(filled: Store) -> None:
    found = filled.search(Query(limit=2))
    assert ([one.index for one in found.rows], found.total) == ([0, 1], 5)


def test_erased_is_gone_for_good_and_the_row_stays(filled: Store, tmp_path: Path) -> None:
    secret = b"Zebulon Quince, born 1971"
    filled.put([payload(secret, "5.record.json")])
    filled.add([row(5, text=secret.decode())], Mark(6, "cd"))
    assert filled.search(Query(text="zebulon")).total == 1
    filled.erase(["5.record.json"])
    filled.erase(["5.record.json"])
    assert not filled.has("5.record.json")
    assert filled.search(Query(text="zebulon")).total == 0
    assert filled.search(Query()).rows[5] == row(5, text="")
    assert filled.search(Query(text="young")).total == 2
    filled.close()
    kept = b"".join(one.read_bytes() for one in tmp_path.rglob("*") if one.is_file())
    assert b"zebulon" not in kept.lower()


def test_forgotten_rows_can_be_added_again(filled: Store) -> None:
    filled.forget()
    assert (filled.search(Query()).total, filled.mark()) == (0, Mark(0, ""))
    assert filled.search(Query(text="young")).total == 0
    filled.add(ROWS, Mark(5, "ab"))
    assert filled.search(Query(text="young")).total == 2
