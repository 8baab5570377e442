"""Scans for identifiers: what is found, what is not, where, and that no value leaks."""

from __future__ import annotations

import csv
import json
import random
from itertools import product
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from measure_support import CONTEXT, MAKERS, check, npi, pan

from hallgate.measure.pii import scan_pii
from hallgate.model.errors import InvalidDocument, UsageError


def scan(path: Path) -> dict[str, Any]:
    return scan_pii({path.name: path}, context=CONTEXT)


def hits(path: Path) -> dict[tuple[str, str], int]:
    result = check("pii_scan", scan(path))
    found = {(one["column"], one["kind"]): one["count"] for one in result["hits"]}
    assert sum(found.values()) == result["hits_total"]
    return found


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    if path.suffix == ".csv":
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        pl.DataFrame(rows).write_parquet(path)
    return path


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_every_kind_is_found_in_its_column(tmp_path: Path, suffix: str) -> None:
    r = random.Random(1)
    rows = [
        {
            "id": at,
            **{f"c_{kind}": f"x {make(r)} y" for kind, make in MAKERS},
            "note": 'a "b", c\nd',
        }
        for at in range(20)
    ]
    found = hits(write(tmp_path / f"data.{suffix}", rows))
    assert found == {(f"c_{kind}", kind): 20 for kind, _ in MAKERS}
    predicate = scan(tmp_path / f"data.{suffix}")
    assert predicate["result"]["rows"] == 20
    assert predicate["result"]["columns"] == 10


def test_adjacent_entities_never_hide_each_other(tmp_path: Path) -> None:
    r = random.Random(2)
    wanted = dict.fromkeys((kind for kind, _ in MAKERS), 0)
    lines = ["note"]
    pairs = list(product(MAKERS, MAKERS, [" ", "; ", " | ", "\t", " / "]))
    for at in range(20_000):
        (one, make_one), (other, make_other), between = pairs[at % len(pairs)]
        lines.append(f"{make_one(r)}{between}{make_other(r)}")
        wanted[one] += 1
        wanted[other] += 1
    path = tmp_path / "adjacent.csv"
    path.write_text("\n".join(lines) + "\n")
    found = {kind: count for (_, kind), count in hits(path).items()}
    assert {kind: found[kind] / wanted[kind] for kind in wanted if found[kind] < wanted[kind]} == {}
    assert sum(found.values()) <= 1.001 * sum(wanted.values())


def test_near_misses_are_not_counted(tmp_path: Path) -> None:
    misses = [
        "000-12-3456", "666-12-3456", "900-12-3456", "4111-1111-1111-1112", "user@localhost",
        "DE00370400440532013000", "123-456-7890", "300.1.2.3", "127.0.0.1", "12:30:45",
        "1234567890", "2026-01-01", "version 1.2.3", "std::vector", "0.4111111111111111",
    ]  # fmt: skip
    path = tmp_path / "near.csv"
    path.write_text("note\n" + "\n".join(misses) + "\n")
    assert hits(path) == {}


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_numeric_tables_do_not_drown_in_chance(tmp_path: Path, suffix: str) -> None:
    r = random.Random(3)
    rows = [
        {
            "id": r.randint(10**9, 10**10 - 1),
            "big": r.randint(10**15, 10**16 - 1),
            "share": r.random(),
            "card": int(pan(r)),
            "doctor": int(npi(r)),
        }
        for _ in range(5_000)
    ]
    path = write(tmp_path / f"numbers.{suffix}", rows)
    assert hits(path) == {("card", "pan"): 5_000, ("doctor", "npi"): 5_000}
    told = {one["name"]: one["value"] for one in scan(path)["source"]["parameters"]}
    assert "chance" in told["bare_digits"]
    assert any("id" in value for name, value in told.items() if name.startswith("set_aside_"))


def test_a_named_column_is_believed(tmp_path: Path) -> None:
    rows = [{"mrn": f"A{100000 + at}", "ssn": f"{219099999 - at}", "id": at} for at in range(50)]
    for suffix in ("csv", "parquet"):
        found = hits(write(tmp_path / f"named.{suffix}", rows))
        assert found == {("mrn", "mrn"): 50, ("ssn", "ssn"): 50}


def test_no_value_reaches_the_report(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("jane@example.com,219-09-9999\nx@example.com,b\n")
    predicate = scan(path)
    assert check("pii_scan", predicate)["rows"] == 2
    assert {one["column"] for one in predicate["result"]["hits"]} == {"(column 1)", "(column 2)"}
    keyed = tmp_path / "d.jsonl"
    keyed.write_text('{"jane@example.com": {"a": ["219-09-9999", "x\\u0040example.com"]}}\n')
    for told in (predicate, scan(keyed)):
        assert "example.com" not in json.dumps(told)
        assert "219-09" not in json.dumps(told)
    assert scan(keyed)["result"]["hits_total"] == 2


def test_quotes_newlines_and_delimiters(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_bytes(
        b'\xef\xbb\xbfa;"b ""x""";c\r\n1;"two\r\nlines; 219-09-9999";3\r\n4;5;"me@example.com"'
    )
    assert hits(path) == {('b "x"', "ssn"): 1, ("c", "email"): 1}
    assert scan(path)["result"]["rows"] == 2


def test_a_stray_quote_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text('a,b\n5" pipe,1\n' + "x,219-09-9999\n" * 3)
    predicate = scan(path)
    assert predicate["result"]["hits_total"] == 3
    assert predicate["result"]["rows"] == 4


def test_hits_cross_chunks_and_long_records(tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    body = "z" * 10_000_000
    path.write_text(f'{{"t": "{body} 219-09-9999"}}\n{{"t": "me@example.com"}}\n')
    assert hits(path) == {("t", "ssn"): 1, ("t", "email"): 1}
    many = tmp_path / "many.csv"
    many.write_text("n,t\n" + "".join(f"{at},me@example.com {'w' * 60}\n" for at in range(90_000)))
    assert hits(many) == {("t", "email"): 90_000}
    assert scan(many)["result"]["rows"] == 90_000


def test_uneven_rows_are_scanned_beyond_the_header(tmp_path: Path) -> None:
    path = tmp_path / "u.csv"
    path.write_text("a\n" + "1,me@example.com\n" * 300)
    assert hits(path) == {("(column 2)", "email"): 300}


def test_what_cannot_be_scanned_is_no_clean_scan(tmp_path: Path) -> None:
    wide = tmp_path / "w.csv"
    wide.write_bytes("a,b\n1,219-09-9999\n".encode("utf-16"))
    with pytest.raises(InvalidDocument, match="zero bytes"):
        scan(wide)
    fake = tmp_path / "f.parquet"
    fake.write_text("a,b\n")
    with pytest.raises(InvalidDocument, match="cannot be read"):
        scan(fake)
    with pytest.raises(UsageError, match="not a file"):
        scan(tmp_path / "none.csv")
    other = tmp_path / "x.xlsx"
    other.write_bytes(b"PK")
    with pytest.raises(UsageError, match="none of"):
        scan(other)
    for name in ("e.csv", "e.jsonl"):
        (tmp_path / name).write_bytes(b"")
        assert scan(tmp_path / name)["status"] == "not_run"
    assert scan_pii({}, context=CONTEXT)["status"] == "not_run"


def test_several_files_are_one_dataset(tmp_path: Path) -> None:
    r = random.Random(4)
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(f"t\n{MAKERS[0][1](r)}\n")
    files = {name: tmp_path / name for name in ("b.csv", "a.csv")}
    result = check("pii_scan", scan_pii(files, context=CONTEXT))
    assert [one["path"] for one in result["files"]] == ["a.csv", "b.csv"]
    assert result["dataset_digest"] not in {one["digest"] for one in result["files"]}
    assert result["rows"] == 2
