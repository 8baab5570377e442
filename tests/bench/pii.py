"""Identifiers in 100 MB of text: our scan against ripgrep, one core each."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import Any

from timing import CPU, Row, alternate, middle, ratio, say
from world import World, environment, expect

from hallgate.intake.rfc3339 import text as time_text
from hallgate.measure.context import Context
from hallgate.measure.pii import scan_pii
from hallgate.measure.pii_entities import CANDIDATE

SIZE = 100_000_000
_WHAT = "PII scan / ripgrep, CPU per byte"
_LIMIT = 1.25  # at least 0.8 times the speed of ripgrep
_EVERY = 1_000  # rows to one planted identifier, and to one near miss
_PLANTED = (
    ("ssn", "123-45-6789"), ("pan", "4111 1111 1111 1111"), ("iban", "DE89370400440532013000"),
    ("email", "ann.example@mail.example.org"), ("phone", "(415) 555-2671"),
    ("ip", "203.0.113.77"), ("mrn", "MRN: 00482913"), ("npi", "NPI 1234567893"),
)  # fmt: skip
_MISSES = (
    "000-45-6789", "4111 1111 1111 1112", "DE88370400440532013000", "ann.example at mail",
    "(115) 055-2671", "203.0.113.777", "MRM: 00482913", "version 1.2.3",
)  # fmt: skip
_WORDS = (
    "account opened after review of the annual statement", "customer asked about the new tariff",
    "delivery moved to the week after next", "limit raised by the branch",
    "no reply to two letters", "payment plan agreed for the open balance",
)  # fmt: skip


def measure(world: World) -> list[Row]:
    """One row; without ripgrep it says so."""
    program = shutil.which("rg")
    if program is None:
        note = "ripgrep is not installed (Debian: apt-get install ripgrep)"
        return [Row("pii", _WHAT, _LIMIT, CPU, None, note)]
    say(f"pii: {SIZE // 10**6} MB of CSV")
    path = world.folder / "text.csv"
    planted = _write(path)
    now = world.base.now
    context = Context(time_text(now - 3600), time_text(now + 86_400), "0.1.0")

    def ours() -> None:
        result: Any = scan_pii({"text.csv": path}, context=context)["result"]
        found = {hit["kind"]: hit["count"] for hit in result["hits"]}
        expect(found == planted, f"found {found}, planted {planted}")

    command = [program, "--no-config", "--threads", "1", "--text", "--no-unicode"]
    command += ["--count-matches", "--regexp", CANDIDATE, str(path)]

    def ripgrep() -> None:
        done = subprocess.run(command, capture_output=True, check=True, env=environment())
        expect(int(done.stdout) >= sum(planted.values()), "ripgrep finds what was planted")

    def hashing() -> None:
        with path.open("rb", buffering=0) as file:
            hashlib.file_digest(file, "sha256")

    samples = alternate({"ripgrep": ripgrep, "hallgate": ours, "sha256": hashing})
    scan = middle(samples["hallgate"], CPU) - middle(samples["sha256"], CPU)
    return [
        Row(
            "pii", _WHAT, _LIMIT, CPU, scan / middle(samples["ripgrep"], CPU),
            "same alternation; validates, counts by column; less SHA-256 (beside)", samples,
        ),
        Row(
            "pii-with-digest", "the same with the file's SHA-256 / ripgrep", None, CPU,
            ratio(samples, "hallgate", "ripgrep", CPU), "told, not judged", samples,
        ),
    ]  # fmt: skip


def _write(path: Path) -> dict[str, int]:
    """Rows of words, one in a thousand with an identifier and one with a near miss."""
    planted: dict[str, int] = {}
    plain = [_row(number, "nothing to report") for number in range(_EVERY - 2)]
    body = "".join(plain)
    written = number = 0
    with path.open("w", encoding="ascii", newline="") as file:
        written += file.write("row,segment,amount,region,note,remark\n")
        while written < SIZE:
            kind, entity = _PLANTED[number % len(_PLANTED)]
            miss = _MISSES[number % len(_MISSES)]
            planted[kind] = planted.get(kind, 0) + 1
            written += file.write(body)
            written += file.write(_row(number, f"see {entity} there") + _row(number, miss))
            number += 1
    return planted


def _row(number: int, remark: str) -> str:
    words = " ".join(_WORDS[(number + step) % len(_WORDS)] for step in range(3))
    region = ("north", "south", "east", "west")[number % 4]
    amount = f"{number * 37 % 90_000}.{number % 100:02d}"
    return f"{number % 997},retail,{amount},{region},{words},{remark}\n"
